/**
 * How long a scan of other mount namespaces goes on, over a made-up /proc and a clock of its own.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { scanForeignMounts } from '../../../src/netns/mounts/foreign-mounts.ts';

const PROCESSES = 100;

/** Each process has a mount namespace of its own, with a network namespace mounted on one name. */
function madeUpProc(t: TestContext): string {
  const proc = mkdtempSync(join(tmpdir(), 'nlink-'));
  t.after(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, 'self'));
  writeFileSync(join(proc, 'self/mountinfo'), '5 1 0:7 / /run rw - tmpfs t rw\n');
  for (let pid = 1; pid <= PROCESSES; pid++) {
    mkdirSync(join(proc, String(pid)));
    writeFileSync(
      join(proc, String(pid), 'mountinfo'),
      `${pid}0 1 0:7 / /run rw - tmpfs t rw\n${pid}1 ${pid}0 0:4 net:[${pid}] /run/netns/n${pid} rw - nsfs nsfs rw\n`,
    );
  }
  return proc;
}

/** How many processes are looked at, if the clock goes on by this much with each. */
async function lookedAt(t: TestContext, step: (turn: number) => number): Promise<number> {
  let [time, turn] = [0, 0];
  const now = (): number => (time += step(turn++));
  const { places, gaps } = await scanForeignMounts({ proc: madeUpProc(t), now });
  assert.equal(gaps.unfinished, places.size < PROCESSES);
  return places.size;
}

test('a scan that works for long ends with what it has', async (t) => {
  assert.equal(await lookedAt(t, () => 100), 20);
  assert.equal(await lookedAt(t, () => 1), PROCESSES);
});

// Fails if time alone counts: what a scan has not looked at is taken for absent.
test('a process that gets no turn for an hour goes on where it was', async (t) => {
  assert.equal(await lookedAt(t, (turn) => (turn === 50 ? 3_600_000 : 1)), PROCESSES);
});
