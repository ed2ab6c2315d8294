/**
 * `nlink watch --nsids` with a subscriber that the test holds, and its lines. What it shares with
 * names: watch.test.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../../../../src/cli/output/color.ts';
import { safeJson } from '../../../../src/format/escape.ts';
import { nsidLine, nsidRecordOf } from '../../../../src/cli/commands/watch/nsid-lines.ts';
import type { NsidOutputEvent } from '../../../../src/cli/commands/watch/nsid-lines.ts';
import { run } from '../../../../src/cli/run.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';

const time = '03:04:05.006';
const turn = (): Promise<void> => new Promise(setImmediate);

/** One of everything. */
const everything: readonly NsidOutputEvent[] = [
  { type: 'present', nsid: 0 },
  { type: 'newNsid', nsid: 2147483647 },
  { type: 'newNsid', nsid: 5, pid: 1234, fd: 7, origin: 3 },
  { type: 'delNsid', nsid: 5 },
  { type: 'delNsid', nsid: 5, origin: 0 },
  { type: 'resynced', reason: 'overflow', complete: true },
  { type: 'resynced', reason: 'malformed', complete: false },
];

/** Runs the command until it waits for events. */
async function start(io: FakeIo, ...words: string[]): Promise<{ status: Promise<number> }> {
  const status = run(['watch', '--nsids', ...words], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  await turn();
  return { status };
}

test('lines for a person', () => {
  assert.deepEqual(
    everything.map((told) => nsidLine(told, time, painter(false))),
    [
      '03:04:05.006  present    nsid 0',
      '03:04:05.006  newNsid    nsid 2147483647',
      '03:04:05.006  newNsid    nsid 5           pid 1234  fd 7  in the namespace of nsid 3',
      '03:04:05.006  delNsid    nsid 5',
      '03:04:05.006  delNsid    nsid 5           in the namespace of nsid 0',
      '03:04:05.006  resynced   events were lost (overflow); the differences are above',
      '03:04:05.006  resynced   events were lost (malformed); the differences are above; there may be more nsids: the kernel did not list them all',
    ],
  );
  for (const told of everything) {
    const coloured = nsidLine(told, time, painter(true));
    assert.ok(coloured.includes('\x1b['));
    assert.equal(stripVTControlCharacters(coloured), nsidLine(told, time, painter(false)));
  }
});

test('lines for a program: docs/command/watch.md promises these fields in this order', () => {
  const at = '2026-01-02T03:04:05.006Z';
  const head = (type: string): string => `{"type":"${type}","time":"2026-01-02T03:04:05.006Z"`;
  assert.deepEqual(
    everything.map((told) => safeJson(nsidRecordOf(told, at))),
    [
      `${head('present')},"nsid":0}`,
      `${head('newNsid')},"nsid":2147483647}`,
      `${head('newNsid')},"nsid":5,"pid":1234,"fd":7,"origin":3}`,
      `${head('delNsid')},"nsid":5}`,
      `${head('delNsid')},"nsid":5,"origin":0}`,
      `${head('resynced')},"reason":"overflow","complete":true}`,
      `${head('resynced')},"reason":"malformed","complete":false}`,
    ],
  );
});

test('what is there, then what happens, until it is interrupted', async () => {
  const io = new FakeIo();
  io.subscriber.present = [0, 7];
  const { status } = await start(io);
  io.subscriber.push({ type: 'newNsid', nsid: 1 }, { type: 'delNsid', nsid: 7 });
  await turn();
  io.interrupt();
  assert.equal(await within('the end', status), 0);
  assert.deepEqual(io.stdout.lines, [
    '03:04:05.006  present    nsid 0',
    '03:04:05.006  present    nsid 7',
    '03:04:05.006  newNsid    nsid 1',
    '03:04:05.006  delNsid    nsid 7',
  ]);
  assert.equal(io.stderr.text, '');
  assert.deepEqual([io.subscriber.stops > 0, io.listening], [true, 0]);
  // Names are not watched.
  assert.deepEqual([io.subscribed, io.options], [{ allNamespaces: false }, null]);
});

test('--no-snapshot, --events, --all-namespaces, --json', async () => {
  const io = new FakeIo();
  io.subscriber.present = [0];
  const words = ['--json', '--no-snapshot', '--events', 'delNsid', '--all-namespaces'];
  const { status } = await start(io, ...words);
  io.subscriber.push({ type: 'newNsid', nsid: 1 }, { type: 'delNsid', nsid: 1, origin: 0 });
  await turn();
  io.interrupt();
  assert.equal(await status, 0);
  assert.deepEqual(
    io.stdout.lines.map((line) => JSON.parse(line)),
    [{ type: 'delNsid', time: io.now().toISOString(), nsid: 1, origin: 0 }],
  );
  assert.deepEqual(io.subscribed, { allNamespaces: true });
});

test('none yet, and a list that is not complete: said on stderr', async () => {
  const io = new FakeIo();
  io.subscriber.complete = false;
  const { status } = await start(io);
  io.interrupt();
  assert.equal(await status, 0);
  assert.deepEqual(io.stderr.lines, [
    'nlink: no nsids are assigned yet; waiting for the first',
    'nlink: there may be more nsids than these: the kernel did not list them all',
  ]);
  assert.equal(io.stdout.text, '');
});

test('without the right to listen to all namespaces: 3, and which it is', async () => {
  const io = Object.assign(new FakeIo(), {
    subscribe: () => Promise.reject(systemError(1, 'setsockopt', undefined, 'this needs CAP_NET_BROADCAST')),
  });
  assert.equal(await run(['watch', '--nsids', '--all-namespaces'], io), 3);
  assert.match(io.stderr.text, /^nlink: EPERM: setsockopt: this needs CAP_NET_BROADCAST\n/);
  assert.equal(io.listening, 0);
});
