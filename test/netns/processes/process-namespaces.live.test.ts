/**
 * Scans of the real /proc: processes that start, move and end, threads, a number that is used
 * again, what /proc hides; as whoever runs the tests, and as an ordinary user.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ProcessNamespaces } from '../../../src/netns/processes/process-namespaces.ts';
import type { ProcessChanges, ProcessGroup } from '../../../src/netns/processes/process-groups.ts';
import { procfsAt } from '../../../src/netns/processes/procfs.ts';
import type { UnseenProcesses } from '../../../src/netns/processes/process-scan.ts';
import { converse } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addNamespace, asleep, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { ordinaryCommand } from '../../support/ordinary.ts';
import { within } from '../../support/wait.ts';

const fixture = fileURLToPath(new URL('../fixtures/process-namespaces.js', import.meta.url));
const threadFile = new URL('../fixtures/thread.js', import.meta.url);
const PROBE = ['--pid', '--fork', '--mount-proc', 'true'];
const skip = spawnSync('unshare', PROBE).status === 0 ? false : '/proc cannot be mounted here once more';

const inodeOf = (pid: number | string): number => statSync(`/proc/${pid}/net/dev`).ino;
/** What a scan tells of these namespaces; others come and go on the machine. */
const about = ({ appeared, vanished }: ProcessChanges, ...inodes: number[]): unknown => ({
  appeared: appeared.filter(({ inode }) => inodes.includes(inode)).map(({ inode, pids }) => [inode, ...pids]),
  vanished: vanished.filter((inode) => inodes.includes(inode)),
});
const NOTHING = { appeared: [], vanished: [] };

test('processes that start, move and end; whose namespaces they are in', async (t) => {
  const directory = netnsDirectory();
  const [a, b] = [`${directory}/a`, `${directory}/b`] as const;
  addNamespace(a);
  addNamespace(b);
  const scans = new ProcessNamespaces(procfsAt('/proc'));
  const first = await spawnHolder(t, a);
  const inA = inodeOf(first.pid);
  await withoutLeak(async () => {
    assert.deepEqual(about(await scans.scan(), inA), { appeared: [[inA, first.pid]], vanished: [] });
  });
  const own = [...scans.namespaces.values()].filter((group) => group.own);
  assert.deepEqual(
    own.map(({ inode }) => inode),
    [inodeOf('thread-self')],
  );
  const second = await spawnHolder(t, a);
  const unnamed = await spawnHolder(t);
  const apart = inodeOf(unnamed.pid);
  assert.deepEqual(about(await scans.scan(), inA, apart), { appeared: [[apart, unnamed.pid]], vanished: [] });
  const both = [first.pid, second.pid].toSorted((x, y) => x - y);
  assert.deepEqual(scans.namespaces.get(inA)?.pids, both);
  await first.end();
  assert.deepEqual(about(await scans.scan(), inA), NOTHING);
  await second.end();
  await unnamed.end();
  assert.deepEqual(about(await scans.scan(), inA, apart), {
    appeared: [],
    vanished: [inA, apart].toSorted((x, y) => x - y),
  });
  // One that is young, moves by setns(2), and keeps its number.
  const script = 'read x; exec nsenter --net="$1" sleep infinity';
  const command = ['--pdeathsig', 'KILL', 'nsenter', `--net=${a}`, 'sh', '-c', script, 'sh', b];
  const mover = spawn('setpriv', command, { stdio: ['pipe', 'ignore', 'inherit'] });
  t.after(() => mover.kill('SIGKILL'));
  const pid = mover.pid as number;
  while (inodeOf(pid) === inodeOf('self')) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(about(await scans.scan(), inodeOf(pid)), {
    appeared: [[inodeOf(pid), pid]],
    vanished: [],
  });
  const from = inodeOf(pid);
  mover.stdin.write('\n');
  await asleep(pid);
  assert.deepEqual(about(await scans.scan(), from, inodeOf(pid)), {
    appeared: [[inodeOf(pid), pid]],
    vanished: [from],
  });
  assert.equal(scans.inodeOf(pid), inodeOf(pid));
});

test('the same groups as by the links of processes, all and with threads', async (t) => {
  const holders = await Promise.all(Array.from({ length: 5 }, () => spawnHolder(t)));
  const scans = new ProcessNamespaces(procfsAt('/proc'));
  await scans.scan();
  await scans.scan({ all: true, threads: true });
  const links = holders.map(({ pid }) => statSync(`/proc/${pid}/ns/net`).ino);
  assert.equal(new Set(links).size, 5);
  for (const { pid } of holders) {
    const group = scans.namespaces.get(inodeOf(pid));
    assert.deepEqual([group?.pids, group?.count, group?.threads, group?.stayed], [[pid], 1, [], true]);
  }
});

test('a thread elsewhere, and one that outlives its main thread', async (t) => {
  const directory = netnsDirectory();
  const [a, b] = [`${directory}/a`, `${directory}/b`] as const;
  addNamespace(a);
  addNamespace(b);
  const scans = new ProcessNamespaces(procfsAt('/proc'));
  await scans.scan();
  const worker = new Worker(threadFile, { workerData: a });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  const before = await scans.scan();
  const { appeared } = await scans.scan({ threads: true });
  const found = appeared.find(({ threads }) =>
    threads.some(({ pid }) => pid === process.pid),
  ) as ProcessGroup;
  assert.deepEqual([found.count, found.pids, found.threads.length], [0, [], 1]);
  const { tid } = found.threads[0] as { tid: number };
  assert.equal(inodeOf(`${process.pid}/task/${tid}`), found.inode);
  // The number of a thread stands for it as that of a process does.
  assert.equal(scans.inodeOf(tid), found.inode);
  assert.deepEqual(about(before, found.inode), NOTHING);
  assert.deepEqual(about(await scans.scan(), found.inode), NOTHING);
  await worker.terminate();
  assert.deepEqual(about(await scans.scan(), found.inode), { appeared: [], vanished: [found.inode] });
  // Its main thread ends at once.
  const zombie = spawn(process.execPath, [fileURLToPath(threadFile), b], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => zombie.kill('SIGKILL'));
  await within('the thread in its namespace', once(zombie.stdout, 'data'));
  const ofZombie = (): ProcessGroup[] =>
    [...scans.namespaces.values()].filter(({ threads }) => threads.some(({ pid }) => pid === zombie.pid));
  for (let round = 0; round < 100 && ofZombie().length < 2; round++) await scans.scan({ all: true });
  // The others are where it was.
  assert.deepEqual(new Set(ofZombie().map(({ own }) => own)), new Set([true, false]));
});

interface Answer extends ProcessChanges {
  unseen: UnseenProcesses;
  known: ProcessGroup[];
}

/** The fixture in a PID namespace of its own, with a procfs mounted in this way. */
async function apart(
  t: TestContext,
  options: string,
  command: readonly string[],
): Promise<(...call: unknown[]) => Promise<unknown>> {
  const script = 'mount -t proc -o "$1" proc /proc && shift && exec "$@"';
  const words = ['KILL', 'unshare', '--pid', '--fork', '--kill-child', '--mount', '--propagation', 'private'];
  // The process 1 is root's, so that there is somebody to be hidden.
  const shell = ['sh', '-c', script, 'sh', options, 'sh', '-c', '"$@"; exit', 'sh', ...command];
  const child = spawn('setpriv', ['--pdeathsig', ...words, ...shell]);
  const conversation = await converse(t, child);
  return (...call) => conversation.ask(JSON.stringify(call));
}

test('a number that is used again is another process', { skip }, async (t) => {
  const ask = await apart(t, 'rw', [process.execPath, fixture]);
  const scan = async (): Promise<Answer> => (await ask('scan', '/proc', {})) as Answer;
  await scan();
  let again = 0;
  for (let round = 0; round < 10 && again < 3; round++) {
    const pid = (await ask('startAt', 3000)) as number;
    const { appeared } = await scan();
    assert.deepEqual(
      appeared.map(({ pids }) => pids),
      [[pid]],
    );
    // Old enough not to be looked at in each scan.
    for (let scans = 0; scans < 4; scans++) await scan();
    await ask('end', pid);
    const other = (await ask('startAt', pid)) as number;
    const changes = await scan();
    assert.deepEqual(
      changes.appeared.map(({ pids }) => pids),
      [[other]],
    );
    assert.deepEqual(
      changes.vanished,
      appeared.map(({ inode }) => inode),
    );
    if (other === pid) again++;
    await ask('end', other);
    await scan();
  }
  assert.ok(again > 0, 'no number was used again');
});

for (const [hidepid, hides] of [
  ['0', { processes: false, hidden: false }],
  ['1', { processes: true, hidden: false }],
  ['2', { processes: false, hidden: true }],
  ['4', { processes: false, hidden: true }],
] as const)
  test(`an ordinary user sees all but what is hidden: hidepid=${hidepid}`, { skip }, async (t) => {
    const ask = await apart(t, `hidepid=${hidepid}`, ordinaryCommand(fixture));
    const { known, unseen, appeared } = (await ask('scan', '/proc', { threads: true })) as Answer;
    assert.deepEqual(
      appeared.map(({ inode }) => inode),
      known.map(({ inode }) => inode),
    );
    assert.deepEqual(
      [unseen.processes > 0, unseen.hidden, unseen.outside],
      [hides.processes, hides.hidden, true],
    );
    const [group] = known;
    assert(group !== undefined && known.length === 1);
    assert.equal(group.own, true);
    assert.equal(group.pids.includes(1), hidepid === '0');
  });

test('an ordinary user sees the namespaces of others, whose links he may not read', async (t) => {
  const holder = await spawnHolder(t);
  const [command, ...rest] = ordinaryCommand(fixture);
  const conversation = await converse(t, spawn(command, rest));
  const { known } = (await conversation.ask(JSON.stringify(['scan', '/proc', {}]))) as Answer;
  const found = known.find(({ inode }) => inode === inodeOf(holder.pid));
  assert.deepEqual([found?.pids, found?.own], [[holder.pid], false]);
});
