/**
 * What scans of processes say, taken in on the real kernel: scans that are told beforehand, of real
 * processes, so that each order of things can be had.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { ProcessChanges, ProcessGroup } from '../../../src/netns/processes/process-groups.ts';
import { check } from '../../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../../src/sys/flags.ts';
import { linux } from '../../../src/sys/system.ts';
import type { UnifiedNamespaceWatcherOptions } from '../../../src/watch/unified/unified-events.ts';
import { realProcessIo } from '../../../src/watch/unified/process-io.ts';
import type { ProcessIo } from '../../../src/watch/unified/process-io.ts';
import { addAlias, addNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { waitFor } from '../../support/wait.ts';
import { hastyIo, UnnamedFollower } from '../support/unnamed-follower.ts';

const NOTHING: ProcessChanges = { appeared: [], vanished: [] };

const group = (inode: number, ...pids: number[]): ProcessGroup => ({
  inode,
  own: false,
  stayed: false,
  count: pids.length,
  pids,
  threads: [],
});

/** Into the namespace of an open file. */
const go = (fd: number): unknown => check(linux().setns(fd, CLONE_NEWNET), 'setns');

/** Scans that are told beforehand. */
class ToldScanner {
  readonly namespaces = new Map<number, ProcessGroup>();
  readonly looks = 0;
  readonly unseen = { processes: 0, hidden: false, outside: false };
  /** One that is elsewhere (99) when it has been looked at where a scan has it. */
  movesAfterLook = 0;
  /** Where a process is, if not where a scan has it. */
  readonly moved = new Map<number, number | null>();
  #next: (() => ProcessChanges)[] = [];
  /** Called after each look at one. */
  onLook: () => void = () => {};
  /** Grows with each start of a process. */
  latest = 1;

  /** The next scan finds this. */
  tell(scan: () => ProcessChanges): void {
    this.#next.push(scan);
    this.latest++;
  }

  /** These are in their namespaces at the next scan, and the others nowhere. */
  set(vanished: number[], ...groups: ProcessGroup[]): ProcessChanges {
    this.namespaces.clear();
    for (const one of groups) this.namespaces.set(one.inode, one);
    return { appeared: groups, vanished };
  }

  async scan(): Promise<ProcessChanges> {
    return (this.#next.shift() ?? ((): ProcessChanges => NOTHING))();
  }

  inodeOf(pid: number): number | null {
    if (pid === this.movesAfterLook) {
      // Where it was, this time.
      this.movesAfterLook = 0;
      const inode = this.inodeOf(pid);
      if (inode !== null) this.moved.set(pid, 99);
      else this.movesAfterLook = pid;
      return inode;
    }
    this.onLook();
    const moved = this.moved.get(pid);
    if (moved !== undefined) return moved;
    for (const { inode, pids } of this.namespaces.values()) if (pids.includes(pid)) return inode;
    return null;
  }
}

async function place(
  t: TestContext,
  options: UnifiedNamespaceWatcherOptions = {},
): Promise<{ directory: string; scanner: ToldScanner; follower: UnnamedFollower }> {
  freshTable(t);
  const directory = netnsDirectory();
  const scanner = new ToldScanner();
  const io = hastyIo();
  const processes: ProcessIo = {
    ...realProcessIo('/proc', io.clock, io.system),
    openHints: () => null,
    openLister: () => null,
    scanner,
    latest: () => scanner.latest,
  };
  return {
    directory,
    scanner,
    follower: await UnnamedFollower.open(t, { directory, ...options }, { ...io, processes }),
  };
}

// Fails if a number of net/dev is taken to be a namespace's for ever.
test('a number that is another namespace by now', async (t) => {
  const { scanner, follower } = await place(t);
  const [first, second] = [await spawnHolder(t), await spawnHolder(t)];
  scanner.tell(() => scanner.set([], group(77, first.pid)));
  const { number } = await follower.found(first.pid);
  scanner.tell(() => scanner.set([77], group(77, second.pid)));
  const { number: other } = await follower.found(second.pid);
  assert.notEqual(number, other);
  assert.deepEqual(follower.entry(number)?.pids, []);
  await first.end();
  await follower.destroyed(number);
  assert.deepEqual(follower.entry(other)?.pids, [second.pid]);
});

// Fails if a process that stayed at a number of net/dev is taken to have stayed in the namespace.
test('a process that went away and came to another namespace with the number of the dead one', async (t) => {
  const { scanner, follower } = await place(t);
  const [first, second] = [await spawnHolder(t), await spawnHolder(t)];
  scanner.tell(() => scanner.set([], group(77, first.pid)));
  const { number } = await follower.found(first.pid);
  await first.end();
  await follower.destroyed(number);
  scanner.tell(() => {
    scanner.set([], { ...group(77, second.pid), stayed: true });
    return NOTHING;
  });
  assert.notEqual((await follower.found(second.pid)).number, number);
  assert.notEqual(follower.watcher.entryOfProcess(second.pid), null);
});

test('the same namespace, when all its processes were replaced', async (t) => {
  const { scanner, follower } = await place(t);
  const first = await spawnHolder(t);
  const path = `/proc/${first.pid}/ns/net`;
  scanner.tell(() => scanner.set([], group(77, first.pid)));
  const { number } = await follower.found(first.pid);
  const second = await spawnHolder(t, path);
  scanner.tell(() => scanner.set([77], group(77, second.pid)));
  await follower.entryOf(second.pid);
  assert.equal(follower.watcher.entryOfProcess(second.pid)?.number, number);
  await first.end();
  await second.end();
  await follower.destroyed(number);
  assert.equal(follower.events.filter(({ type }) => type === 'found').length, 1);
});

// Fails if a scan overtakes the events of names.
test('a name that was made before the scan is taken in before', async (t) => {
  const { directory, scanner, follower } = await place(t);
  const { pid, end } = await spawnHolder(t);
  scanner.tell(() => {
    addAlias(`/proc/${pid}/ns/net`, `${directory}/a`);
    return scanner.set([], group(77, pid));
  });
  assert.equal((await follower.next('created')).type, 'created');
  const entry = await follower.entryOf(pid);
  assert.deepEqual(
    entry.names.map(({ name }) => name),
    ['a'],
  );
  await end();
  assert(!follower.events.some(({ type }) => type === 'found'));
});

test('the first process has ended: found by the second; all have ended: not found', async (t) => {
  const { scanner, follower } = await place(t);
  const [gone, there] = [await spawnHolder(t), await spawnHolder(t)];
  await gone.end();
  scanner.tell(() => {
    scanner.moved.set(gone.pid, null);
    return scanner.set([], group(76, gone.pid), group(77, gone.pid, there.pid));
  });
  assert.equal((await follower.found(there.pid)).pids.length, 2);
  assert.equal(follower.events.length, 1);
});

// Fails if a process tells of a namespace that it has left since the scan.
test('the first process has moved: the others tell what is in the namespace', async (t) => {
  const { directory, scanner, follower } = await place(t);
  addNamespace(`${directory}/a`);
  const link = 'ip link add inside type veth peer name outside'.split(' ');
  execFileSync('nsenter', [`--net=${directory}/a`, ...link]);
  const [moved, there] = [await spawnHolder(t, `${directory}/a`), await spawnHolder(t)];
  scanner.tell(() => {
    scanner.moved.set(moved.pid, 99);
    return scanner.set([], group(77, moved.pid, there.pid));
  });
  assert.equal((await follower.found(there.pid)).loOnly, true);
});

// Fails if it is not looked at once more who was asked.
test('a process that moves while it is asked: nothing is told of it by that', async (t) => {
  const { directory, scanner, follower } = await place(t);
  const { pid } = await spawnHolder(t);
  scanner.movesAfterLook = pid;
  scanner.tell(() => scanner.set([], group(77, pid)));
  await waitFor('it to have moved', () => scanner.moved.has(pid));
  addNamespace(`${directory}/a`);
  await follower.named('created', 'a');
  assert.deepEqual(
    follower.events.map(({ type }) => type),
    ['created'],
  );
  scanner.tell(() => {
    scanner.moved.delete(pid);
    return scanner.set([77], group(99, pid));
  });
  await follower.found(pid);
});

// Fails if the number of a process that came after the scan is believed.
test('the number is that of a process elsewhere: not found until a scan has it right', async (t) => {
  const { scanner, follower } = await place(t);
  const { pid } = await spawnHolder(t);
  scanner.tell(() => {
    scanner.moved.set(pid, 99);
    return scanner.set([], group(77, pid));
  });
  scanner.tell(() => {
    scanner.moved.delete(pid);
    return scanner.set([77], group(99, pid));
  });
  await follower.found(pid);
  assert.equal(follower.events.length, 1);
});

// Fails if what a process leads to while it is elsewhere is taken for the namespace it was seen in.
test('a process that goes elsewhere and comes back while it is asked: found at the next look', async (t) => {
  const { scanner, follower } = await place(t);
  const [home, elsewhere] = [await spawnHolder(t), await spawnHolder(t)];
  const files = [home, elsewhere].map(({ pid }) => openSync(`/proc/${pid}/ns/net`, 'r'));
  const [toHome, toElsewhere] = files as [number, number];
  const own = openSync('/proc/thread-self/ns/net', 'r');
  t.after(() => {
    go(own);
    for (const fd of [...files, own]) closeSync(fd);
  });
  go(toHome);
  let looks = 0;
  scanner.tell(() => {
    scanner.onLook = () => go(++looks === 1 ? toElsewhere : toHome);
    return scanner.set([], group(77, process.pid));
  });
  const { namespace } = await follower.found(process.pid);
  assert.equal(namespace?.ino, statSync(`/proc/${home.pid}/ns/net`, { bigint: true }).ino);
});

// Fails if the time for which a consumer lags counts as spent on processes: twenty times that passes.
test('a consumer who lags: processes are looked at soon after', async (t) => {
  const { directory, scanner, follower } = await place(t, { bufferSize: 1 });
  const [first, second] = [await spawnHolder(t), await spawnHolder(t)];
  scanner.tell(() => {
    // What the look has brought is taken in after these.
    for (const name of ['a', 'b', 'c']) addNamespace(`${directory}/${name}`);
    return scanner.set([], group(77, first.pid));
  });
  await waitFor('a name', () => follower.watcher.stats().buffered === 1);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await follower.found(first.pid);
  scanner.tell(() => scanner.set([], group(77, first.pid), group(78, second.pid)));
  await follower.found(second.pid);
});

test('a namespace that vanished and is in sight again is the same', async (t) => {
  const { scanner, follower } = await place(t);
  const { pid } = await spawnHolder(t);
  scanner.tell(() => scanner.set([], group(77, pid)));
  const { number } = await follower.found(pid);
  scanner.tell(() => scanner.set([77]));
  await waitFor('nobody to be in it', () => follower.entry(number)?.pids?.length === 0);
  scanner.tell(() => scanner.set([], group(78, pid)));
  await follower.entryOf(pid);
  assert.equal(follower.watcher.namespaces().filter((entry) => entry.number === number).length, 1);
  assert.equal(follower.events.length, 1);
});
