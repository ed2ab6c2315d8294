/**
 * The process connector of the kernel. It is in the first network namespace alone: tests that need
 * it go there by a process outside of the sandbox (process-connector.ts).
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ProcessHints } from '../../src/netlink/process-hints.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { converse } from '../support/child.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { ordinaryCommand } from '../support/ordinary.ts';
import { connectorPlace, connectorTest, way } from '../support/process-connector.ts';
import { waitFor, within } from '../support/wait.ts';

const fixture = fileURLToPath(new URL('fixtures/process-hints.js', import.meta.url));
const system = netlinkSystem();

/** Words before a command that runs there. */
const there = ['nsenter', '-t', String(way), '--net'];

function open(t: TestContext): ProcessHints {
  const hints = ProcessHints.open(system, connectorPlace);
  assert(hints instanceof ProcessHints);
  t.after(() => hints.close());
  return hints;
}

/** Collects all processes that are told, at each wake. */
function collect(hints: ProcessHints, onPids: (pids: readonly number[]) => void = () => {}): Set<number> {
  const all = new Set<number>();
  hints.start(() => {
    const taken = hints.take();
    if (taken === undefined || taken === 'overflow') return;
    assert(taken.length <= 256);
    assert.equal(new Set(taken).size, taken.length);
    for (const pid of taken) all.add(pid);
    onPids(taken);
  });
  return all;
}

function run(t: TestContext, command: string, ...args: string[]): ChildProcess {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

const NOWHERE = 0;
/** The namespace that a process is in, by its number; of one that has ended {@link NOWHERE}. */
const inodeOf = (pid: number): number =>
  statSync(`/proc/${pid}/net/dev`, { throwIfNoEntry: false })?.ino ?? NOWHERE;

connectorTest('a program is told, and a child that starts none', async (t) => {
  const told = collect(open(t));
  const script = '{ while read -r _; do :; done; } & echo $!; exec sleep infinity';
  const shell = run(t, 'sh', '-c', script);
  const [line] = (await within('the number of the child', once(shell.stdout!, 'data'))) as [Buffer];
  const child = Number(line.toString());
  assert(child > 0);
  await waitFor('both', () => told.has(shell.pid as number) && told.has(child));
});

connectorTest('threads are not', async (t) => {
  const before = new Set(readdirSync('/proc/self/task'));
  const told = collect(open(t));
  const worker = new Worker('require("node:worker_threads").parentPort.on("message", () => {})', {
    eval: true,
  });
  t.after(() => worker.terminate());
  await within('the thread', once(worker, 'online'));
  const threads = readdirSync('/proc/self/task').filter((tid) => !before.has(tid));
  assert(threads.length > 0);
  // What comes later is told later.
  const { pid } = spawnSync('true');
  await waitFor('the program', () => told.has(pid));
  for (const tid of [...threads, process.pid]) assert(!told.has(Number(tid)), `${tid}`);
});

/** Where each process was when it was told for the first time, and for the last. */
function whereabouts(t: TestContext): Map<number, { first: number; last: number }> {
  const seen = new Map<number, { first: number; last: number }>();
  collect(open(t), (pids) => {
    for (const pid of pids) {
      const inode = inodeOf(pid);
      seen.set(pid, { first: seen.get(pid)?.first ?? inode, last: inode });
    }
  });
  return seen;
}

connectorTest('a program that unshare(1) starts is elsewhere when it is told', async (t) => {
  const seen = whereabouts(t);
  const own = inodeOf(process.pid);
  const { pid } = run(t, 'unshare', '--net', 'sleep', 'infinity');
  await waitFor('its namespace', () => ![undefined, own, NOWHERE].includes(seen.get(pid as number)?.last));
});

connectorTest('a child is elsewhere from the first that is told of it', async (t) => {
  const seen = whereabouts(t);
  const own = inodeOf(process.pid);
  const { pid } = run(t, 'unshare', '--net', '--fork', '--kill-child', 'sleep', 'infinity');
  const children = (): string => readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  await waitFor('the child', () => children() !== '' && seen.has(Number(children())));
  assert.notEqual(seen.get(Number(children()))?.first, own);
  assert.equal(seen.get(Number(children()))?.first, inodeOf(Number(children())));
});

connectorTest('more than the kernel keeps: a loss is told once, and later ones are heard', async (t) => {
  const hints = open(t);
  const forks = 'i=0; while [ $i -lt 1500 ]; do (:); i=$((i+1)); done';
  assert.equal(spawnSync('sh', ['-c', forks]).status, 0);
  assert.equal(hints.take(), 'overflow');
  assert.notEqual(hints.take(), 'overflow');
  const { pid } = spawnSync('true');
  const taken = hints.take();
  assert(Array.isArray(taken) && taken.includes(pid));
});

connectorTest('while it is paused nobody is woken, and what came is not lost', async (t) => {
  const hints = open(t);
  let wakes = 0;
  const told = collect(hints, () => wakes++);
  hints.pause();
  const child = run(t, 'sleep', 'infinity');
  await once(child, 'spawn');
  await setTimeout(20);
  assert.equal(wakes, 0);
  hints.resume();
  await waitFor('the program', () => told.has(child.pid as number));
});

connectorTest('nothing is left open', async () => {
  await withoutLeak(() => {
    for (let times = 0; times < 3; times++) {
      const hints = ProcessHints.open(system, connectorPlace);
      assert(hints instanceof ProcessHints);
      hints.start(() => {});
      hints.close();
      hints.close();
    }
  });
});

test('refused in a network namespace of its own', async () => {
  await withoutLeak(() => {
    const hints = ProcessHints.open(system);
    assert('refused' in hints);
    assert.equal(hints.refused, 'place');
    assert.equal(hints.cause?.code, 'ECONNREFUSED');
    const gone = ProcessHints.open(system, { namespace: { path: '/run/nothing/here' } });
    assert('refused' in gone);
    assert.equal(gone.refused, 'place');
    assert.equal(gone.cause?.code, 'ENOENT');
  });
});

/** What the fixture says, run by these words. */
async function asked(t: TestContext, words: readonly string[]): Promise<unknown> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...words]);
  return (await converse(t, child)).ask('');
}

connectorTest('there itself: listens', async (t) => {
  assert.deepEqual(await asked(t, [...there, process.execPath, fixture]), { told: true });
});

/** What those are told before Linux 6.6 who may not join. */
const NO_RIGHT = { refused: 'right', code: 'EPERM' };

connectorTest('as an ordinary user: listens since Linux 6.6', async (t) => {
  const answer = await asked(t, [...there, ...ordinaryCommand(fixture)]);
  assert.deepEqual(answer, 'told' in (answer as object) ? { told: true } : NO_RIGHT);
});

/** What unshare(1) is refused by; empty: it is not. */
const refusalOf = (...words: string[]): string =>
  spawnSync('unshare', [...words, 'true'], { encoding: 'utf8' }).stderr;
const may = (...words: string[]): boolean => refusalOf(...words) === '';
const [PID, USER] = [
  ['--pid', '--fork', '--kill-child'],
  ['--user', '--map-root-user'],
];

connectorTest('in another PID namespace: silence', async (t) => {
  if (!may(...PID)) return assert(refusalOf(...PID));
  const answer = await asked(t, [...there, 'unshare', ...PID, process.execPath, fixture]);
  assert.deepEqual(answer, { refused: 'silence' });
});

connectorTest('in another user namespace: silence since Linux 6.6', async (t) => {
  if (!may(...USER)) return assert(refusalOf(...USER));
  const answer = await asked(t, [...there, 'unshare', ...USER, process.execPath, fixture]);
  assert.deepEqual(answer, 'code' in (answer as object) ? NO_RIGHT : { refused: 'silence' });
});
