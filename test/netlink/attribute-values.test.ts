/**
 * The values of netlink attributes, as a cursor reads them in place: numbers with and without sign,
 * text.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { AttributeCursor, encodeAttributes } from '../../src/netlink/attribute.ts';
import { viewOf } from '../../src/netlink/malformed.ts';
import { bytesOf } from './arbitraries.ts';
import { MALFORMED, native, shifted } from './native.ts';

/** A cursor that stands at the first attribute of these. */
function at(bytes: Uint8Array): AttributeCursor {
  const cursor = new AttributeCursor(viewOf(bytes));
  assert.equal(cursor.next(), true);
  return cursor;
}

test('numbers: -1 is -1, and 4294967295 only where there is no sign', () => {
  for (const [notation, signed, unsigned] of [
    ['ffffffff', -1, 0xffffffff],
    ['fffffffe', -2, 0xfffffffe],
    ['80000000', -(2 ** 31), 2 ** 31],
    ['7fffffff', 2 ** 31 - 1, 2 ** 31 - 1],
    ['00000000', 0, 0],
  ] as const) {
    const cursor = at(shifted(1, native(`0008 0001 ${notation}`)));
    assert.equal(cursor.s32(), signed);
    assert.equal(cursor.u32(), unsigned);
  }
});

test('numbers: four bytes are needed, and more are passed over', () => {
  for (let length = 0; length <= 6; length++) {
    const value = Uint8Array.of(...native('00000007'), 0xff, 0xff).subarray(0, length);
    // More bytes follow, which are not the attribute's.
    const cursor = at(shifted(2, encodeAttributes([{ type: 1, value }]), native('0008 0002 00000009')));
    if (length >= 4) {
      assert.equal(cursor.s32(), 7);
      assert.equal(cursor.u32(), 7);
    } else {
      assert.throws(() => cursor.s32(), MALFORMED);
      assert.throws(() => cursor.u32(), MALFORMED);
      // Nothing is wrong with the attribute itself, nor with the next.
      assert.deepEqual(bytesOf(cursor.value()), bytesOf(value));
    }
    assert.equal(cursor.next(), true);
    assert.equal(cursor.u32(), 9);
  }
});

test('text ends at the first NUL, or with the value', () => {
  for (const [notation, text] of [
    ['0008 0001 "abc" =00', 'abc'],
    ['0007 0001 "abc" =ff', 'abc'],
    ['0009 0001 "ab" =00 "de" =000000', 'ab'],
    ['0005 0001 =00000000', ''],
    ['0004 0001', ''],
    ['0008 0001 =e282ac00', '€'],
    ['0006 0001 =ff410000', '\ufffdA'],
  ] as const) {
    assert.equal(at(shifted(3, native(notation), native('"not this"'))).text(), text, notation);
  }
});
