/** What fast-check makes messages and attributes of, and bytes that were one and no longer are. */
import * as fc from 'fast-check';
import type { Attribute } from '../../src/netlink/attribute.ts';
import { encodeAttributes } from '../../src/netlink/attribute.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import type { NsidMessage } from '../../src/netlink/nsid-message.ts';

/**
 * For comparison: what was read is a Buffer where it was given one, and a plain array otherwise.
 */
export const bytesOf = (bytes: Uint8Array): number[] => [...bytes];

const u16 = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 0xffff));
const u32 = fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0, 0x7fffffff, 0x80000000, 0xffffffff));
const s32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.constantFrom(-1, 0, 2 ** 31 - 1),
  fc.nat(9),
);

export const anyMessage: fc.Arbitrary<NetlinkMessage> = fc.record(
  { type: u16, flags: u16, sequence: u32, port: u32, payload: fc.uint8Array({ maxLength: 40 }) },
  { noNullPrototype: true },
);

/** Marks that are there or not: never `false`, as it is read. */
const marks = fc.constantFrom(
  {},
  { nested: true },
  { netByteOrder: true },
  { nested: true, netByteOrder: true },
);

export function anyAttribute(
  type: fc.Arbitrary<number> = fc.oneof(fc.nat(0x3fff), fc.nat(6)),
): fc.Arbitrary<Attribute> {
  return fc
    .tuple(type, fc.uint8Array({ maxLength: 9 }), marks)
    .map(([type, value, marks]) => ({ type, value, ...marks }));
}

/** Attributes within attributes: a value, or children. */
export interface Tree {
  type: number;
  content: Uint8Array | Tree[];
}

/** Attributes, some of which hold attributes, five levels deep at most. */
export const anyTrees: fc.Arbitrary<Tree[]> = fc.letrec<{ trees: Tree[]; tree: Tree }>((tie) => ({
  trees: fc.array(tie('tree'), { maxLength: 4, depthIdentifier: 'trees' }),
  tree: fc
    .tuple(
      fc.nat(0x3fff),
      fc.oneof({ maxDepth: 4, depthIdentifier: 'trees' }, fc.uint8Array({ maxLength: 6 }), tie('trees')),
    )
    .map(([type, content]) => ({ type, content })),
})).trees;

/** Numbers that nobody has given a meaning yet. */
const unknownType = fc.integer({ min: 6, max: 0x3fff });

/** A message of namespace ids; what is left out is not in it at all. */
export const anyNsidMessage: fc.Arbitrary<NsidMessage> = fc.record(
  {
    family: fc.nat(255),
    nsid: s32,
    pid: u32,
    fd: u32,
    targetNsid: s32,
    currentNsid: s32,
    unknown: fc.array(anyAttribute(unknownType), { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ['family'], noNullPrototype: true },
);

/** Noise, and bytes of these with something broken in them: single bytes, and the end. */
export function damaged(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(fc.tuple(fc.nat(400), fc.oneof(fc.nat(255), fc.nat(20))), { maxLength: 3 });
  const edited = fc.tuple(valid, edits, fc.nat(400)).map(([bytes, edits, end]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, value] of edits) if (copy.length > 0) copy[at % copy.length] = value;
    return copy.subarray(0, end);
  });
  return fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
    { weight: 4, arbitrary: edited },
  );
}

/** The bytes of attributes. */
export const attributeBytes: fc.Arbitrary<Uint8Array> = fc
  .array(anyAttribute(), { maxLength: 5 })
  .map(encodeAttributes);
