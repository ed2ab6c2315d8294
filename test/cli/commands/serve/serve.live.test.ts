/** `nlink serve` as a program of its own. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { EventClient } from '../../../serve/support/served.ts';
import { StreamReader } from '../../../serve/support/stream-reader.ts';
import { checked } from '../../../serve/metrics/support/checked.ts';
import type { Read } from '../../../serve/metrics/support/checked.ts';
import { freshRun, ip } from '../../../support/netns.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { main, start } from '../../support/program.ts';

const portOf = (line: string): number => Number(/^listening on http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1]);

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`it serves until ${signal}, and tells those who follow`, async (t) => {
    freshRun(t);
    ip('netns', 'add', 'blue');
    const program = start(t, 'serve', '--listen', '127.0.0.1:0');
    const port = portOf(await program.stdout.next());
    const client = new EventClient(port, new StreamReader());
    await client.connect();
    await waitFor('a snapshot', () => client.reader.snapshots === 1);
    program.child.kill(signal);
    await client.ended;
    assert.equal(client.reader.last, 'end');
    assert.equal(await program.ended, 0);
  });

test('an address for others without a token, and one that is taken, end it at once', async (t) => {
  freshRun(t);
  const open = start(t, 'serve', '--listen', '0.0.0.0:0');
  assert.match(
    await open.stderr.next(),
    /^nlink: 0\.0\.0\.0 can be reached from other machines: give a token/,
  );
  assert.ok([1, 2].includes(Number(await open.ended)));
  const first = start(t, 'serve', '--listen', '127.0.0.1:0');
  const port = portOf(await first.stdout.next());
  const second = start(t, 'serve', '--listen', `127.0.0.1:${port}`);
  assert.match((await second.stderr.rest()).join('\n'), /EADDRINUSE|in use/);
  assert.equal(await second.ended, 1);
});

// It would else go on where nobody knows.
test('what cannot say where it listens ends', async (t) => {
  freshRun(t);
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [main, 'serve', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', full, 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  closeSync(full);
  const stderr = text(child.stderr as Readable);
  assert.deepEqual(await within('its end', once(child, 'exit')), [1, null]);
  assert.match(await stderr, /writing to stdout: ENOSPC/);
});

test('with a token file it listens for others, and says nothing of it', async (t) => {
  freshRun(t);
  writeFileSync('/run/token', 'a-token-of-sixteen-or-more\n');
  const program = start(t, 'serve', '--listen', '0.0.0.0:0', '--token-file', '/run/token');
  const line = await program.stdout.next();
  const port = Number(/^listening on http:\/\/0\.0\.0\.0:(\d+)$/.exec(line)?.[1]);
  const ask = (authorization: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/v1/links`, { headers: { authorization } });
  assert.equal((await ask('')).status, 401);
  assert.equal((await ask('Bearer a-token-of-sixteen-or-more')).status, 200);
  program.child.kill('SIGTERM');
  assert.doesNotMatch((await program.stderr.rest()).join('\n'), /sixteen/);
  assert.equal(await program.ended, 0);
});

test('metrics of what was asked for by options', async (t) => {
  freshRun(t);
  for (const name of ['web1', 'web2', 'db']) ip('netns', 'add', name);
  ip('-n', 'web1', 'link', 'add', 'br0', 'type', 'bridge');
  const scraped = async (...options: string[]): Promise<Read> => {
    const program = start(t, 'serve', '--listen', '127.0.0.1:0', ...options);
    const port = portOf(await program.stdout.next());
    const read = checked(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), 'text');
    program.child.kill('SIGTERM');
    await program.ended;
    return read;
  };
  const devices = ({ series }: Read): string[] =>
    (series.get('nlink_network_up') ?? []).map(({ netns, device }) => `${netns} ${device}`);
  const some = await scraped('--include', 'web*', '--exclude', '*2', '--exclude', 'device:l?');
  assert.deepEqual(devices(some), ['web1 br0']);
  assert.equal(some.series.has('nlink_network_receive_fifo_total'), false);
  assert.match(some.series.get('nlink_build_info')?.[0]?.['version'] ?? '', /^\d+\.\d+\.\d+/);
  const all = await scraped('--all-metrics', '--include', 'device:lo', '--include', 'db');
  assert.deepEqual(devices(all), ['db lo']);
  const labels = '{netns="db",device="lo"}';
  for (const stem of ['receive_fifo', 'receive_frame', 'receive_nohandler', 'transmit_carrier'])
    assert.equal(all.values.get(`nlink_network_${stem}_total${labels}`), 0, stem);
});
