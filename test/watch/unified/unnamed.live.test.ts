/**
 * Namespaces without a name: found by the processes in them, told once, joined by a name that comes
 * later, and told when they die, whatever held them.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ProcessHints } from '../../../src/netlink/process-hints.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { Clock } from '../../../src/watch/stream/clock.ts';
import { realProcessIo } from '../../../src/watch/unified/process-io.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { runs } from '../../support/runs.ts';
import { moverProgram } from '../../support/watching.ts';
import type { InventoryEntry } from '../../../src/watch/unified/unified-events.ts';
import { connectorPlace, connectorTest } from '../../support/process-connector.ts';
import { waitFor } from '../../support/wait.ts';
import { hastyIo, UnnamedFollower } from '../support/unnamed-follower.ts';

interface Mover {
  pid: number;
  tell: (word: string) => Promise<string>;
  end: () => Promise<void>;
}

async function spawnMover(t: TestContext): Promise<Mover> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, moverProgram], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  t.after(end);
  const lines = createInterface({ input: child.stdout });
  const answer = async (): Promise<string> => String((await once(lines, 'line'))[0]);
  assert.equal(await answer(), 'ready');
  return {
    pid: child.pid as number,
    tell: (word) => {
      const said = answer();
      child.stdin.write(`${word}\n`);
      return said;
    },
    end,
  };
}

const place = async (t: TestContext): Promise<{ directory: string; follower: UnnamedFollower }> => {
  freshTable(t);
  const directory = netnsDirectory();
  return { directory, follower: await UnnamedFollower.open(t, { directory }) };
};

// Fails if those that are known by number are taken for all.
test('how many processes are in it, however many', async (t) => {
  const { follower } = await place(t);
  const { pid } = await spawnHolder(t);
  const { number } = await follower.found(pid);
  const ends: (() => Promise<void>)[] = [];
  const come = async (count: number): Promise<void> => {
    for (let more = 0; more < count; more++) ends.push((await spawnHolder(t, `/proc/${pid}/ns/net`)).end);
  };
  const isThere = (count: number) => (): boolean => follower.entry(number)?.processes === count;
  await come(16);
  await waitFor('17 of them', isThere(17));
  await come(83);
  await waitFor('100 of them', isThere(100));
  assert.equal(follower.entry(number)?.pids?.length, 16);
  await Promise.all(ends.map((end) => end()));
  await waitFor('one that is left', isThere(1));
});

test('found by a process in it, and destroyed', async (t) => {
  const { follower } = await place(t);
  const { pid, end } = await spawnHolder(t);
  const found = await follower.found(pid);
  const { number, namespace, nsid, loOnly } = found;
  assert(typeof number === 'number' && namespace !== null);
  assert.deepEqual([nsid, loOnly], [null, true]);
  assert.deepEqual(follower.entry(number), {
    namespace,
    nsid: null,
    names: [],
    own: false,
    lingering: false,
    number,
    owner: found.owner,
    pids: [pid],
    processes: 1,
    loOnly: true,
  });
  await end();
  const { type: _, ...last } = found;
  assert.deepEqual(await follower.destroyed(number), { type: 'destroyed', names: [], ...last });
  assert.equal(follower.entry(number), undefined);
});

test('those that were there at the start are entries, and not found', async (t) => {
  freshTable(t);
  const { pid, end } = await spawnHolder(t);
  const follower = await UnnamedFollower.open(t, { directory: netnsDirectory() });
  const entry = follower.snapshot.find(({ pids }) => pids?.includes(pid));
  assert(entry !== undefined && entry.namespace !== null);
  await end();
  await follower.destroyed(entry.number);
  assert(!follower.events.some((event) => event.type === 'found' && event.pids.includes(pid)));
});

test('one that has an nsid at the start: one entry, with both', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  const { pid, end } = await spawnHolder(t);
  await connection.setNsid({ pid }, 8);
  const follower = await UnnamedFollower.open(t, { directory: netnsDirectory() });
  const [entry, ...others] = follower.snapshot.filter(
    ({ pids, nsid }) => nsid === 8 || pids?.includes(pid) === true,
  );
  assert(entry !== undefined && others.length === 0);
  assert.deepEqual([entry.nsid, entry.pids], [8, [pid]]);
  await end();
  assert.equal((await follower.destroyed(entry.number)).nsid, 8);
});

test('it lives on without a process, as long as something holds it', async (t) => {
  const { follower } = await place(t);
  const { pid, end } = await spawnHolder(t);
  const { number } = await follower.found(pid);
  const fd = openSync(`/proc/${pid}/ns/net`, 'r');
  await end();
  await waitFor('nobody to be in it', () => follower.entry(number)?.pids?.length === 0);
  assert.deepEqual(follower.entry(number)?.names, []);
  closeSync(fd);
  assert.deepEqual((await follower.destroyed(number)).pids, [pid]);
});

// Fails if a name makes another entry, or the end of the name is taken for the namespace's.
test('a name that it gets later joins its entry, and leaves it', async (t) => {
  const { directory, follower } = await place(t);
  const { pid, end } = await spawnHolder(t);
  const { number, namespace } = await follower.found(pid);
  addAlias(`/proc/${pid}/ns/net`, `${directory}/a`);
  const created = await follower.named('created', 'a');
  assert(created.type === 'created' && created.namespace !== null && namespace !== null);
  assert.equal(created.namespace.ino, namespace.ino);
  const entry = await follower.entryOf(pid);
  assert.deepEqual([entry.number, entry.names.map(({ name }) => name)], [number, ['a']]);
  deleteNamespace(`${directory}/a`);
  const deleted = await follower.named('deleted', 'a');
  assert(deleted.type === 'deleted' && deleted.alive === true);
  assert.equal((await follower.entryOf(pid)).lingering, true);
  await end();
  const { names, namespace: last } = await follower.destroyed(number);
  assert.deepEqual([names.map(({ name }) => name), last?.ino], [['a'], namespace.ino]);
});

test('one that has a name is not found, and says who is in it', async (t) => {
  const { directory, follower } = await place(t);
  const path = `${directory}/a`;
  addNamespace(path);
  await follower.named('created', 'a');
  const { pid, end } = await spawnHolder(t, path);
  const entry = await follower.entryOf(pid);
  assert.deepEqual([entry.names.map(({ name }) => name), entry.loOnly], [['a'], true]);
  deleteNamespace(path);
  const deleted = await follower.named('deleted', 'a');
  assert(deleted.type === 'deleted' && deleted.alive === true);
  await end();
  await follower.destroyed(entry.number);
  assert(!follower.events.some((event) => event.type === 'found' && event.pids.includes(pid)));
});

test('a process that moves from one to the next', async (t) => {
  const { follower } = await place(t);
  const mover = await spawnMover(t);
  const numbers: (number | null)[] = [];
  for (let round = 0; round < 5; round++) {
    assert.equal(await mover.tell('unshare'), 'moved');
    const { number } = await follower.found(mover.pid);
    const before = numbers.at(-1);
    if (before !== undefined && !follower.events.some((event) => isEnd(event, before)))
      await follower.destroyed(before);
    numbers.push(number);
  }
  assert.equal(new Set(numbers).size, 5);
  await mover.end();
  await follower.destroyed(numbers.at(-1));
});

const isEnd = (event: UnnamedFollower['events'][number], number: number | null): boolean =>
  event.type === 'destroyed' && event.number === number;

test('a thread in one of its own, and one whose process is elsewhere', async (t) => {
  freshTable(t);
  const mover = await spawnMover(t);
  assert.equal(await mover.tell('thread'), 'moved');
  const follower = await UnnamedFollower.open(t, { directory: netnsDirectory() });
  const entries = follower.snapshot.filter(({ pids, own }) => !own && pids?.includes(mover.pid));
  assert.equal(entries.length, 1);
  assert.equal(follower.watcher.entryOfProcess(mover.pid)?.own, true);
  await mover.end();
  await follower.destroyed(entries[0]?.number);
});

test("the watcher's own is not numbered, and says who is in it", async (t) => {
  const { follower } = await place(t);
  const own = follower.watcher.namespaces().find((entry) => entry.own);
  assert(own?.pids !== undefined && own.pids.length > 0);
  assert.equal(own.number, null);
  const { pid } = await spawnHolder(t, '/proc/self/ns/net');
  await waitFor('it to be in the own one', () => follower.watcher.entryOfProcess(pid)?.own === true);
  assert(!follower.events.some((event) => event.type === 'found' && event.pids.includes(pid)));
});

test('an nsid that it gets later is told with its namespace; one it had is its', async (t) => {
  const { follower } = await place(t);
  const connection = await connect(t);
  const first = await spawnHolder(t);
  const { number, namespace } = await follower.found(first.pid);
  await connection.setNsid({ pid: first.pid }, 7);
  for (;;) {
    const event = await follower.next('nsidAssigned');
    if (event.type !== 'nsidAssigned') continue;
    assert.deepEqual([event.nsid, event.namespace?.ino, event.names], [7, namespace?.ino, []]);
    break;
  }
  assert.equal(follower.entry(number)?.nsid, 7);
  await first.end();
  assert.equal((await follower.destroyed(number)).nsid, 7);
  // One that it had when it was found, unless it is found between its start and the request.
  for (let nsid = 8; ; nsid++) {
    const second = await spawnHolder(t);
    await connection.setNsid({ pid: second.pid }, nsid);
    const found = await follower.found(second.pid);
    const isOfNsid = (entry: { nsid: number | null }): boolean => entry.nsid === nsid;
    await waitFor('its nsid', () => follower.entry(found.number)?.nsid === nsid);
    const entry = await follower.entryOf(second.pid);
    assert.deepEqual([entry.nsid, entry.number], [nsid, found.number]);
    assert.equal(follower.watcher.namespaces().filter(isOfNsid).length, 1);
    await second.end();
    assert.equal((await follower.destroyed(found.number)).nsid, nsid);
    if (found.nsid === nsid) break;
    assert.equal(found.nsid, null);
  }
});

// Fails if it is taken for another process's number, or looked for without end.
test('the entry of what is no process', async (t) => {
  const { follower } = await place(t);
  const { watcher } = follower;
  assert.equal(watcher.entryOfProcess(2 ** 31 - 1), null);
  const wrong = [0, -1, 1.5, NaN, Infinity, 1e300, 2 ** 31, '1', undefined];
  for (const pid of wrong as number[])
    assert.throws(() => watcher.entryOfProcess(pid), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
});

// Fails if only the process that was there first is asked.
test('an nsid that it gets when the first process has ended is told with its namespace', async (t) => {
  const { follower } = await place(t);
  const first = await spawnHolder(t);
  const { number, namespace } = await follower.found(first.pid);
  const second = await spawnHolder(t, `/proc/${first.pid}/ns/net`);
  await waitFor('both to be seen', () => follower.entry(number)?.pids?.includes(second.pid) === true);
  const connection = await connect(t);
  await first.end();
  await connection.setNsid({ pid: second.pid }, 9);
  for (;;) {
    const event = await follower.next('nsidAssigned');
    if (event.type !== 'nsidAssigned') continue;
    assert.deepEqual([event.nsid, event.namespace?.ino], [9, namespace?.ino]);
    break;
  }
  assert.equal(follower.entry(number)?.nsid, 9);
});

// Fails if nobody is asked for it any more who came while the namespace had a name.
test('an nsid that it gets when it has lost its name is told with its namespace', async (t) => {
  const { directory, follower } = await place(t);
  const path = `${directory}/a`;
  addNamespace(path);
  const { pid, end } = await spawnHolder(t, path);
  const isInside = (entry: InventoryEntry): boolean => !entry.own && entry.pids?.includes(pid) === true;
  // A scan may have seen it before it went in.
  await waitFor('it to be inside', () => follower.watcher.namespaces().some(isInside));
  const number = follower.watcher.namespaces().find(isInside)?.number;
  deleteNamespace(path);
  await follower.named('deleted', 'a');
  const connection = await connect(t);
  await connection.setNsid({ pid }, 7);
  for (;;) {
    const event = await follower.next('nsidAssigned');
    if (event.type !== 'nsidAssigned') continue;
    assert.deepEqual([event.nsid, event.names.map(({ name }) => name)], [7, ['a']]);
    break;
  }
  assert.equal(follower.entry(number)?.nsid, 7);
  await end();
  await follower.destroyed(number);
});

// Fails if a look at processes opens what keeps a namespace, or keeps it open.
test('nothing is left open, and nothing is kept alive', async (t) => {
  const directory = netnsDirectory();
  freshTable(t);
  await withoutLeak(async () => {
    for (let round = 0; round < runs(10); round++) {
      const follower = await UnnamedFollower.open(t, { directory });
      const { pid, end } = await spawnHolder(t);
      const { number } = await follower.found(pid);
      await end();
      await follower.destroyed(number);
      await follower.watcher.stop();
    }
  });
});

test('a number that is another process by the time it is used: found at the next look', async (t) => {
  const io = hastyIo();
  const processes = realProcessIo('/proc', io.clock, io.system);
  const { scanner } = processes;
  let elsewhere = 0;
  let looks = 0;
  const moving = {
    get namespaces() {
      return scanner.namespaces;
    },
    get looks() {
      return scanner.looks;
    },
    get unseen() {
      return scanner.unseen;
    },
    scan: scanner.scan.bind(scanner),
    inodeOf(pid: number) {
      const inode = scanner.inodeOf(pid);
      // In it before it was numbered, and not after.
      return pid === elsewhere && ++looks === 2 ? (inode ?? 0) + 1 : inode;
    },
  };
  const directory = netnsDirectory();
  const follower = await UnnamedFollower.open(
    t,
    { directory },
    { ...io, processes: { ...processes, scanner: moving } },
  );
  const { pid, end } = await spawnHolder(t);
  elsewhere = pid;
  const { number } = await follower.found(pid);
  await end();
  await follower.destroyed(number);
});

// Fails if hints are not followed: no scan comes of itself here.
connectorTest('found at once by a hint of the kernel', async (t) => {
  const io = hastyIo();
  // It is never time to look whether a process was started.
  const clock: Clock = {
    now: () => systemClock.now(),
    after: (milliseconds, callback) =>
      milliseconds === 250 ? () => {} : systemClock.after(milliseconds, callback),
  };
  const processes = {
    ...realProcessIo('/proc', clock, io.system),
    openHints: () => {
      const hints = ProcessHints.open(io.system, connectorPlace);
      return 'refused' in hints ? null : hints;
    },
  };
  const follower = await UnnamedFollower.open(
    t,
    { directory: netnsDirectory() },
    { ...io, clock, processes },
  );
  assert.equal(follower.watcher.stats().processes?.hints, true);
  const { pid, end } = await spawnHolder(t);
  const { number } = await follower.found(pid);
  await end();
  await follower.destroyed(number);
});
