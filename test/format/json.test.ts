/** Lines for a program: docs/command/watch.md promises these fields in this order. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { safeJson } from '../../src/format/escape.ts';
import { recordOf } from '../../src/format/event-json.ts';
import type { OutputEvent } from '../../src/format/output-event.ts';
import { decodeName } from '../../src/reference/names.ts';
import { at, created, DIRECTORY, everything, OTHER, unavailable } from '../cli/support/lines.ts';

const time = '2026-01-02T03:04:05.006Z';
const jsonLine = (told: OutputEvent): string => safeJson(recordOf(told, time));

const head = (type: string): string => `{"type":"${type}","time":"2026-01-02T03:04:05.006Z"`;
const located = (name: string, directory = DIRECTORY): string =>
  `"name":"${name}","path":"${directory}/${name}","directory":"${directory}"`;
const older = '"namespace":{"id":null,"dev":"4","ino":"4026532178","since":"1732370400123456789"}';
const known = older.replace('null', '"9007199254740993"');

test('one of everything', () => {
  assert.deepEqual(
    [...everything, unavailable].map((told) => jsonLine(told)),
    [
      `${head('present')},${located('old')},"ready":true,"nsid":null,"own":false,${older}}`,
      `${head('present')},${located('self')},"ready":true,"nsid":3,"own":true,${known}}`,
      `${head('present')},${located('stale')},"ready":false,"reason":"not-a-namespace","nsid":null,"own":false,"namespace":null}`,
      `${head('present')},"name":null,"nsid":2147483647,"own":false,"namespace":null}`,
      `${head('created')},${located('blue')},"ready":true,"nsid":null,${known}}`,
      `${head('created')},${located('alias', OTHER)},"ready":true,"nsid":7,${known}}`,
      `${head('created')},${located('late')},"ready":false,"reason":"timeout","nsid":null,"namespace":null}`,
      `${head('mounted')},${located('late')},"nsid":0,${known}}`,
      `${head('unmounted')},${located('late')},"nsid":0,"alive":false,${known}}`,
      `${head('unmounted')},${located('late')},"nsid":null,"alive":null,${older}}`,
      `${head('deleted')},${located('late')},"nsid":null,"alive":null,"namespace":null}`,
      `${head('deleted')},${located('my net')},"nsid":null,"alive":null,${known}}`,
      `${head('deleted')},${located('-')},"nsid":7,"alive":true,${known}}`,
      `${head('deleted')},${located('blue')},"nsid":7,"alive":false,${older}}`,
      `${head('nsidAssigned')},"nsid":7,${known},"names":[{${located('blue')}},{${located('alias', OTHER)}}]}`,
      `${head('nsidAssigned')},"nsid":8,"namespace":null,"names":[]}`,
      `${head('destroyed')},"nsid":7,${known},"names":[{${located('blue')}}]}`,
      `${head('destroyed')},"nsid":8,"namespace":null,"names":[]}`,
      `${head('directoryDeleted')},"path":"/run/netns"}`,
      `${head('directoryCreated')},"path":"/run/net\\nns"}`,
      `${head('resynced')},"lost":["names"],"complete":true}`,
      `${head('resynced')},"lost":["names","nsids"],"complete":false}`,
      `${head('nsidsUnavailable')},"reason":"ERR_NLINK_NETLINK_UNAVAILABLE","message":"netlink sockets are forbidden"}`,
    ],
  );
});

test('a name that is not UTF-8 comes with its bytes, any other without', () => {
  const line = JSON.parse(jsonLine(created(decodeName(Buffer.from([0x61, 0xff, 0xc3, 0xbc])))));
  const fields = ['type', 'time', 'name', 'rawName', 'path', 'directory', 'ready', 'nsid', 'namespace'];
  assert.deepEqual(Object.keys(line), fields);
  assert.equal(line.rawName, '61ffc3bc');
  assert.equal(line.name, 'a\udcffü');
  const names = [at('caf\udce9')];
  const destroyed = JSON.parse(jsonLine({ type: 'destroyed', nsid: 1, namespace: null, names }));
  assert.equal(destroyed.names[0].rawName, '636166e9');
  for (const name of ['plain', 'ü', '\n\x1b', '\ufffd', '𝄞']) {
    assert.equal(JSON.parse(jsonLine(created(name))).rawName, undefined);
  }
});

test('one line of harmless characters, whatever the name', () => {
  const line = jsonLine(created('a\nb\x1b[2J\u009b\u2028\u202e'));
  assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
  assert.equal(JSON.parse(line).name, 'a\nb\x1b[2J\u009b\u2028\u202e');
});
