/**
 * What the commands count where not all processes are seen: in a PID namespace of their own, with
 * hidepid, and by the host's procfs.
 */
import '../../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { processesByNamespace } from '../../../../src/netns/processes/processes-by-namespace.ts';
import { ip, spawnHolder } from '../../../support/netns.ts';
import { ordinaryCommand } from '../../../support/ordinary.ts';
import { within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, start } from '../../support/program.ts';
import type { Outcome } from '../../support/program.ts';

const HOST_PROC = '/run/host/proc';
const thread = new URL('../../../netns/fixtures/thread.js', import.meta.url);
const skip =
  spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0
    ? false
    : '/proc cannot be mounted here once more';

/** Two names, `pod` with two processes; and the procfs that shows them, at another place. */
async function pods(t: TestContext): Promise<string[]> {
  await freshHost(t, 'pod', 'idle');
  const holders = [await spawnHolder(t, '/run/netns/pod'), await spawnHolder(t, '/run/netns/pod')];
  mkdirSync(HOST_PROC, { recursive: true });
  execFileSync('mount', ['--rbind', '/proc', HOST_PROC]);
  return holders.map(({ pid }) => String(pid)).sort((a, b) => Number(a) - Number(b));
}

/** Runs a command in a PID namespace of its own, with a /proc of that. */
const apart = (t: TestContext, options: string, command: readonly string[]): Promise<Outcome> => {
  const inside = 'mount -t proc -o "$1" proc /proc && shift && "$@"; exit $?';
  const words = ['--pid', '--fork', '--kill-child', '--mount', 'sh', '-c', inside, 'sh', options, ...command];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return outcomeOf(programOf(t, child));
};
const nlinkApart = (t: TestContext, ...words: string[]): Promise<Outcome> =>
  apart(t, 'rw', [process.execPath, main, ...words]);

const lastOf = (lines: readonly string[]): string[] =>
  lines.slice(1).map(
    (line) =>
      line
        .replace(/ *\(.*\)$/, '')
        .split(/ +/)
        .at(-1) as string,
  );

const countsOf = ({ stdout }: Outcome): unknown[] =>
  (JSON.parse(stdout.join('')) as { name: string; processes: unknown; processesComplete: unknown }[]).map(
    ({ name, processes, processesComplete }) => [name, processes, processesComplete],
  );

test(
  'a PID namespace of its own: none seen is not none, and nothing is said of it where nobody asked',
  { skip },
  async (t) => {
    await pods(t);
    const listed = await nlinkApart(t, 'list');
    assert.deepEqual([lastOf(listed.stdout), listed.stderr, listed.status], [['0+', '0+'], [], 0]);
    assert.deepEqual(countsOf(await nlinkApart(t, 'list', '--json')), [
      ['pod', null, false],
      ['idle', null, false],
    ]);
    const outside =
      /processes outside the PID namespace of \/proc are not visible, unless --proc names the host's/;
    for (const words of [
      ['pids', 'pod'],
      ['list', '-v'],
    ]) {
      const { stderr } = await nlinkApart(t, ...words);
      assert.equal(stderr.length, 1, words.join(' '));
      assert.match(stderr[0] ?? '', outside);
      assert.deepEqual((await nlinkApart(t, ...words, '--quiet')).stderr, []);
    }
  },
);

test("there, with --proc and the host's procfs: the numbers of the host", { skip }, async (t) => {
  const pids = await pods(t);
  ip('netns', 'set', 'pod', '7');
  // Wherever the tests themselves run.
  const { complete } = await processesByNamespace();
  const listed = await nlinkApart(t, 'list', '--proc', HOST_PROC);
  assert.deepEqual(lastOf(listed.stdout), complete ? ['2', '0'] : ['2+', '0+']);
  assert.deepEqual(countsOf(await nlinkApart(t, 'list', '--json', '--proc', `${HOST_PROC}/`)), [
    ['pod', 2, complete],
    ['idle', complete ? 0 : null, complete],
  ]);
  assert.deepEqual((await nlinkApart(t, 'pids', 'pod', '--proc', HOST_PROC)).stdout, pids);
  assert.deepEqual((await nlinkApart(t, 'pids', 'pod', '--json', '--proc', HOST_PROC)).stdout, [
    JSON.stringify(pids.map((pid) => ({ pid: Number(pid), comm: commOf(pid) }))),
  ]);
  // By its path in that procfs, and never by a number that is another process's here.
  const { stdout } = await nlinkApart(t, 'identify', '-l', pids[0] as string, '--proc', HOST_PROC);
  assert.match(stdout.join('\n'), /^pod  net:\[\d+\](  id \d+)?  nsid 7$/);
  // One that has lost its name is found by a process in it.
  ip('netns', 'del', 'pod');
  const { stdout: rows } = await nlinkApart(t, 'list', '--proc', HOST_PROC);
  assert.match(rows.at(-1) ?? '', /^- +7  net:\[\d+\] .* 2\+?$/);
});

const commOf = (pid: string): string =>
  execFileSync('ps', ['-o', 'comm=', '-p', pid], { encoding: 'utf8' }).trim();

test("why a name is not ready: by the host's procfs, where one's own cannot tell", { skip }, async (t) => {
  await pods(t);
  execFileSync('touch', ['/run/netns/far']);
  const script = 'unshare --net=/run/netns/far true && echo mounted && exec cat';
  const words = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script];
  const holder = spawn('setpriv', ['--pdeathsig', 'KILL', ...words]);
  const exited = once(holder, 'exit');
  t.after(async () => {
    holder.stdin.end();
    await within('the end of the holder', exited);
  });
  await within('the mount', once(holder.stdout, 'data'));
  const told = async (...words: string[]): Promise<string> => {
    const { stdout, stderr } = await nlinkApart(t, ...words);
    return [...stdout, ...stderr].join('\n');
  };
  const found = new RegExp(`far .*not ready \\(no-propagation\\).* PID ${holder.pid} `);
  for (const command of [['list'], ['watch', '--for', '0'], ['wait', '--timeout', '0', 'far']]) {
    assert.match(await told(...command), /far .*not ready \(unknown\)/, command.join(' '));
    assert.match(await told(...command, '--proc', HOST_PROC), found, command.join(' '));
  }
});

test('hidepid=2, an ordinary user: what is hidden is said to be', { skip }, async (t) => {
  await pods(t);
  const asked = (...words: string[]): Promise<Outcome> =>
    apart(t, 'hidepid=2', ordinaryCommand(main, ...words));
  const listed = await asked('list');
  assert.deepEqual([lastOf(listed.stdout), listed.stderr], [['0+', '0+'], []]);
  const { stdout, stderr } = await asked('pids', 'pod');
  assert.deepEqual(stdout, []);
  assert.match(stderr.join('\n'), /^nlink: there may be processes in pod: \/proc hides processes of others/);
});

test('an ordinary user: nothing is said of the processes of others but where they are asked for', async (t) => {
  await pods(t);
  const asked = (...words: string[]): Promise<Outcome> => {
    const [command, ...rest] = ordinaryCommand(main, ...words);
    return outcomeOf(programOf(t, spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })));
  };
  const listed = await asked('list');
  assert.deepEqual([lastOf(listed.stdout), listed.stderr], [['0+', '0+'], []]);
  assert.match(
    (await asked('list', '-v')).stderr.join('\n'),
    /^nlink: process counts may be low: this user may not/,
  );
  // What the host's procfs is of is known from other evidence than its first process, which may not
  // be looked at.
  const { stderr } = await asked('pids', 'pod', '--proc', HOST_PROC);
  assert.match(
    stderr.join('\n'),
    /^nlink: there may be processes in pod: this user may not inspect \d+ processes/,
  );
  assert.equal(/outside/.test(stderr.join('\n')), (await processesByNamespace()).unseen().outside);
});

test('--proc that is no procfs: refused before anything is done', async (t) => {
  await pods(t);
  for (const words of [['list'], ['pids', 'pod'], ['identify'], ['wait', 'pod'], ['watch', '--for', '0']])
    for (const place of ['/run/netns', '/run/nowhere', 'proc', `${HOST_PROC}/1`]) {
      const { status, stdout, stderr } = await outcomeOf(start(t, ...words, '--proc', place));
      assert.deepEqual([status, stdout], [2, []], [...words, place].join(' '));
      assert.match(stderr.join('\n'), /^nlink: proc must be an absolute path at which a procfs is mounted/);
    }
});

test('a thread that is in a namespace alone: no process, and not empty', async (t) => {
  await freshHost(t, 'pod');
  const worker = new Worker(thread, { workerData: '/run/netns/pod' });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  const { stdout } = await outcomeOf(start(t, 'list'));
  assert.match(stdout[1] ?? '', / 0\+?  \(a thread of one process: pids --threads\)$/);
  const json = JSON.parse((await outcomeOf(start(t, 'list', '--json'))).stdout.join('')) as {
    byThread: number;
  }[];
  assert.equal(json[0]?.byThread, 1);
});

test('the names alone; the exit status distinguishes missing from stale', async (t) => {
  await freshHost(t, 'pod', 'idle');
  execFileSync('touch', ['/run/netns/stale']);
  const outcome = async (...words: string[]): Promise<[unknown, string[]]> => {
    const { status, stdout } = await outcomeOf(start(t, ...words));
    // What is made within one tick of the kernel's clock has no order by age.
    return [status, stdout.sort()];
  };
  assert.deepEqual(await outcome('list', '--names'), [0, ['idle', 'pod', 'stale']]);
  assert.deepEqual(await outcome('--ready', 'list', '--names'), [0, ['idle', 'pod']]);
  assert.deepEqual(await outcome('id', 'pod'), [0, ['none']]);
  assert.deepEqual(await outcome('id', 'missing'), [1, []]);
  assert.deepEqual(await outcome('id', 'stale'), [4, []]);
  assert.deepEqual(await outcome('wait', '--timeout', '0', 'pod'), [0, []]);
  assert.deepEqual(await outcome('wait', '--timeout', '0', 'missing'), [124, []]);
  assert.deepEqual(await outcome('wait', '--timeout', '0', 'pod', 'stale'), [4, []]);
  assert.deepEqual(await outcome('wait', '--timeout', '0', 'stale', 'missing'), [124, []]);
  // Who waits is told that the time was over, whatever it was that did not come.
  assert.deepEqual(await outcome('wait', '--timeout', '1ms', 'stale'), [124, []]);
});
