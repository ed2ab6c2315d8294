import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstOwner } from '../../../src/netns/processes/first-owner.ts';

test('of several processes the first that has an owner, and not of any number', (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'nlink-proc-'));
  t.after(() => rmSync(proc, { recursive: true }));
  const all = Array.from({ length: 100 }, (_, at) => at + 1);
  for (const pid of all) {
    mkdirSync(join(proc, String(pid)));
    writeFileSync(join(proc, String(pid), 'cgroup'), pid < 60 ? '0::/\n' : `0::/lxc.payload.c${pid}\n`);
  }
  assert.deepEqual(firstOwner(all, proc), { kind: 'lxc', name: 'c60', id: null });
  assert.equal(firstOwner([], proc), null);
  // A host without a service manager has thousands of them.
  for (const pid of all.slice(0, 64)) writeFileSync(join(proc, String(pid), 'cgroup'), '0::/\n');
  assert.equal(firstOwner(all, proc), null);
});
