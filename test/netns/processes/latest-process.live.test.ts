/** The number of the process that was started last. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { latestProcess } from '../../../src/netns/processes/latest-process.ts';
import { procfsAt } from '../../../src/netns/processes/procfs.ts';
import { spawnHolder } from '../../support/netns.ts';

test('another one after each that starts', async (t) => {
  const procfs = procfsAt('/proc');
  const seen = new Set<number | null>();
  for (let round = 0; round < 5; round++) {
    seen.add(latestProcess(procfs));
    await spawnHolder(t);
  }
  assert.ok(!seen.has(null));
  assert.equal(seen.size, 5);
});

test('unknown of another procfs, and where the file says something else', (t) => {
  const path = mkdtempSync(join(tmpdir(), 'nlink-proc-'));
  t.after(() => rmSync(path, { recursive: true }));
  const procfs = { path, own: true, initial: true };
  assert.equal(latestProcess(procfs), null);
  writeFileSync(join(path, 'loadavg'), '0.71 1.01 1.47 2/92 31337\n');
  assert.equal(latestProcess(procfs), 31_337);
  assert.equal(latestProcess({ ...procfs, own: false }), null);
  writeFileSync(join(path, 'loadavg'), '0.71 1.01 1.47\n');
  assert.equal(latestProcess(procfs), null);
});
