/** What is full, by what the gauges say. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fileSystemFull, mountsFull, namespacesFull } from '../../src/sys/shortage.ts';
import type { Gauges, Room } from '../../src/sys/shortage.ts';

const ROOM: Room = { type: 0xef53, bsize: 4096, blocks: 100, bavail: 10, files: 50, ffree: 5 };
const of = (texts: Record<string, string>, room: Partial<Room> | null = null): Gauges => ({
  text: (path) => texts[path] ?? null,
  room: () => (room === null ? null : { ...ROOM, ...room }),
});

const LIMIT = '/proc/sys/user/max_net_namespaces';
const MAP = '/proc/self/uid_map';
const INITIAL = '         0          0 4294967295\n';

test('namespaces: this limit, an outer one, or either', () => {
  for (const [limit, map, expected] of [
    [
      '63\n',
      INITIAL,
      /^the limit of network namespaces is reached: raise the sysctl user\.max_net_namespaces, which is 63,/,
    ],
    [
      '2147483647\n',
      '0 1000 1\n',
      /reached in an outer user namespace: raise .* there.* here it is 2147483647, which is no limit$/,
    ],
    ['7\n', '0 1000 1\n', /which is 7 in this user namespace, or that of an outer one/],
  ] as const)
    assert.match(namespacesFull('net', of({ [LIMIT]: limit, [MAP]: map })), expected);
  assert.equal(
    namespacesFull('mnt', of({})),
    'the limit of mount namespaces is reached: raise the sysctl user.max_mnt_namespaces',
  );
});

test('mounts: this namespace, or one that gets its mounts', () => {
  const table = (count: number): string => 'a mount\n'.repeat(count);
  const gauges = (count: number): Gauges =>
    of({ '/proc/sys/fs/mount-max': '100\n', '/proc/thread-self/mountinfo': table(count) });
  assert.match(
    mountsFull(gauges(100)) ?? '',
    /^this mount namespace is full: it has 100 mounts, .*mount-max is 100;/,
  );
  assert.match(
    mountsFull(gauges(99)) ?? '',
    /^a mount namespace is full: not this one, as far as .* wc -l|one that gets its mounts/,
  );
  assert.equal(mountsFull(of({})), undefined);
});

test('a file system: inodes, blocks, or neither', () => {
  const full = (room: Partial<Room> | null): string | undefined => fileSystemFull("/run/it's", of({}, room));
  assert.equal(
    full({ ffree: 0 }),
    "the file system of /run/it's has no inode left (50 in all): remove files there",
  );
  assert.equal(
    full({ bavail: 0 }),
    "the file system of /run/it's is full (409600 bytes): remove files there",
  );
  // No limit of inodes.
  assert.match(full({ files: 0, ffree: 0 }) ?? '', /has room by now/);
  assert.match(
    full({ type: 0x01021994, ffree: 0 }) ?? '',
    /, or make it larger: mount -o remount,nr_inodes=100 "\$\(findmnt -no TARGET -T '\/run\/it'\\''s'\)"$/,
  );
  assert.match(full({ type: 0x01021994, bavail: 0 }) ?? '', /remount,size=819200 /);
  assert.match(full({}) ?? '', /has room by now \(statfs\); a quota/);
  assert.equal(full(null), undefined);
});
