/** The program as a process: a full disk, a closed pipe, servers that are not there. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { within } from '../../../../test/support/wait.ts';
import { main, outcome } from './support/program.ts';

test('--version', async () => {
  const { version } = JSON.parse(
    readFileSync(new URL('../../../../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  assert.deepEqual(outcome('--version'), [`nlink-fleet ${version}\n`, '', 0]);
});

test('a full disk: said on stderr, 1', () => {
  const full = openSync('/dev/full', 'w');
  const { stderr, status } = spawnSync(process.execPath, [main, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.deepEqual(
    [stderr, status],
    ['nlink-fleet: writing to stdout: ENOSPC: no space left on device, write\n', 1],
  );
});

test('a reader that is slow gets all of it: the end waits for what is printed', async () => {
  const keys = Array.from({ length: 3000 }, (_, at) => `k${at}`);
  const child = spawn(process.execPath, [main, 'permissions', ...keys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // The pipe is full now; the program ends by force a second after it is done.
  await within('the first of it', once(child.stdout, 'readable'));
  await setTimeout(1500);
  let text = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
  assert.ok(text.length > 500_000 && text.includes('nlink.head.k2999'), `${text.length} characters`);
});

test('nobody reads stdout, or stderr: no stack', async () => {
  for (const [words, closed, expected] of [
    ['--help', 'stdout', 0],
    ['--x', 'stderr', 2],
  ] as const) {
    const shell = `exec ${closed === 'stdout' ? '' : '2'}> >(:); wait $!; exec "$0" "$@"`;
    const child = spawn('bash', ['-c', shell, process.execPath, main, words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    const [status] = (await within('the end', once(child, 'close'))) as [number];
    assert.deepEqual([status, text], [expected, '']);
  }
});

test('nothing is there: what and where, 1', () => {
  for (const [words, message] of [
    [
      ['list', '--server', 'nats://127.0.0.1:1'],
      /^nlink-fleet: nats:\/\/127\.0\.0\.1:1: no NATS server was reached/,
    ],
    [
      ['watch', '--server', 'nats://127.0.0.1:1'],
      /^nlink-fleet: nats:\/\/127\.0\.0\.1:1: no NATS server was reached/,
    ],
    [
      ['init', '--server', 'nats://127.0.0.1:1'],
      /^nlink-fleet: nats:\/\/127\.0\.0\.1:1: no NATS server was reached/,
    ],
    [
      ['list', '--hosts', '/nonexistent'],
      /^nlink-fleet: ENOENT: no such file or directory, open '\/nonexistent'\n$/,
    ],
  ] as const) {
    const [stdout, stderr, status] = outcome(...words);
    assert.match(stderr, message);
    assert.deepEqual([stdout, status], ['', 1]);
  }
});
