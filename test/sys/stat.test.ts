/**
 * The status of files: statx decoded as Node's stat would say it, and Node's stat where there is no
 * statx.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  lstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { cPath } from '../../src/reference/names.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { errno } from '../../src/sys/errno.ts';
import { emptyStatus, isDirectory, isRegular, isSymlink, statBy } from '../../src/sys/stat.ts';
import { linux } from '../../src/sys/system.ts';

/** One file of each kind. */
async function files(t: TestContext): Promise<Record<string, string>> {
  const directory = mkdtempSync(join(tmpdir(), 'nlink-stat-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('file'), 'content');
  writeFileSync(at('old'), '');
  utimesSync(at('old'), -1.5, -1.5);
  writeFileSync(at('a b\n\u00fc'), '');
  symlinkSync('file', at('link'));
  symlinkSync('nowhere', at('dangling'));
  symlinkSync('loop', at('loop'));
  execFileSync('mkfifo', [at('fifo')]);
  const server = createServer().listen(at('socket'));
  await once(server, 'listening');
  t.after(() => server.close());
  // The inode of a namespace that nothing refers to is made anew for each look, with another time.
  const namespace = openSync('/proc/self/ns/net', 'r');
  t.after(() => closeSync(namespace));
  return Object.fromEntries(
    ['file', 'old', 'a b\n\u00fc', 'link', 'dangling', 'loop', 'fifo', 'socket', 'file/below', 'missing', '.']
      .map((name) => [name, at(name)])
      .concat([
        ['device', '/dev/null'],
        ['namespace', '/proc/self/ns/net'],
        ['a process', '/proc/self'],
        ['root', '/'],
      ]),
  ) as Record<string, string>;
}

/** What Node says, in our words. */
function byNode(path: string, follow: boolean): object | number {
  try {
    const { dev, ino, mode, size, mtimeNs, nlink } = (follow ? statSync : lstatSync)(path, { bigint: true });
    return { dev, ino, mode: Number(mode), size, mtime: mtimeNs, links: Number(nlink) };
  } catch (error) {
    return (error as NodeJS.ErrnoException).errno as number;
  }
}

const unusable = (result: number): ReturnType<typeof statBy> => statBy(() => result);

const stats: [name: string, stat: ReturnType<typeof statBy>, hasMountId: boolean][] = [
  ['statx', (...args) => linux().stat(...args), true],
  ['no statx in the C library', statBy(null), false],
  ['no statx in the kernel', unusable(-errno.ENOSYS), false],
  ['statx forbidden by a filter', unusable(-errno.EPERM), false],
];
for (const [name, stat, hasMountId] of stats) {
  test(`as Node's stat for every kind of file: ${name}`, async (t) => {
    for (const [what, path] of Object.entries(await files(t))) {
      for (const follow of [true, false]) {
        const status = emptyStatus();
        const result = stat(cPath(path), follow, status);
        const { dev, ino, mode, size, mtime, mountId, links } = status;
        const seen = { dev, ino, mode, size, mtime, links };
        assert.deepEqual(result < 0 ? result : seen, byNode(path, follow), `${what}, follow ${follow}`);
        if (result < 0) continue;
        assert.equal(mountId > 0, hasMountId, what);
        assert.equal(BigInt(status.lowIno), BigInt.asUintN(32, ino), what);
      }
    }
  });
}

test('a statx that is missing is asked for once', () => {
  let asked = 0;
  const stat = statBy(() => {
    asked++;
    return -errno.ENOSYS;
  });
  for (let round = 0; round < 3; round++) assert.equal(stat(cPath('/'), true, emptyStatus()), 0);
  assert.equal(asked, 1);
});

test('what a failed call leaves in the status is not of another file', () => {
  const status = emptyStatus();
  assert.equal(linux().stat(cPath('/nonexistent'), true, status), -errno.ENOENT);
  assert.deepEqual(status, emptyStatus());
});

test('the kinds', () => {
  const status = emptyStatus();
  const kinds = (path: string, follow: boolean): boolean[] => {
    linux().stat(cPath(path), follow, status);
    return [isRegular(status), isDirectory(status), isSymlink(status)];
  };
  assert.deepEqual(kinds(process.execPath, true), [true, false, false]);
  assert.deepEqual(kinds('/', true), [false, true, false]);
  assert.deepEqual(kinds('/proc/self', false), [false, false, true]);
  assert.deepEqual(kinds('/dev/null', true), [false, false, false]);
});

test('large device numbers are packed as in C', () => {
  const packed = (major: number, minor: number): bigint => {
    const status = emptyStatus();
    const raw = new DataView(status.bytes.buffer);
    raw.setUint32(136, major, littleEndian);
    raw.setUint32(140, minor, littleEndian);
    const copy = emptyStatus();
    copy.set(status);
    assert.deepEqual(copy.bytes, status.bytes);
    return status.dev;
  };
  // By makedev(3) of glibc.
  assert.equal(packed(8, 1), 0x801n);
  assert.equal(packed(0, 0xfffff), 0xfff000ffn);
  assert.equal(packed(259, 0x100), 0x110300n);
  assert.equal(packed(0xfff, 0xff), 0xfffffn);
  assert.equal(packed(0x1234, 0x56789), 0x100056723489n);
  assert.equal(packed(0xffffffff, 0xffffffff), 0xffffffffffffffffn);
});
