/**
 * Network namespaces by listns(2) on the real kernel: on Linux 6.19 those that are there, whoever
 * holds them, but for sockets; before, that there is no list.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { NETLINK_ROUTE } from '../../../src/netlink/index.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { NamespaceLister } from '../../../src/netns/identity/namespace-lister.ts';
import { cPath } from '../../../src/reference/names.ts';
import { seesAllNamespaces } from '../../../src/reference/initial-rights.ts';
import { errno } from '../../../src/sys/errno.ts';
import { namespaceListSystem } from '../../../src/sys/namespace-list.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { addNamespace, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { isBefore } from '../../support/old-kernels.ts';
import { waitFor } from '../../support/wait.ts';

const CLONE_NEWNET = 0x40000000;
const CLONE_NEWUSER = 0x10000000;

const system = netlinkSystem();
const calls = namespaceListSystem();

/** The kernel id of the namespace behind a path; null: there is none. */
function idOf(path: string): bigint | null {
  const handle = { id: 0n, type: 0, ino: 0 };
  return system.namespaceHandle(cPath(path), handle) < 0 ? null : handle.id;
}

const idAt = (path: string): bigint => idOf(path) ?? assert.fail(path);

const result = calls.listNamespaces(CLONE_NEWNET, 0n, new BigUint64Array(1));
const isThere = result >= 0;
/** Null: as there is no list of all for this caller on this kernel, which is all there is to see. */
const open = (): NamespaceLister | null => {
  const lister = NamespaceLister.open();
  assert.equal(lister !== null, isThere && seesAllNamespaces(system));
  return lister;
};

test('since Linux 6.19 there is a list', () => {
  if (isThere) assert(!isBefore(6, 19));
  // A filter may not know it, or forbid it.
  else assert([-errno.ENOSYS, -errno.EPERM].includes(result), `listns: ${result}`);
});

test('the call: ascending, after an id, as many as there is room for; what it refuses', (t) => {
  if (!isThere) return;
  const directory = netnsDirectory();
  const paths = ['a', 'b', 'c'].map((name) => `${directory}/${name}`);
  for (const path of paths) {
    addNamespace(path);
    t.after(() => deleteNamespace(path));
  }
  const ids = new BigUint64Array(4096);
  const list = (type: number, after = 0n, into = ids): bigint[] => {
    const count = calls.listNamespaces(type, after, into);
    assert(count >= 0 && count <= into.length);
    return [...into.subarray(0, count)];
  };
  const all = list(CLONE_NEWNET);
  assert(all.includes(idAt('/proc/self/ns/net')));
  for (const [at, id] of all.entries()) assert(at === 0 || id > (all[at - 1] as bigint));
  assert(!list(CLONE_NEWUSER).some((id) => all.includes(id)));
  assert.equal(list(CLONE_NEWNET, 0n, new BigUint64Array(1)).length, 1);
  assert.equal(calls.listNamespaces(CLONE_NEWNET, 0xffff_ffff_ffffn, ids), -errno.ENOENT);
  assert.equal(calls.listNamespaces(1, 0n, ids), -errno.EOPNOTSUPP);
  if (!seesAllNamespaces(system)) return;
  const [first = 0n, ...others] = paths.map(idAt);
  assert.deepEqual(
    list(CLONE_NEWNET, first - 1n).filter((id) => [first, ...others].includes(id)),
    [first, ...others].toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test('whatever holds a namespace: found, and gone; but for sockets', async (t) => {
  const lister = open();
  if (lister === null) return;
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  assert(lister.update().found.includes(idAt('/proc/self/ns/net')));

  addNamespace(path);
  const named = idAt(path);
  assert(lister.update().found.includes(named), 'a name');
  const opened = system.openNamespace({ id: named, type: 0, ino: 0 });
  assert(opened >= 0, 'what is listed is opened by its id alone');
  assert.equal(idAt(`/proc/self/fd/${opened}`), named);
  system.close(opened);
  const fd = openSync(path, 'r');
  deleteNamespace(path);
  assert(!lister.update().gone.includes(named), 'a descriptor');
  closeSync(fd);
  assert(lister.update().gone.includes(named), 'nothing');

  const holder = await spawnHolder(t);
  const inside = idAt(`/proc/${holder.pid}/ns/net`);
  assert(lister.update().found.includes(inside), 'a process');
  await holder.end();
  const gone = new Set<bigint>();
  await waitFor('the end of the process', () => {
    for (const id of lister.update().gone) gone.add(id);
    return gone.has(inside);
  });

  addNamespace(path);
  const left = idAt(path);
  assert(lister.update().found.includes(left));
  const [socket] = openSockets(system, NETLINK_ROUTE, { namespace: { path } }, 1);
  assert(socket !== undefined);
  assert(!lister.update().gone.includes(left));
  deleteNamespace(path);
  assert(lister.update().gone.includes(left), 'a socket');
  // It lives on: it answers, and asking it for its id does not make it count as held.
  const handle = { id: 0n, type: 0, ino: 0 };
  assert.equal(socket.namespaceHandle(handle), 0);
  assert.equal(handle.id, left);
  assert(!lister.update().found.includes(left));
  socket.close();
});

test('the namespaces of all processes are among those that are listed', () => {
  const lister = open();
  if (lister === null) return;
  const idsOfProcesses = (): Map<string, bigint> => {
    const ids = new Map<string, bigint>();
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const id = idOf(`/proc/${pid}/ns/net`);
      if (id !== null) ids.set(pid, id);
    }
    return ids;
  };
  const before = idsOfProcesses();
  const listed = new Set(lister.update().found);
  const after = idsOfProcesses();
  for (const [pid, id] of before) if (after.get(pid) === id) assert(listed.has(id), `of process ${pid}`);
});
