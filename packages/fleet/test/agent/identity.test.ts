import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { identityOf } from '../../src/agent/identity.ts';
import type { IdentityFiles } from '../../src/agent/identity.ts';

const MACHINE = '0123456789abcdef0123456789abcdef';
const BOOT = 'b2d6dbb3-1d07-4fb7-b3b7-6d2f6d4b9f0a';

function files(t: TestContext, machineId: string | null, bootId: string | null = BOOT): IdentityFiles {
  const directory = mkdtempSync(join(tmpdir(), 'nlink-identity-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = { machineId: join(directory, 'machine-id'), bootId: join(directory, 'boot_id') };
  if (machineId !== null) writeFileSync(paths.machineId, `${machineId}\n`);
  if (bootId !== null) writeFileSync(paths.bootId, `${bootId}\n`);
  return paths;
}

test('a host is told by its machine id, which nobody can read from it', (t) => {
  const { key } = identityOf(undefined, files(t, MACHINE));
  assert.match(key, /^[0-9a-f]{32}$/);
  assert.notEqual(key, MACHINE);
  assert.equal(identityOf(undefined, files(t, MACHINE)).key, key);
  assert.notEqual(identityOf(undefined, files(t, MACHINE.replace('0', '1'))).key, key);
});

test('each start has an epoch of its own, of which the first half is the boot', (t) => {
  const one = files(t, MACHINE);
  const epochs = Array.from({ length: 20 }, () => identityOf('key', one).epoch);
  assert.equal(new Set(epochs).size, 20);
  assert.equal(new Set(epochs.map((epoch) => epoch.slice(0, 8))).size, 1);
  for (const epoch of epochs) assert.match(epoch, /^[0-9a-f]{16}$/);
  const other = identityOf('key', files(t, MACHINE, BOOT.replace('b', 'c'))).epoch;
  assert.notEqual(other.slice(0, 8), epochs[0]?.slice(0, 8));
  assert.match(identityOf('key', files(t, MACHINE, null)).epoch, /^[0-9a-f]{16}$/);
});

for (const machineId of [null, '', 'uninitialized', '0'.repeat(32), MACHINE.slice(1)])
  test(`a machine id of ${JSON.stringify(machineId)} tells no host from another`, (t) => {
    const broken = files(t, machineId);
    assert.throws(() => identityOf(undefined, broken), {
      code: 'ERR_FLEET_NO_IDENTITY',
      message: /a key of its own/,
    });
    assert.equal(identityOf('lab-7', broken).key, 'lab-7');
  });

for (const key of ['', 'a.b', 'all', '*', 'a b', 'ä', 'x'.repeat(201), 7, null])
  test(`${JSON.stringify(key)?.slice(0, 20)} is no key`, (t) => {
    assert.throws(() => identityOf(key as string, files(t, MACHINE)), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  });
