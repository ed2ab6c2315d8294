/** When the next snapshot is due, by the table of snapshot-due.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotDue } from '../../src/agent/snapshot-due.ts';

const KIB = 1024;

/** One was kept at 10 s, of so many characters. */
function kept(size = 1000, chance = 0.5): SnapshotDue {
  const due = new SnapshotDue(() => chance);
  due.made();
  due.kept(10_000, 0, size);
  return due;
}

test('the last one is 8 to 10 minutes old, by chance', () => {
  assert.equal(kept(1000, 0).at(0), 610_000);
  assert.equal(kept(1000, 1).at(0), 490_000);
});

test('one host is asked: at once, but not within 2 s of the last one', () => {
  const due = kept();
  due.ask(11_000, false);
  assert.equal(due.at(0), 12_000);
  due.made();
  due.kept(12_000, 0, 1000);
  due.ask(30_000, false);
  assert.equal(due.at(0), 30_000);
});

test('all hosts are asked: each within 2 s, by chance', () => {
  for (const [chance, at] of [
    [0, 60_000],
    [0.25, 60_500],
    [0.75, 61_500],
  ] as const) {
    const due = kept(1000, chance);
    due.ask(60_000, true);
    assert.equal(due.at(0), at);
    // Whoever asks this one does not wait for that.
    due.ask(60_000, false);
    assert.equal(due.at(0), 60_000);
  }
});

test('who asks before one is made is answered by it, who asks while it is on its way is not', () => {
  const due = kept();
  due.ask(20_000, false);
  due.made();
  assert.equal(due.isAsked, false);
  due.ask(20_500, false);
  due.kept(21_000, 0, 1000);
  assert.equal(due.isAsked, true);
  assert.equal(due.at(0), 23_000);
});

test('so many events came that it is worth while: twice its size, and 256 KiB at least', () => {
  const small = kept();
  assert.equal(small.at(256 * KIB), 550_000);
  assert.equal(small.at(256 * KIB + 1), 20_000);
  const large = kept(1024 * KIB);
  assert.equal(large.at(2048 * KIB), 550_000);
  assert.equal(large.at(2048 * KIB + 1), 20_000);
});
