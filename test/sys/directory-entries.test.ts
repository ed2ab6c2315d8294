/** Directories read by getdents64(2): beside Node's readdir, and records as the kernel writes them. */
import { strict as assert } from 'node:assert';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { directoryEntrySystem, NumberedEntries } from '../../src/sys/directory-entries.ts';
import type { DirectoryEntryCalls } from '../../src/sys/directory-entries.ts';
import { errno } from '../../src/sys/errno.ts';
import { directoryEntries } from '../support/directory-entries.ts';

/** What is read of a directory, part by part. */
function read(
  system: DirectoryEntryCalls,
  fd: number,
  size = 256,
): [result: number, found: Map<number, number>] {
  const [entries, found] = [new NumberedEntries(size), new Map<number, number>()];
  for (;;) {
    const result = entries.read(system, fd, (number, inode) => found.set(number, inode));
    if (result <= 0) return [result, found];
  }
}

test('names that are numbers, with their inodes, of a directory of several reads', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'nlink-entries-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (let number = 0; number < 100; number++) mkdirSync(join(directory, String(number * 37)));
  for (const name of ['a', '1a', '-1', '1.5', '99999999999999', '٣', 'self'])
    writeFileSync(join(directory, name), '');
  const fd = openSync(directory, 'r');
  t.after(() => closeSync(fd));
  const [result, found] = read(directoryEntrySystem(), fd);
  assert.equal(result, 0);
  const numbers = readdirSync(directory).filter((name) => /^\d{1,9}$/.test(name));
  assert.equal(found.size, 100);
  for (const name of numbers) {
    const { ino } = statSync(join(directory, name), { bigint: true });
    assert.equal(found.get(Number(name)), Number(BigInt.asUintN(32, ino)), name);
  }
});

test('what is no directory, and no descriptor', (t) => {
  const fd = openSync('/dev/null', 'r');
  t.after(() => closeSync(fd));
  assert.deepEqual(read(directoryEntrySystem(), fd), [-errno.ENOTDIR, new Map()]);
  assert.deepEqual(read(directoryEntrySystem(), -1), [-errno.EBADF, new Map()]);
});

test('records of the kernel, of whatever length', () => {
  const listed: [name: string, inode: number][] = [
    ['.', 1],
    ['..', 2],
    ['1', 0xffff_fffe],
    ['4194304', 7],
    ['', 8],
  ];
  const parts = directoryEntries(listed, 64);
  let part = 0;
  const system = { directoryEntries: (_: number, into: Uint8Array) => parts[part++]?.copy(into) ?? 0 };
  assert.deepEqual(read(system, 0, 64), [
    0,
    new Map([
      [1, 0xffff_fffe],
      [4_194_304, 7],
    ]),
  ]);
  assert.ok(parts.length > 1);
});
