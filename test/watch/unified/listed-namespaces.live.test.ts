/**
 * Namespaces that nothing but a mount or a descriptor holds, where the kernel lists all. Linux 6.19
 * does; here the list is told, and opening by the id alone is made up for before that.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { errno } from '../../../src/sys/errno.ts';
import { realProcessIo } from '../../../src/watch/unified/process-io.ts';
import type { ListedChanges } from '../../../src/netns/identity/namespace-lister.ts';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { waitFor } from '../../support/wait.ts';
import { hastyIo, UnnamedFollower } from '../support/unnamed-follower.ts';

/** A list that is told, and what leads to each namespace in it. */
class ToldList {
  readonly paths = new Map<bigint, string>();
  #next: ListedChanges = { found: [], gone: [] };
  /** What opening by the id alone gives in place of a descriptor. */
  refusal = 0;
  /** Whether nothing can be opened by which it would be numbered. */
  isShort = false;

  tell(change: Partial<ListedChanges>): void {
    const { found, gone } = this.#next;
    this.#next = { found: [...found, ...(change.found ?? [])], gone: [...gone, ...(change.gone ?? [])] };
  }

  update(): ListedChanges {
    const next = this.#next;
    this.#next = { found: [], gone: [] };
    return next;
  }
}

async function place(
  t: TestContext,
): Promise<{ directory: string; list: ToldList; follower: UnnamedFollower; idAt: (path: string) => bigint }> {
  freshTable(t);
  const io = hastyIo();
  const list = new ToldList();
  const { system } = io;
  const handle = { id: 0n, type: 0, ino: 0 };
  const idAt = (path: string): bigint => {
    assert.equal(system.namespaceHandle(cPath(path), handle), 0);
    list.paths.set(handle.id, path);
    return handle.id;
  };
  const byIdAlone = Object.assign(Object.create(system), {
    openNamespace: (asked: { id: bigint; type: number; ino: number }) => {
      if (asked.ino !== 0) return list.isShort ? -errno.EMFILE : system.openNamespace(asked);
      if (list.refusal !== 0) return list.refusal;
      const path = list.paths.get(asked.id);
      return path === undefined ? -errno.ESTALE : system.open(cPath(path), 0);
    },
    open: (path: Parameters<typeof system.open>[0], flags: number) =>
      list.isShort && Buffer.from(path).toString().startsWith('/proc/self/fd/')
        ? -errno.EMFILE
        : system.open(path, flags),
  }) as typeof system;
  const processes = { ...realProcessIo('/proc', io.clock, system), openLister: () => list };
  const directory = netnsDirectory();
  const follower = await UnnamedFollower.open(t, { directory }, { ...io, system: byIdAlone, processes });
  return { directory, list, follower, idAt };
}

const HANDLE = { id: 0n, type: 0, ino: 0 };
/** Before Linux 6.18 there are none, nor a list. */
const hasIds = hastyIo().system.namespaceHandle(cPath('/proc/self/ns/net'), HANDLE) === 0;

test('held by a mount elsewhere: found, without processes; destroyed', async (t) => {
  if (!hasIds) return;
  const { list, follower, idAt } = await place(t);
  const path = `${netnsDirectory()}/elsewhere`;
  addNamespace(path);
  const id = idAt(path);
  list.tell({ found: [id] });
  const found = await follower.foundBy((event) => event.namespace?.id === id);
  assert.deepEqual([found.pids, found.owner, found.loOnly], [[], null, null]);
  deleteNamespace(path);
  await follower.destroyed(found.number);
});

test('one that a process is in is found by that, once', async (t) => {
  if (!hasIds) return;
  const { list, follower, idAt } = await place(t);
  const { pid, end } = await spawnHolder(t);
  const id = idAt(`/proc/${pid}/ns/net`);
  list.tell({ found: [id] });
  const found = await follower.foundBy((event) => event.namespace?.id === id);
  assert.deepEqual(found.pids, [pid]);
  await end();
  await follower.destroyed(found.number);
});

test('one that has a name is known; its name goes, and it comes into the list again', async (t) => {
  if (!hasIds) return;
  const { directory, list, follower, idAt } = await place(t);
  addNamespace(`${directory}/a`);
  const id = idAt(`${directory}/a`);
  list.tell({ found: [id] });
  await follower.named('created', 'a');
  const away = `${netnsDirectory()}/away`;
  addAlias(`${directory}/a`, away);
  deleteNamespace(`${directory}/a`);
  await follower.named('deleted', 'a');
  idAt(away);
  list.tell({ gone: [id], found: [id] });
  const { pid } = await spawnHolder(t);
  await follower.found(pid);
  assert(!follower.events.some((event) => event.type === 'found' && event.namespace?.id === id));
});

test('it has gone before it is opened: nothing; no descriptor is left for a moment: found later', async (t) => {
  if (!hasIds) return;
  const { list, follower, idAt } = await place(t);
  list.tell({ found: [1n << 50n] });
  const path = `${netnsDirectory()}/elsewhere`;
  addNamespace(path);
  const fd = openSync(path, 'r');
  const id = idAt(path);
  list.refusal = -errno.EMFILE;
  list.tell({ found: [id] });
  const { pid } = await spawnHolder(t);
  await follower.found(pid);
  assert(!follower.events.some((event) => event.type === 'found' && event.namespace?.id === id));
  list.refusal = 0;
  // The next scan takes it in.
  await follower.found((await spawnHolder(t)).pid);
  const found = await follower.foundBy((event) => event.namespace?.id === id);
  deleteNamespace(path);
  closeSync(fd);
  await follower.destroyed(found.number);
});

// Fails if what is listed once is given up when it cannot be numbered just then.
test('it opens, and cannot be numbered for a moment: found later', async (t) => {
  if (!hasIds) return;
  const { list, follower, idAt } = await place(t);
  const path = `${netnsDirectory()}/elsewhere`;
  addNamespace(path);
  const id = idAt(path);
  list.isShort = true;
  list.tell({ found: [id] });
  const { scans = 0 } = follower.watcher.stats().processes ?? {};
  await waitFor('some scans', () => (follower.watcher.stats().processes?.scans ?? 0) > scans + 2);
  list.isShort = false;
  const found = await follower.foundBy((event) => event.namespace?.id === id);
  deleteNamespace(path);
  await follower.destroyed(found.number);
});
