/** The table of mounts, over a kernel whose lists and mount points are the test's. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { errno } from '../../../src/sys/errno.ts';
import { mountIdAt, setMountId } from '../../../src/sys/mount-list.ts';
import type { FileStatus } from '../../../src/sys/stat.ts';
import type { System } from '../../../src/sys/system.ts';
import { MountTable } from '../../../src/watch/names/mount-table.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { seenNamespace } from './observations.ts';

/** The directory's mount; ids of others are past 32 bits. */
const TOP = 2 ** 32 - 1;
const id = (number: number): number => 2 ** 32 + number;

class Host {
  readonly points = new Map<number, string>();
  /** What listmount(2) fails with. */
  refusal = 0;
  top = TOP;
  readonly looks: string[] = [];
  readonly names = new NameStates('/d', 1000);
  readonly table: MountTable;

  constructor(...names: string[]) {
    for (const name of names) this.names.adopt(name, { kind: 'missing' });
    const system = {
      stat: (_path: unknown, _follow: unknown, into: FileStatus): number => {
        into.set({ dev: 1n, ino: 1n, mode: 0o040755, size: 0n, mtime: 0n, mountId: this.top });
        return 0;
      },
      listMounts: (_mount: number, after: number, into: Uint32Array): number => {
        if (this.refusal !== 0) return -this.refusal;
        const ids = [...this.points.keys()].filter((each) => each > after).sort((a, b) => a - b);
        const fitting = ids.slice(0, into.length >> 1);
        for (const [index, each] of fitting.entries()) setMountId(into, index, each);
        return fitting.length;
      },
      mountPoint: (mount: number, into: Uint8Array): number => {
        const path = cPath(this.points.get(mount) ?? '');
        into.set(path);
        return path.length - 1;
      },
      open: () => -errno.ENOENT,
    } as unknown as System;
    this.table = new MountTable(system, cPath('/d'), this.names, ({ name }) => this.looks.push(name));
    this.table.rebase();
  }

  record(name: string): WatchedName {
    return this.names.records.get(name) as WatchedName;
  }

  /** A look shows a mount on a name. */
  see(name: string, mountId: number): void {
    this.table.observed(this.record(name), { ...seenNamespace(1), mountId } as never);
  }

  update(): [news: string, ...looks: string[]] {
    this.looks.length = 0;
    const news = this.table.update();
    this.table.locate();
    return [news, ...this.looks];
  }
}

test('came, and no look has shown it: its name is found by its mount point', () => {
  const host = new Host('a', 'b');
  host.points.set(id(1), '/d/b');
  assert.deepEqual(host.update(), ['names', 'b']);
  assert.deepEqual(host.update(), ['none']);
});

test('came, and a look has shown it: no look', () => {
  const host = new Host('a');
  host.see('a', id(1));
  host.points.set(id(1), '/d/a');
  assert.deepEqual(host.update(), ['others']);
});

test('came elsewhere: no look', () => {
  const host = new Host('a');
  host.points.set(id(1), '/elsewhere');
  assert.deepEqual(host.update(), ['others']);
});

test('was shown before the list, and is gone at the next: looked at again', () => {
  const host = new Host('a');
  host.see('a', id(1));
  assert.deepEqual(host.update(), ['names', 'a']);
});

test('stacked: looked at when what is on top goes, and not when what is covered goes', () => {
  const host = new Host('a');
  for (const each of [1, 2]) host.points.set(id(each), '/d/a');
  host.see('a', id(1));
  host.see('a', id(2));
  host.update();
  host.points.delete(id(1));
  assert.deepEqual(host.update(), ['others']);
  host.points.delete(id(2));
  assert.deepEqual(host.update(), ['names', 'a']);
});

test('a name that vanished and came again is not looked at for the mount of the old one', () => {
  const host = new Host('a');
  host.points.set(id(1), '/d/a');
  host.see('a', id(1));
  host.update();
  while (host.names.vanish('a') !== undefined);
  host.names.adopt('a', { kind: 'missing' });
  host.points.delete(id(1));
  assert.deepEqual(host.update(), ['others']);
});

test('moved: verify finds from where and to where; an id may come after a greater one', () => {
  const host = new Host('a', 'b', 'c');
  host.points.set(id(9), '/d/a');
  host.see('a', id(9));
  host.update();
  host.points.set(id(9), '/d/b');
  host.looks.length = 0;
  assert.equal(host.table.verify(0, 100), 1);
  assert.deepEqual(host.looks, ['a', 'b']);
  host.points.set(id(3), '/d/c');
  assert.deepEqual(host.update(), ['names', 'c']);
});

test('a mount that looks show on two names is looked after once: it may be another directory', () => {
  const host = new Host('a', 'b');
  for (const name of ['a', 'b', 'a', 'b']) host.see(name, id(1));
  assert.deepEqual(host.looks, ['a']);
});

test('more mounts than the list had room for', () => {
  const host = new Host('a');
  for (let each = 0; each < 1024; each++) host.points.set(id(each), '/x');
  host.update();
  assert.equal(host.table.size, 1024);
  host.points.set(id(5000), '/d/a');
  assert.deepEqual(host.update(), ['names', 'a']);
  assert.equal(host.table.size, 1025);
});

for (const [code, news] of [
  [errno.ENOENT, 'elsewhere'],
  [errno.EPERM, 'unavailable'],
  [errno.ENOSYS, 'unavailable'],
] as const) {
  test(`no list: ${code} means ${news}, and names are looked at`, () => {
    const host = new Host('a');
    assert.equal(host.table.available, true);
    host.refusal = code;
    assert.deepEqual(host.update(), [news]);
    assert.equal(host.table.available, false);
    host.table.rebase();
    assert.deepEqual([host.table.available, host.table.size], [false, 0]);
  });
}

test('no unique ids of mounts: no list', () => {
  const host = new Host('a');
  host.top = 0;
  host.table.rebase();
  assert.equal(host.table.available, false);
  host.see('a', 0);
  assert.equal(host.record('a').mount, 0);
});

test('the directory is reached by another mount: elsewhere, whatever is on names', () => {
  const host = new Host('a');
  host.points.set(id(1), '/d/a');
  host.top = TOP - 1;
  assert.equal(host.update()[0], 'elsewhere');
});

test('ids are read as 64-bit numbers', () => {
  const list = new Uint32Array(2);
  setMountId(list, 0, id(7));
  assert.equal(mountIdAt(list, 0), id(7));
});
