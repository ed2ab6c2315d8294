/** Scans of a simulated /proc: what differs between two of them, and how little is looked at. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ProcessNamespaces } from '../../../src/netns/processes/process-namespaces.ts';
import type { ProcessNamespacesScan } from '../../../src/netns/processes/process-namespaces.ts';
import { MOST } from '../../../src/netns/processes/process-groups.ts';
import type { ProcessChanges, ProcessGroup } from '../../../src/netns/processes/process-groups.ts';
import { LONGEST_PAUSE } from '../../../src/netns/processes/process-table.ts';
import { errno } from '../../../src/sys/errno.ts';
import { modelRuns } from '../../support/runs.ts';
import { SimulatedProc } from '../support/simulated-proc.ts';

const PROCFS = { path: '/proc', own: true, initial: true };

/** One with the process 1 in the namespace of whoever looks. */
function place(): { proc: SimulatedProc; scans: ProcessNamespaces } {
  const proc = new SimulatedProc();
  proc.start(1, proc.own);
  return { proc, scans: new ProcessNamespaces(PROCFS, proc.system) };
}

const shown = ({ appeared, vanished }: ProcessChanges): unknown => ({
  appeared: appeared.map(({ inode, pids }) => [inode, ...pids]),
  vanished,
});

/** Looks, and says what differs. */
const look = async (scans: ProcessNamespaces, how?: ProcessNamespacesScan): Promise<unknown> =>
  shown(await scans.scan(how));

const group = (inode: number, rest: Partial<ProcessGroup>): ProcessGroup => ({
  inode,
  own: false,
  stayed: false,
  count: rest.pids?.length ?? 0,
  pids: [],
  threads: [],
  ...rest,
});

test('namespaces that appear and vanish, and that of the one who looks', async () => {
  const { proc, scans } = place();
  proc.start(20, 1001);
  proc.start(7, 1001);
  proc.start(30, proc.own);
  const { appeared } = await scans.scan();
  const [own, other] = [group(1000, { own: true, pids: [1, 30] }), group(1001, { pids: [7, 20] })];
  assert.deepEqual(appeared, [own, other]);
  assert.deepEqual(await look(scans), { appeared: [], vanished: [] });
  assert.deepEqual(
    [...scans.namespaces.values()],
    [own, other].map((one) => ({ ...one, stayed: true })),
  );
  proc.processes.delete(7);
  assert.deepEqual(await look(scans), { appeared: [], vanished: [] });
  proc.processes.delete(20);
  proc.start(21, 1002);
  assert.deepEqual(await look(scans), { appeared: [[1002, 21]], vanished: [1001] });
  assert.deepEqual([scans.inodeOf(21), scans.inodeOf(20)], [1002, null]);
  assert.deepEqual(scans.unseen, { processes: 0, hidden: false, outside: false });
  assert.equal(proc.descriptors, 0);
});

test('a namespace none of whose processes stayed is told as gone and come', async () => {
  const { proc, scans } = place();
  proc.start(7, 1001);
  await scans.scan();
  proc.processes.delete(7);
  proc.start(8, 1001);
  assert.deepEqual(await look(scans), { appeared: [[1001, 8]], vanished: [1001] });
  // The same number, and another process.
  proc.start(8, 1001);
  assert.deepEqual(await look(scans), { appeared: [[1001, 8]], vanished: [1001] });
  proc.start(9, 1001);
  proc.start(8, 1003);
  assert.deepEqual(await look(scans), {
    appeared: [
      [1001, 9],
      [1003, 8],
    ],
    vanished: [1001],
  });
});

test('of many processes the first, and how many there are', async () => {
  const { proc, scans } = place();
  for (let pid = 2; pid < 1000; pid++) proc.start(pid, 1001);
  await scans.scan();
  const found = scans.namespaces.get(1001);
  assert.equal(found?.count, 998);
  assert.deepEqual(
    found.pids,
    Array.from({ length: MOST }, (_, at) => at + 2),
  );
});

test('those that have not moved have their turns one after the other', async () => {
  const { proc, scans } = place();
  for (let pid = 2; pid <= 1600; pid++) proc.start(pid, 1001);
  await scans.scan();
  assert.equal(proc.looks, 1600);
  for (let scan = 0; scan < LONGEST_PAUSE * 3; scan++) {
    const before: number = proc.looks;
    await scans.scan();
    assert.equal(proc.looks - before, 1600 / LONGEST_PAUSE);
  }
  // Also after all have been looked at.
  await scans.scan({ all: true });
  const before = proc.looks;
  await scans.scan();
  assert.ok(proc.looks - before <= (2 * 1600) / LONGEST_PAUSE, `${proc.looks - before}`);
});

test('a young process that moves is found at once, an old one when its turn comes', async () => {
  const { proc, scans } = place();
  await scans.scan();
  const process = proc.start(7, proc.own);
  await scans.scan();
  process.namespace = 1001;
  assert.deepEqual(await look(scans), { appeared: [[1001, 7]], vanished: [] });
  for (let scan = 0; scan < LONGEST_PAUSE * 2; scan++) await scans.scan();
  process.namespace = 1002;
  const changes: unknown[] = [];
  for (let scan = 0; scan < LONGEST_PAUSE; scan++) changes.push(await look(scans));
  const moved = { appeared: [[1002, 7]], vanished: [1001] };
  assert.deepEqual(
    changes.filter((change) => (change as ProcessChanges).appeared.length > 0),
    [moved],
  );
  process.namespace = 1003;
  assert.deepEqual(await look(scans, { all: true }), { appeared: [[1003, 7]], vanished: [1002] });
});

test('a thread elsewhere is found where threads are asked for, and then looked at each time', async () => {
  const { proc, scans } = place();
  const process = proc.start(7, 1001);
  process.threads.set(8, 1001).set(9, 1002).set(10, 1002);
  await scans.scan();
  assert.deepEqual([...scans.namespaces.keys()], [1000, 1001]);
  const { appeared } = await scans.scan({ threads: true });
  assert.deepEqual(appeared, [group(1002, { threads: [{ pid: 7, tid: 9 }] })]);
  assert.deepEqual(await look(scans), { appeared: [], vanished: [] });
  // Another thread holds it.
  process.threads.delete(9);
  assert.deepEqual(await look(scans), { appeared: [], vanished: [] });
  assert.deepEqual(scans.namespaces.get(1002)?.threads, [{ pid: 7, tid: 10 }]);
  process.threads.set(10, 1003);
  assert.deepEqual(await look(scans), { appeared: [[1003]], vanished: [1002] });
  process.threads.set(10, 1001);
  assert.deepEqual(await look(scans), { appeared: [], vanished: [1003] });
  process.threads.set(8, 1004);
  await scans.scan({ threads: true });
  // The number is another process's.
  proc.start(7, 1001);
  assert.deepEqual(await look(scans), { appeared: [[1001, 7]], vanished: [1001, 1004] });
});

test('threads that outlive the main one are found without being asked for', async () => {
  const { proc, scans } = place();
  const process = proc.start(7, 1001);
  process.threads.set(8, 1001).set(9, 1002);
  await scans.scan();
  process.namespace = null;
  await scans.scan({ all: true });
  const threads = (inode: number): unknown => scans.namespaces.get(inode)?.threads;
  assert.deepEqual([threads(1001), threads(1002)], [[{ pid: 7, tid: 8 }], [{ pid: 7, tid: 9 }]]);
  process.threads.delete(8);
  assert.deepEqual(await look(scans), { appeared: [], vanished: [1001] });
  process.threads.clear();
  assert.deepEqual(await look(scans), { appeared: [], vanished: [1002] });
});

test('what may not be looked at is counted, and found when it may be', async () => {
  const { proc, scans } = place();
  proc.start(7, 1001).visible = false;
  assert.deepEqual(await look(scans), { appeared: [[1000, 1]], vanished: [] });
  assert.deepEqual(scans.unseen, { processes: 1, hidden: false, outside: false });
  assert.equal(scans.inodeOf(7), null);
  for (const process of proc.processes.values()) process.visible = true;
  assert.deepEqual(await look(scans, { all: true }), { appeared: [[1001, 7]], vanished: [] });
  assert.equal(scans.unseen.processes, 0);
  proc.processes.delete(1);
  await scans.scan();
  assert.equal(scans.unseen.hidden, true);
  const below = new ProcessNamespaces({ ...PROCFS, initial: null }, proc.system);
  assert.equal(below.unseen.outside, true);
});

test('a scan that fails changes nothing, and leaves nothing open', async () => {
  const { proc, scans } = place();
  // The turn of the first process comes with the second scan.
  for (let scan = 0; scan < 2; scan++) await scans.scan();
  proc.start(7, 1001);
  // Who is asked one by one is nowhere for now where something has run out.
  proc.failure = -errno.ENOMEM;
  assert.equal(scans.inodeOf(7), null);
  proc.failure = -errno.EIO;
  assert.throws(() => scans.inodeOf(7), { code: 'EIO' });
  await assert.rejects(scans.scan(), { code: 'EIO', syscall: 'statx', path: '/proc/7/net/dev' });
  assert.deepEqual([...scans.namespaces.keys()], [1000]);
  assert.equal(proc.descriptors, 0);
  proc.failure = 0;
  assert.deepEqual(await look(scans), { appeared: [[1001, 7]], vanished: [] });
  const missing = new ProcessNamespaces({ ...PROCFS, path: '/nowhere' }, proc.system);
  await assert.rejects(missing.scan(), { code: 'ENOENT', syscall: 'open', path: '/nowhere' });
});

test('scans that are asked for together run one after the other', async () => {
  const { proc, scans } = place();
  for (let pid = 2; pid <= 1000; pid++) proc.start(pid, 1000 + pid);
  const [first, second] = await Promise.all([scans.scan({ all: true }), scans.scan({ all: true })]);
  assert.equal(first.appeared.length, 1000);
  assert.deepEqual(shown(second), { appeared: [], vanished: [] });
});

test('the event loop goes on in a long scan', async () => {
  const proc = new SimulatedProc();
  for (let pid = 1; pid <= 2000; pid++) proc.start(pid, 1001);
  // A look takes a fiftieth of a millisecond, by this clock.
  const scans = new ProcessNamespaces(PROCFS, proc.system, () => proc.looks / 50);
  let turns = 0;
  let scanning = true;
  const count = (): void => {
    turns++;
    if (scanning) setImmediate(count);
  };
  setImmediate(count);
  await scans.scan();
  scanning = false;
  // 40 ms in slices of less than two.
  assert.ok(turns >= 15, `${turns} turns`);
});

const PIDS = [2, 3, 4, 5, 9, 10, 4_194_304];
const NAMESPACES = [1000, 1001, 1002, 1003];
const pid = fc.constantFrom(...PIDS);
const namespace = fc.constantFrom(...NAMESPACES);
const operation = fc.oneof(
  fc.record({ do: fc.constant('start' as const), pid, namespace }),
  fc.record({ do: fc.constant('move' as const), pid, namespace }),
  fc.record({ do: fc.constant('exit' as const), pid }),
  fc.record({ do: fc.constant('reap' as const), pid }),
  fc.record({ do: fc.constant('hide' as const), pid, visible: fc.boolean() }),
  fc.record({ do: fc.constant('thread' as const), pid, tid: fc.constantFrom(100, 101, 102), namespace }),
  fc.record({ do: fc.constant('threadEnds' as const), pid, tid: fc.constantFrom(100, 101, 102) }),
  fc.record({ do: fc.constant('scan' as const), all: fc.boolean(), threads: fc.boolean() }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

function apply(proc: SimulatedProc, operation: Exclude<Operation, { do: 'scan' }>): void {
  const process = proc.processes.get(operation.pid);
  if (operation.do === 'start') proc.start(operation.pid, operation.namespace);
  if (process === undefined) return;
  if (operation.do === 'move' && process.namespace !== null) process.namespace = operation.namespace;
  else if (operation.do === 'exit') process.namespace = null;
  else if (operation.do === 'reap') proc.processes.delete(operation.pid);
  else if (operation.do === 'hide') process.visible = operation.visible;
  else if (operation.do === 'thread') process.threads.set(operation.tid, operation.namespace);
  else if (operation.do === 'threadEnds') process.threads.delete(operation.tid);
}

/** The processes by namespace, and the namespaces that they have threads in alone. */
function truth(proc: SimulatedProc): Map<number, { pids: number[]; threaded: number[] }> {
  const all = new Map<number, { pids: number[]; threaded: number[] }>();
  const of = (inode: number): { pids: number[]; threaded: number[] } => {
    const found = all.get(inode) ?? { pids: [], threaded: [] };
    all.set(inode, found);
    return found;
  };
  for (const [pid, process] of [...proc.processes].toSorted(([a], [b]) => a - b)) {
    if (!process.visible) continue;
    if (process.namespace !== null) of(process.namespace).pids.push(pid);
    for (const inode of new Set(process.threads.values()))
      if (inode !== process.namespace) of(inode).threaded.push(pid);
  }
  return all;
}

function found(scans: ProcessNamespaces): ReturnType<typeof truth> {
  return new Map(
    [...scans.namespaces].map(([inode, { pids, threads }]) => [
      inode,
      { pids: [...pids], threaded: threads.map(({ pid }) => pid).toSorted((a, b) => a - b) },
    ]),
  );
}

for (const hasInodes of [true, false])
  test(`a thorough scan finds the truth after whatever happened, and what differs adds up${hasInodes ? '' : ', without inodes'}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
        const { proc, scans } = place();
        proc.hasInodes = hasInodes;
        const told = new Set<number>();
        const scan = async (how: ProcessNamespacesScan): Promise<void> => {
          const { appeared, vanished } = await scans.scan(how);
          for (const inode of vanished) assert.ok(told.delete(inode));
          for (const { inode } of appeared) {
            assert.ok(!told.has(inode));
            told.add(inode);
          }
          assert.deepEqual(told, new Set(scans.namespaces.keys()));
          assert.equal(proc.descriptors, 0);
        };
        for (const operation of operations)
          if (operation.do === 'scan') await scan(operation);
          else apply(proc, operation);
        await scan({ all: true, threads: true });
        assert.deepEqual(found(scans), truth(proc));
        // Main threads are found by themselves in the end, too.
        for (const process of proc.processes.values())
          if (process.namespace !== null) process.namespace = 1001;
        for (let at = 0; at < LONGEST_PAUSE; at++) await scan({});
        const pids = [...proc.processes].filter(
          ([, { visible, namespace }]) => visible && namespace !== null,
        );
        assert.deepEqual(
          scans.namespaces.get(1001)?.pids,
          pids.map(([pid]) => pid).toSorted((a, b) => a - b),
        );
      }),
      { numRuns: modelRuns(200) },
    );
  });
