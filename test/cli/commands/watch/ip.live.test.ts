/**
 * `nlink watch --format ip` beside the real `ip netns monitor`, and the limits of a watch on real
 * namespaces.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { freshRun } from '../../../support/netns.ts';
import { ip } from '../../../support/sigstop.ts';
import { waitFor } from '../../../support/wait.ts';
import { outcomeOf, programOf, startWatch } from '../../support/program.ts';

test('the same lines as ip netns monitor, at once', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  await ip('netns', 'add', 'old');
  // It keeps its lines back where its output is no terminal; this makes it write each.
  const monitor = spawn('sh', ['-c', 'exec stdbuf -oL ip netns monitor'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const theirs = programOf(t, monitor);
  await waitFor('ip to watch', () => watches(monitor.pid as number));
  const program = startWatch(t, '--format', 'ip', '--snapshot');
  const expected = [
    'add blue',
    'add my net',
    'add ü',
    'delete blue',
    'add blue',
    'delete my net',
    'delete old',
  ];
  assert.equal(await program.stdout.next(), 'add old');
  for (const line of expected) {
    const [verb, name] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    await ip('netns', verb === 'add' ? 'add' : 'del', name);
    assert.equal(await program.stdout.next(), line);
    assert.equal(await theirs.stdout.next(), line);
  }
  program.child.kill('SIGTERM');
  assert.deepEqual(await outcomeOf(program), { status: 0, stdout: [], stderr: [] });
});

test('--count, --for and a pattern', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  const program = startWatch(t, 'w*', '--count', '2', '--time', 'none', '--for', '1h');
  await program.stderr.next();
  for (const name of ['web', 'db']) await ip('netns', 'add', name);
  await ip('netns', 'del', 'web');
  const { status, stdout } = await outcomeOf(program);
  assert.equal(status, 0);
  assert.deepEqual(
    stdout.map((line) => line.split(/ +/).slice(0, 2)),
    [
      ['created', 'web'],
      ['deleted', 'web'],
    ],
  );
  const ended = await outcomeOf(startWatch(t, '--for', '50ms'));
  assert.equal(ended.status, 0);
  assert.equal(ended.stdout.length, 1);
  const short = await outcomeOf(startWatch(t, '--for', '50ms', '--count', '1'));
  assert.equal(short.status, 124);
});

/** Whether a process has an inotify watch. */
function watches(pid: number): boolean {
  const directory = `/proc/${pid}/fdinfo`;
  return readdirSync(directory).some((fd) => {
    try {
      return readFileSync(`${directory}/${fd}`, 'utf8').includes('inotify wd:');
    } catch {
      return false;
    }
  });
}
