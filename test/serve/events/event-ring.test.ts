/** The ring of events, against a list of all that ever was. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { EventRing } from '../../../src/serve/events/event-ring.ts';
import { modelRuns } from '../../support/runs.ts';

const ALL = { events: Infinity, bytes: Infinity };

test('it gives what came after a number, or says that it cannot', () => {
  const ring = new EventRing({ events: 3, bytes: 100 });
  assert.deepEqual([ring.last, ring.after(0, ALL), ring.after(1, ALL)], [0, [], null]);
  for (const json of ['a', 'b', 'c', 'd']) ring.push(json);
  assert.deepEqual(ring.after(4, ALL), []);
  assert.deepEqual(ring.after(3, ALL), ['d']);
  assert.deepEqual(ring.after(1, ALL), ['b', 'c', 'd']);
  assert.equal(ring.after(0, ALL), null);
  assert.equal(ring.after(5, ALL), null);
  assert.deepEqual(ring.after(1, { events: 2, bytes: 100 }), ['b', 'c']);
  assert.deepEqual(ring.after(1, { events: 9, bytes: 1 }), ['b']);
});

test('the last event is kept whatever its size, and bytes are those of UTF-8', () => {
  const ring = new EventRing({ events: 9, bytes: 3 });
  ring.push('ä');
  assert.equal(ring.bytes, 2);
  ring.push('long enough');
  assert.deepEqual([ring.size, ring.after(1, ALL)], [1, ['long enough']]);
});

test('whatever comes, it keeps the last ones within its limits, and no fewer than fit', () => {
  const limits = fc.record({
    events: fc.integer({ min: 1, max: 200 }),
    bytes: fc.integer({ min: 1, max: 500 }),
  });
  const pushed = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 600 });
  fc.assert(
    fc.property(limits, pushed, fc.nat(700), limits, (bounds, sizes, seq, most) => {
      const ring = new EventRing(bounds);
      const all = sizes.map((size, at) => `${at}`.padEnd(size, '.'));
      for (const json of all) ring.push(json);
      let fit = 0;
      let bytes = 0;
      for (const json of all.toReversed()) {
        bytes += json.length;
        if (fit > 0 && (fit === bounds.events || bytes > bounds.bytes)) break;
        fit++;
      }
      assert.equal(ring.size, fit);
      assert.equal(ring.last, all.length);
      const isThere = seq <= all.length && seq >= all.length - fit;
      assert.equal(ring.has(seq), isThere);
      const got = ring.after(seq, most);
      if (!isThere) return assert.equal(got, null);
      assert.ok(got !== null);
      assert.deepEqual(got, all.slice(seq, seq + got.length));
      assert.equal(got.length > 0, seq < all.length);
      assert.ok(got.length <= Math.max(1, most.events));
      return undefined;
    }),
    { numRuns: modelRuns(500) },
  );
});
