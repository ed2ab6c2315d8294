/** The mounts of the caller's mount namespace, as listmount(2) and statmount(2) tell them. */
import { strict as assert } from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cPath } from '../../src/reference/names.ts';
import { errno } from '../../src/sys/errno.ts';
import { MNT_DETACH, MS_BIND } from '../../src/sys/flags.ts';
import { mountIdAt, setMountId } from '../../src/sys/mount-list.ts';
import { emptyStatus } from '../../src/sys/stat.ts';
import { linux } from '../../src/sys/system.ts';
import { netnsDirectory } from '../support/netns.ts';

const system = linux();

function mountOf(path: string): number {
  const status = emptyStatus();
  assert.equal(system.stat(cPath(path), true, status), 0);
  return status.mountId;
}

/** The ids below a mount. */
function list(mount: number, after = 0, room = 64): number[] | number {
  const ids = new Uint32Array(2 * room);
  const count = system.listMounts(mount, after, ids);
  return count < 0 ? count : Array.from({ length: count }, (_, index) => mountIdAt(ids, index));
}

function pointOf(mount: number): string | number {
  const bytes = new Uint8Array(4097);
  const length = system.mountPoint(mount, bytes);
  if (length < 0) return length;
  assert.equal(bytes[length], 0);
  return Buffer.from(bytes.subarray(0, length)).toString('latin1');
}

const isThere = list(mountOf('/run')) !== -errno.ENOSYS;
const skip = isThere ? false : 'before Linux 6.8 there is no listmount(2)';

test('mounts come, are covered, and go, each with an id of its own', { skip }, (t) => {
  const directory = netnsDirectory();
  const bind = (to: string): number => {
    assert.equal(system.mount(cPath('/proc/self/ns/net'), cPath(to), MS_BIND), 0);
    return mountOf(to);
  };
  assert.equal(system.mount(cPath(directory), cPath(directory), MS_BIND), 0);
  t.after(() => system.umount(cPath(directory), MNT_DETACH));
  const root = mountOf(directory);
  assert.deepEqual(list(root), []);
  const names = ['a', 'b\nc', 'x'.repeat(255)];
  const mounts = names.map((name) => {
    writeFileSync(join(directory, name), '');
    return bind(join(directory, name));
  });
  assert.deepEqual(list(root), mounts);
  assert.deepEqual(
    mounts.map(pointOf),
    names.map((name) => join(directory, name)),
  );
  const covering = bind(join(directory, 'a'));
  assert.deepEqual(list(root), [...mounts, covering]);
  assert.equal(pointOf(covering), join(directory, 'a'));
  assert.equal(pointOf(mounts[0] as number), join(directory, 'a'));
  assert.equal(system.umount(cPath(join(directory, 'a')), MNT_DETACH), 0);
  assert.deepEqual(list(root), mounts);
  assert.equal(pointOf(covering), -errno.ENOENT);
  assert.deepEqual(list(root, mounts[0] as number), mounts.slice(1), 'those after the first');
  assert.deepEqual(list(root, 0, 2), mounts.slice(0, 2), 'as many as there is room for');
});

test('all that is below, not only the children', { skip }, (t) => {
  const directory = netnsDirectory();
  assert.equal(system.mount(cPath(directory), cPath(directory), MS_BIND), 0);
  t.after(() => system.umount(cPath(directory), MNT_DETACH));
  const inner = join(directory, 'inner');
  mkdirSync(inner);
  assert.equal(system.mount(cPath('none'), cPath(inner), 0, 'tmpfs'), 0);
  writeFileSync(join(inner, 'name'), '');
  assert.equal(system.mount(cPath('/proc/self/ns/net'), cPath(join(inner, 'name')), MS_BIND), 0);
  assert.deepEqual(list(mountOf(directory)), [mountOf(inner), mountOf(join(inner, 'name'))]);
});

test('a mount that is gone', { skip }, () => {
  const directory = netnsDirectory();
  assert.equal(system.mount(cPath(directory), cPath(directory), MS_BIND), 0);
  const mount = mountOf(directory);
  assert.equal(system.umount(cPath(directory), MNT_DETACH), 0);
  assert.equal(list(mount), -errno.ENOENT);
  assert.equal(pointOf(mount), -errno.ENOENT);
});

test('ids beyond 32 bits are pairs of words', () => {
  const ids = new Uint32Array(6);
  for (const [index, id] of [2 ** 31 + 7, 2 ** 32 - 1, 2 ** 52 + 3].entries()) {
    setMountId(ids, index, id);
    assert.equal(mountIdAt(ids, index), id);
    assert.equal(new BigUint64Array(ids.buffer)[index], BigInt(id));
  }
});
