import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldSnapshot } from '../../src/reader/held-snapshot.ts';
import type { Snapshot } from '../../src/wire/snapshot.ts';

const snapshot = (seq: number, text = ''): Snapshot => ({
  epoch: '0123456789abcdef',
  seq,
  resync: null,
  body: Buffer.from(text),
});

test('the newest is held, and of two with one number the later one; it is taken once', () => {
  const held = new HeldSnapshot();
  assert.deepEqual([held.seq, held.isThere, held.take(0)], [0, false, null]);
  held.put(snapshot(3, 'a'));
  held.put(snapshot(2, 'b'));
  assert.deepEqual([held.seq, held.isThere], [3, true]);
  held.put(snapshot(3, 'c'));
  assert.equal(held.take(0)?.body.toString(), 'c');
  assert.deepEqual([held.seq, held.isThere, held.take(0)], [0, false, null]);
});

test('one that took long is not followed at once by another, which is held meanwhile', () => {
  const held = new HeldSnapshot();
  held.used(1000, 50);
  held.put(snapshot(4));
  assert.equal(held.take(1999), null);
  assert.ok(held.isThere);
  assert.equal(held.take(2000)?.seq, 4);
});
