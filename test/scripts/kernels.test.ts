/**
 * Which kernel is booted, and what the table says of one that is not to be had (scripts/kernels/).
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';

interface Kernel {
  name: string;
  version: string;
}
interface Archive {
  choose: (archive: { kernels: readonly Kernel[] }, wanted: string) => Kernel | undefined;
}
interface Table {
  table: (rows: readonly Record<string, unknown>[]) => string;
}
const script = async <T>(name: string): Promise<T> =>
  (await import(new URL(`../../../scripts/kernels/${name}.js`, import.meta.url).href)) as T;

const kernels = ['6.1.176-1', '6.1.192-3', '6.12.95-1~bpo12+1', '7.3.4-1~bpo13+1'].map((version) => ({
  name: `linux-image-${version}`,
  version,
}));

test('the newest of a version, and of all; none that is merely like it', async () => {
  const { choose } = await script<Archive>('archive');
  const chosen = (wanted: string): string | undefined => choose({ kernels }, wanted)?.version;
  assert.equal(chosen('6.1'), '6.1.192-3');
  assert.equal(chosen('6.12'), '6.12.95-1~bpo12+1');
  assert.equal(chosen('newest'), '7.3.4-1~bpo13+1');
  assert.equal(chosen('6'), '6.12.95-1~bpo12+1');
  assert.equal(chosen('5.10'), undefined);
});

test('the table has a line for each kernel and part', async () => {
  const { table } = await script<Table>('table');
  const lines = table([
    { kernel: '6.1.0-57', part: 'smoke', result: 'passed', passed: 3, failed: 0, skipped: 0, seconds: 40 },
    { kernel: '5.10', part: 'smoke', result: 'cannot', note: 'no such kernel is to be had' },
  ]).split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/)),
    [
      ['kernel', 'part', 'result', 'passed', 'failed', 'skipped', 'seconds'],
      ['6.1.0-57', 'smoke', 'passed', '3', '0', '0', '40'],
      ['5.10', 'smoke', 'cannot', 'no such kernel is to be had'],
    ],
  );
});
