/** `nlink exec --all` on real namespaces: each in turn, whatever fails, until the user ends it. */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { overlay } from '../support/etc.ts';
import { within } from '../support/wait.ts';
import { host, nlink, run, waiting } from './exec-host.ts';
import { main, outcomeOf, programOf } from './program.ts';
import type { Program } from './program.ts';

test('--all: the same output as of ip, in each; streams of the program', (t) => {
  host(t);
  overlay('red', 'resolv.conf', 'of red\n');
  const words = [
    'sh',
    '-c',
    'readlink /proc/self/ns/net; cat /etc/resolv.conf; ls /sys/class/net; cat; exit "$0"',
    '0',
  ];
  const byIp = spawnSync('ip', ['-all', 'netns', 'exec', ...words], { encoding: 'utf8', input: '' });
  const byUs = spawnSync(process.execPath, [main, 'exec', '--all', ...words], {
    encoding: 'utf8',
    input: '',
  });
  const parts = (text: string): string[] => text.split('\nnetns: ').sort();
  assert.equal(parts(byUs.stdout).length, 3);
  assert.deepEqual(parts(byUs.stdout), parts(byIp.stdout));
  assert.deepEqual([byUs.stderr, byUs.status, byIp.status], ['', 0, 0]);
  const flags = run(
    'nlink',
    ['--all', 'grep', '-h', 'flags', '/proc/self/fdinfo/0', '/proc/self/fdinfo/1'],
    'true | "$@" | cat',
  );
  assert.equal(flags.stdout.replaceAll(/\nnetns: .*\n/g, ''), 'flags:\t00\nflags:\t01\n'.repeat(2));
});

test('--all: goes on after a failure, says which, ends with 1', async (t) => {
  host(t);
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  const script = 'if ip link show of-blue >/dev/null 2>&1; then exit 3; fi';
  const { status, stdout, stderr } = await nlink(t, '--all', '--', 'sh', '-c', script);
  assert.deepEqual([status, stdout], [1, ['', 'netns: blue', '', 'netns: red']]);
  assert.deepEqual(stderr, [
    'nlink: blue: ended with 3',
    'nlink: stale: nothing was run: a file on which no namespace is mounted',
  ]);
  assert.equal((await nlink(t, '--all', 'nlink-no-such')).status, 1);
});

/** Starts `nlink exec --all` as a shell with job control does: in a group of its own. */
async function startGroup(t: TestContext, ...words: string[]): Promise<Program & { program: number }> {
  const line = [main, 'exec', '--all', '--', ...words];
  const child = programOf(
    t,
    spawn(process.execPath, line, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  assert.deepEqual([await child.stdout.next(), await child.stdout.next()], ['', 'netns: blue']);
  return { ...child, program: Number(await child.stdout.next()) };
}

test('--all: Ctrl-C ends the whole, after the program that runs', async (t) => {
  host(t);
  for (const status of [0, 9]) {
    const { child, ...program } = await startGroup(t, ...waiting('SIGINT', status));
    process.kill(-(child.pid as number), 'SIGINT');
    const outcome = await outcomeOf({ child, ...program });
    assert.deepEqual([outcome.status, outcome.stdout, outcome.stderr], ['SIGINT', ['got SIGINT'], []]);
  }
});

test('--all: SIGTERM and SIGHUP reach the program, and end the whole', async (t) => {
  host(t);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const { child, ...program } = await startGroup(t, ...waiting(signal));
    child.kill(signal);
    const outcome = await outcomeOf({ child, ...program });
    assert.deepEqual([outcome.status, outcome.stdout, outcome.stderr], [signal, [`got ${signal}`], []]);
  }
});

test('--all: a program that is killed is no reason to end', async (t) => {
  host(t);
  const { child, program, ...rest } = await startGroup(
    t,
    'sh',
    '-c',
    'echo $$; ip link show of-blue >/dev/null 2>&1 && exec sleep 1000',
  );
  process.kill(program, 'SIGTERM');
  assert.equal(await rest.stderr.next(), 'nlink: blue: ended by SIGTERM');
  assert.deepEqual((await rest.stdout.rest()).slice(0, 2), ['', 'netns: red']);
  assert.equal(await within('the end', rest.ended), 1);
  assert.ok(child.pid !== program);
});

test('--all: nobody reads any more: what that ends is no failure, and nothing else is run', async (t) => {
  host(t);
  const { child, stderr, ended } = await startGroup(t, 'sh', '-c', 'echo $$; exec yes 2>/dev/null');
  child.stdout.destroy();
  assert.deepEqual([await within('the end', ended), await stderr.rest()], [0, []]);
});
