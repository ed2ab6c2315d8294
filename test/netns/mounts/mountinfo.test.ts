import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { mountHolding, parseMountinfo, pathInFileSystem } from '../../../src/netns/mounts/mountinfo.ts';
import type { Mount } from '../../../src/netns/mounts/mountinfo.ts';
import { decodeName, encodeName } from '../../../src/reference/names.ts';

/** As the kernel writes a path: `mangle` in fs/proc_namespace.c. */
function escape(path: string): Buffer {
  const bytes = [...encodeName(path)].map((byte) =>
    ' \t\n\\'.includes(String.fromCharCode(byte))
      ? Buffer.from(`\\${byte.toString(8).padStart(3, '0')}`)
      : Buffer.from([byte]),
  );
  return Buffer.concat(bytes);
}

function format(mount: Mount, extra: string[] = []): Buffer {
  const tags = [...extra];
  if (mount.shared !== null) tags.push(`shared:${mount.shared}`);
  if (mount.master !== null) tags.push(`master:${mount.master}`);
  const head = `${mount.id} ${mount.parent} ${mount.device} `;
  const tail = ` ${['rw,relatime', ...tags].join(' ')} - ${mount.type} none rw\n`;
  const paths = [escape(mount.root), Buffer.from(' '), escape(mount.mountPoint)];
  return Buffer.concat([Buffer.from(head), ...paths, Buffer.from(tail)]);
}

const id = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const group = fc.option(fc.integer({ min: 1, max: 2 ** 31 - 1 }));
/** Any bytes but NUL, after a slash. */
const path = fc.uint8Array({ max: 30 }).map((bytes) => `/${decodeName(bytes.map((byte) => byte || 32))}`);
const mount: fc.Arbitrary<Mount> = fc.record(
  {
    id,
    parent: id,
    device: fc.tuple(fc.nat(4095), fc.nat(2 ** 20 - 1)).map(([major, minor]) => `${major}:${minor}`),
    root: fc.oneof(path, fc.constant('net:[4026531840]')),
    mountPoint: path,
    shared: group,
    master: group,
    type: fc.constantFrom('tmpfs', 'nsfs', 'fuse.sshfs'),
  },
  { noNullPrototype: true },
);

test('whatever the kernel can write is read back', () => {
  const extras = fc.constantFrom<string[]>([], ['propagate_from:3'], ['unbindable']);
  fc.assert(
    fc.property(fc.array(fc.tuple(mount, extras), { maxLength: 20 }), (mounts) => {
      const bytes = Buffer.concat(mounts.map(([mount, extra]) => format(mount, extra)));
      assert.deepEqual(
        parseMountinfo(bytes),
        mounts.map(([mount]) => mount),
      );
    }),
    { numRuns: 1000 },
  );
});

test('bytes that are no mountinfo: ERR_NLINK_MALFORMED, never anything else', () => {
  const malformed = { code: 'ERR_NLINK_MALFORMED' };
  for (const line of [
    'x',
    '1 2 3:4 / / rw',
    '1 2 3:4 / / rw -',
    'a 2 3:4 / / rw - t s',
    '1 2 3 / / rw - t s',
  ]) {
    assert.throws(() => parseMountinfo(Buffer.from(line)), malformed, line);
  }
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
      try {
        parseMountinfo(Buffer.from(bytes));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ERR_NLINK_MALFORMED');
      }
    }),
  );
});

test('the mounts of this machine', () => {
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo'));
  const holder = mountHolding(mounts, '/proc/self');
  assert.equal(holder?.type, 'proc');
});

const at = (id: number, parent: number, mountPoint: string, root = '/', device = `0:${id}`): Mount => ({
  id,
  parent,
  device,
  root,
  mountPoint,
  shared: null,
  master: null,
  type: 'tmpfs',
});

test('the mount that holds a path', () => {
  const run = [at(1, 0, '/'), at(2, 1, '/run'), at(3, 2, '/run/netns', '/netns', '0:2')];
  assert.equal(mountHolding(run, '/')?.id, 1);
  assert.equal(mountHolding(run, '/runner')?.id, 1);
  assert.equal(mountHolding(run, '/run')?.id, 2);
  assert.equal(mountHolding(run, '/run/netns')?.id, 3);
  assert.equal(mountHolding(run, '/run/netns/a')?.id, 3);
  // One mount on top of another at the same place, in whichever order they are listed.
  assert.equal(mountHolding([...run, at(4, 3, '/run/netns')], '/run/netns/a')?.id, 4);
  assert.equal(mountHolding([at(4, 3, '/run/netns'), ...run], '/run/netns/a')?.id, 4);
  // A mount further up covers those below, however long their paths are.
  assert.equal(mountHolding([...run, at(5, 2, '/run')], '/run/netns/a')?.id, 5);
  assert.equal(mountHolding([...run, at(5, 2, '/run'), at(6, 5, '/run/netns')], '/run/netns/a')?.id, 6);
  // In a chroot the root directory need not be a mount.
  assert.equal(mountHolding([at(2, 1, '/run')], '/etc'), null);
  assert.equal(mountHolding([at(2, 1, '/run')], '/run/x')?.id, 2);
  assert.equal(mountHolding([], '/'), null);
});

test('any table of mounts gives an end to the walk, and a holder that is a prefix', () => {
  const small = fc.integer({ min: 0, max: 6 });
  const place = fc.constantFrom('/', '/a', '/a/b', '/a/bc', '/a/b/c');
  const table = fc.array(fc.tuple(small, small, place), { maxLength: 12 });
  fc.assert(
    fc.property(table, place, (rows, path) => {
      const mounts = rows.map(([id, parent, mountPoint]) => at(id, parent, mountPoint));
      const holder = mountHolding(mounts, path);
      if (holder !== null) assert.ok(`${path}/`.startsWith(holder.mountPoint));
    }),
  );
});

test('the place in the file system is the same through any mount of it', () => {
  assert.equal(pathInFileSystem(at(1, 0, '/'), '/run/netns/a'), '/run/netns/a');
  assert.equal(pathInFileSystem(at(1, 0, '/run'), '/run/netns/a'), '/netns/a');
  assert.equal(pathInFileSystem(at(1, 0, '/run/netns', '/netns'), '/run/netns/a'), '/netns/a');
  assert.equal(pathInFileSystem(at(1, 0, '/', '/netns'), '/a'), '/netns/a');
  assert.equal(pathInFileSystem(at(1, 0, '/', '/netns'), '/'), '/netns');
  assert.equal(pathInFileSystem(at(1, 0, '/mnt'), '/mnt'), '/');
});
