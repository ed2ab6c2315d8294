/**
 * The codec of netlink attributes: known bytes, padding, nesting, lying lengths, and whatever else
 * may come.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  AttributeCursor,
  attributeAt,
  decodeAttributes,
  encodeAttributes,
  NLA_HDRLEN,
} from '../../src/netlink/attribute.ts';
import type { Attribute } from '../../src/netlink/attribute.ts';
import { viewOf } from '../../src/netlink/malformed.ts';
import { anyAttribute, anyTrees, attributeBytes, bytesOf, damaged } from './arbitraries.ts';
import type { Tree } from './arbitraries.ts';
import { captured } from './captured.ts';
import { MALFORMED, native, shifted } from './native.ts';

/** A cursor that stands at the first attribute of these. */
function at(bytes: Uint8Array): AttributeCursor {
  const cursor = new AttributeCursor(viewOf(bytes));
  assert.equal(cursor.next(), true);
  return cursor;
}

const known: [what: string, notation: string, attributes: Attribute[]][] = [
  ['nothing', '', []],
  ['NETNSA_NSID 7', '0008 0001 00000007', [{ type: 1, value: native('00000007') }]],
  [
    'the id in the target, and here',
    '0008 0001 ffffffff 0008 0005 00000007',
    [
      { type: 1, value: native('ffffffff') },
      { type: 5, value: native('00000007') },
    ],
  ],
  ['a value of no bytes', '0004 0041', [{ type: 0x41, value: native('') }]],
  ['of 1 byte', '0005 0041 =01000000', [{ type: 0x41, value: native('=01') }]],
  ['of 2 bytes', '0006 0041 =01020000', [{ type: 0x41, value: native('=0102') }]],
  ['of 3 bytes', '0007 0041 =01020300', [{ type: 0x41, value: native('=010203') }]],
  ['of 4 bytes', '0008 0041 =01020304', [{ type: 0x41, value: native('=01020304') }]],
  ['of 5 bytes', '0009 0041 =0102030405000000', [{ type: 0x41, value: native('=0102030405') }]],
  [
    'padding between them',
    '0005 0001 =11000000 0004 0002 0006 0003 =22330000',
    [
      { type: 1, value: native('=11') },
      { type: 2, value: native('') },
      { type: 3, value: native('=2233') },
    ],
  ],
  [
    'one twice: both, in order',
    '0008 0001 00000007 0008 0001 00000009',
    [
      { type: 1, value: native('00000007') },
      { type: 1, value: native('00000009') },
    ],
  ],
  ['NLA_F_NESTED, with nothing in it', '0004 8041', [{ type: 0x41, value: native(''), nested: true }]],
  [
    'NLA_F_NESTED',
    '000c 8004 0008 0001 00000008',
    [{ type: 4, value: native('0008 0001 00000008'), nested: true }],
  ],
  [
    'NLA_F_NET_BYTEORDER: 1 as the network has it',
    '0008 4006 =00000001',
    [{ type: 6, value: native('=00000001'), netByteOrder: true }],
  ],
  ['both flags', '0004 c000', [{ type: 0, value: native(''), nested: true, netByteOrder: true }]],
  ['the greatest type', '0004 3fff', [{ type: 0x3fff, value: native('') }]],
  [
    'the greatest type, and both flags',
    '0004 ffff',
    [{ type: 0x3fff, value: native(''), nested: true, netByteOrder: true }],
  ],
];
for (const [what, notation, attributes] of known) {
  test(`known bytes: ${what}`, () => {
    const bytes = native(notation);
    assert.deepEqual(decodeAttributes(bytes), attributes);
    assert.deepEqual(decodeAttributes(shifted(3, bytes)), attributes);
    assert.deepEqual(bytesOf(encodeAttributes(attributes)), bytesOf(bytes));
  });
}

test('captured: an error that tells the policy in nested attributes', () => {
  // After the message's header, the error number and the header of the request.
  const attributes = decodeAttributes(captured('refusedByPolicy').subarray(16 + 4 + 16));
  assert.deepEqual(
    attributes.map(({ type, nested, value }) => [type, nested, value.length]),
    [
      [1, undefined, 35],
      [2, undefined, 4],
      [4, true, 32],
    ],
  );
  assert.deepEqual(decodeAttributes((attributes[2] as Attribute).value), [
    { type: 2, value: native('ffffffff80000000') },
    { type: 3, value: native('000000007fffffff') },
    { type: 1, value: native('00000008') },
  ]);
});

test('what stands in the padding is of no interest, and the last one needs none', () => {
  const [first, second] = [
    { type: 1, value: native('=11') },
    { type: 2, value: native('=22') },
  ];
  assert.deepEqual(decodeAttributes(native('0005 0001 =11ffffff 0005 0002 =22ffffff')), [first, second]);
  for (const end of ['=22', '=22ff', '=22ffff'])
    assert.deepEqual(decodeAttributes(native(`0005 0001 =11000000 0005 0002 ${end}`)), [first, second]);
});

test('a value is a copy, of a Buffer too', () => {
  for (const bytes of [native('0008 0001 =01020304'), Buffer.from(native('0008 0001 =01020304'))]) {
    const [attribute] = decodeAttributes(bytes);
    bytes.fill(0);
    assert.deepEqual(attribute, { type: 1, value: native('=01020304') });
  }
});

const malformed: [what: string, notation: string][] = [
  ['length 0', '0000 0001 00000007'],
  ['length 1', '0001 0001 00000007'],
  ['length 2', '0002 0001 00000007'],
  ['length 3, less than its header', '0003 0001 00000007'],
  ['length 9 where 8 are left', '0009 0001 00000007'],
  ['the greatest length', 'ffff 0001 00000007'],
  ['a length that is 65536 when aligned to 4', 'fffd 0001 00000007'],
  ['a length and nothing else', '0004'],
  ['one byte', '00'],
  ['three bytes', '0004 00'],
  ['zeros', '00000000'],
];
for (const [what, notation] of malformed) {
  test(`no valid attribute: ${what}`, () => {
    // After a whole one, which is still to be had, and once: the rest is skipped.
    const bytes = shifted(1, native('0008 0003 00000017'), native(notation));
    const cursor = at(bytes);
    assert.equal(cursor.u32(), 0x17);
    assert.throws(() => cursor.next(), MALFORMED);
    assert.equal(cursor.next(), false);
    assert.equal(cursor.next(), false);
    assert.throws(() => decodeAttributes(bytes), MALFORMED);
    assert.throws(() => decodeAttributes(native(notation)), MALFORMED);
  });
}

test('cut off after any byte: what is whole before it, and no more', () => {
  // Each takes 12 bytes, the last three of them padding.
  const bytes = native('0009 0001 =0102030405000000 0009 0002 =0102030405000000 0009 0003 =0102030405000000');
  for (let length = 0; length < bytes.length; length++) {
    const cursor = new AttributeCursor(viewOf(shifted(1, bytes.subarray(0, length))));
    const [whole, rest] = [Math.floor((length + 3) / 12), length % 12];
    for (let index = 0; index < whole; index++) assert.equal(cursor.next(), true, `${length}`);
    if (rest > 0 && rest < 9) assert.throws(() => cursor.next(), MALFORMED, `${length}`);
    assert.equal(cursor.next(), false, `${length}`);
  }
});

test('a cursor serves range after range, and never leaves them', () => {
  const bytes = native('0008 0001 00000007 0008 0002 00000009 0008 0003 0000000b');
  const view = viewOf(bytes);
  const cursor = new AttributeCursor(view, 8, 16);
  assert.equal(cursor.next(), true);
  assert.deepEqual([cursor.type, cursor.u32()], [2, 9]);
  assert.equal(cursor.next(), false);
  cursor.reset(view, 16, 10_000);
  assert.equal(cursor.next(), true);
  assert.deepEqual([cursor.type, cursor.u32()], [3, 0xb]);
  assert.equal(cursor.next(), false);
  // The range ends within an attribute, whatever follows.
  cursor.reset(view, 0, 7);
  assert.throws(() => cursor.next(), MALFORMED);
  // A range that begins behind its end, as that of the attributes of a very short payload.
  cursor.reset(view, 4, 1);
  assert.equal(cursor.next(), false);
  cursor.reset(view, 100, 200);
  assert.equal(cursor.next(), false);
  const other = native('0008 0006 00000001');
  cursor.reset(viewOf(other), 0, 8);
  assert.equal(cursor.next(), true);
  assert.deepEqual(attributeAt(cursor), { type: 6, value: native('00000001') });
});

test('the longest value is written and read; one more byte has no encoding', () => {
  const value = new Uint8Array(65_531).fill(7);
  const bytes = encodeAttributes([
    { type: 1, value },
    { type: 2, value: native('=ff') },
  ]);
  assert.equal(bytes.length, 65_536 + 8);
  assert.deepEqual(
    decodeAttributes(bytes).map(({ type, value }) => [type, value.length]),
    [
      [1, 65_531],
      [2, 1],
    ],
  );
  assert.throws(() => encodeAttributes([{ type: 1, value: new Uint8Array(65_532) }]), MALFORMED);
});

test('what is written is read back, wherever the bytes lie', () => {
  fc.assert(
    fc.property(fc.array(anyAttribute(), { maxLength: 12 }), fc.nat(7), (attributes, offset) => {
      const bytes = shifted(offset, encodeAttributes(attributes));
      assert.equal(bytes.length % 4, 0);
      assert.deepEqual(decodeAttributes(bytes), attributes);
    }),
    { numRuns: 1000 },
  );
});

const encodeTrees = (trees: readonly Tree[]): Uint8Array =>
  encodeAttributes(
    trees.map(({ type, content }) =>
      Array.isArray(content) ? { type, value: encodeTrees(content), nested: true } : { type, value: content },
    ),
  );

const decodeTrees = (bytes: Uint8Array): Tree[] =>
  decodeAttributes(bytes).map(({ type, value, nested }) => ({
    type,
    content: nested === true ? decodeTrees(value) : value,
  }));

const depth = (trees: readonly Tree[]): number =>
  trees.reduce(
    (deepest, { content }) => Math.max(deepest, 1 + (Array.isArray(content) ? depth(content) : 0)),
    0,
  );

test('attributes within attributes are read back as deep as they go', () => {
  let deepest = 0;
  fc.assert(
    fc.property(anyTrees, (trees) => {
      deepest = Math.max(deepest, depth(trees));
      assert.deepEqual(decodeTrees(encodeTrees(trees)), trees);
    }),
    { numRuns: 1000 },
  );
  assert.ok(deepest >= 3, `${deepest} levels at most`);
});

test('any bytes: attributes that say the same when written again, or ERR_NLINK_MALFORMED, and always an end', () => {
  let [valid, malformed] = [0, 0];
  fc.assert(
    fc.property(damaged(attributeBytes), (bytes) => {
      const cursor = new AttributeCursor(viewOf(bytes));
      const attributes: Attribute[] = [];
      let before = 0;
      try {
        while (cursor.next()) {
          assert.ok(cursor.start >= before + NLA_HDRLEN, 'each attribute takes room');
          assert.ok(cursor.end >= cursor.start && cursor.end <= bytes.length, 'and lies within the bytes');
          before = cursor.end;
          attributes.push(attributeAt(cursor));
        }
        assert.deepEqual(decodeAttributes(bytes), attributes);
        valid++;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_NLINK_MALFORMED') throw error;
        assert.throws(() => decodeAttributes(bytes), MALFORMED);
        malformed++;
      }
      assert.equal(cursor.next(), false);
      assert.deepEqual(decodeAttributes(encodeAttributes(attributes)), attributes);
    }),
    { numRuns: 3000 },
  );
  assert.ok(valid > 300 && malformed > 300, `${valid} were attributes, ${malformed} were not`);
});
