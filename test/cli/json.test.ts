/** Lines for a program: docs/command.md promises these fields in this order. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { jsonLine } from '../../src/cli/json.ts';
import { decodeName } from '../../src/reference/names.ts';
import { created, everything } from './lines.ts';

const time = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 6));

const head = (type: string): string => `{"type":"${type}","time":"2026-01-02T03:04:05.006Z"`;
const named = (name: string): string => `"name":"${name}","path":"/run/netns/${name}"`;
const namespace = (id: string): string =>
  `"namespace":{"id":${id},"dev":"4","ino":"4026532178","since":"1732370400123456789"}}`;

test('one of everything', () => {
  const known = namespace('"9007199254740993"');
  assert.deepEqual(
    everything.map((told) => jsonLine(told, time)),
    [
      `${head('present')},${named('old')},"ready":true,${namespace('null')}`,
      `${head('present')},${named('stale')},"ready":false,"reason":"not-a-namespace","namespace":null}`,
      `${head('created')},${named('blue')},"ready":true,${known}`,
      `${head('created')},${named('late')},"ready":false,"reason":"timeout","namespace":null}`,
      `${head('mounted')},${named('late')},${known}`,
      `${head('unmounted')},${named('late')}}`,
      `${head('deleted')},${named('late')},"namespace":null}`,
      `${head('deleted')},${named('my net')},${known}`,
      `${head('directoryDeleted')},"path":"/run/netns"}`,
      `${head('directoryCreated')},"path":"/run/net\\nns"}`,
      `${head('resynced')},"reason":"overflow"}`,
    ],
  );
});

test('a name that is not UTF-8 comes with its bytes, any other without', () => {
  const line = JSON.parse(jsonLine(created(decodeName(Buffer.from([0x61, 0xff, 0xc3, 0xbc]))), time));
  assert.deepEqual(Object.keys(line), ['type', 'time', 'name', 'rawName', 'path', 'ready', 'namespace']);
  assert.equal(line.rawName, '61ffc3bc');
  assert.equal(line.name, 'a\udcffü');
  for (const name of ['plain', 'ü', '\n\x1b', '\ufffd', '𝄞']) {
    assert.equal(JSON.parse(jsonLine(created(name), time)).rawName, undefined);
  }
});

test('one line of harmless characters, whatever the name', () => {
  const line = jsonLine(created('a\nb\x1b[2J\u009b\u2028\u202e'), time);
  assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u);
  assert.equal(JSON.parse(line).name, 'a\nb\x1b[2J\u009b\u2028\u202e');
});
