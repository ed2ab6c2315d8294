/** What is looked at, in the address: read as it was written. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashOf, placeIn } from '../../../src/page/model/place.ts';

test('nothing in particular is no address', () => {
  const none = { hosts: [], at: null, link: null, query: '', shown: 'all' } as const;
  assert.equal(hashOf(none), '');
  for (const hash of ['', '#', '#state=odd', '#x=y']) assert.deepEqual(placeIn(hash), none);
  assert.deepEqual(placeIn('#host=a&host=a&host=b').hosts, ['a', 'b']);
});

test('an address is read as it was written', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
  const place = fc.record({
    hosts: fc.uniqueArray(text, { maxLength: 4 }),
    at: fc.option(text),
    link: fc.option(text),
    query: fc.oneof(fc.constant(''), text),
    shown: fc.constantFrom(
      'all' as const,
      'live' as const,
      'late' as const,
      'gone' as const,
      'duplicate' as const,
    ),
  });
  fc.assert(fc.property(place, (one) => assert.deepEqual(placeIn(hashOf(one)), { ...one })));
});
