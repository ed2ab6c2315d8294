/** The codec of inotify records: known bytes, lying lengths, and whatever else may come. */
import { strict as assert } from 'node:assert';
import { endianness } from 'node:os';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
} from '../../src/inotify/constants.ts';
import { HEADER_SIZE, MAX_RECORD_SIZE, RecordCursor } from '../../src/inotify/records.ts';
import { encodeRecord } from './encoder.ts';
import type { Record } from './encoder.ts';

/** Everything in the bytes, up to the first error. */
function decode(bytes: Uint8Array): Record[] {
  const cursor = new RecordCursor(bytes);
  cursor.reset(bytes.length);
  return [...walk(cursor)];
}

function* walk(cursor: RecordCursor): Generator<Record> {
  while (cursor.next()) {
    const { wd, mask, cookie } = cursor;
    const name = Buffer.from(cursor.name);
    // The quick way must say the same, or that it cannot.
    const isAscii = name.every((byte) => byte < 0x80);
    assert.equal(cursor.asciiName, isAscii ? name.toString('latin1') : null);
    yield { wd, mask, cookie, name };
  }
}

/** Four bytes as this machine has them. */
const word = (hex: string): string =>
  endianness() === 'LE' ? Buffer.from(hex, 'hex').swap32().toString('hex') : hex;
const header = (wd: string, mask: string, cookie: string, length: string): string =>
  [wd, mask, cookie, length].map(word).join('');
const padded = (text: string, length: number): string =>
  Buffer.concat([Buffer.from(text, 'latin1')], length).toString('hex');

const known: [
  what: string,
  hex: string,
  records: [wd: number, mask: number, cookie: number, name: string][],
][] = [
  ['nothing', '', []],
  [
    'ip netns add a: the file is created',
    header('00000001', '00000100', '00000000', '00000010') + padded('a', 16),
    [[1, IN_CREATE, 0, 'a']],
  ],
  [
    'ip netns del a: the file is deleted',
    header('00000001', '00000200', '00000000', '00000010') + padded('a', 16),
    [[1, IN_DELETE, 0, 'a']],
  ],
  [
    'the first ip netns add: the directory appears in its parent',
    header('00000002', '40000100', '00000000', '00000010') + padded('netns', 16),
    [[2, IN_CREATE | IN_ISDIR, 0, 'netns']],
  ],
  [
    'a rename: two records with one cookie',
    header('00000001', '00000040', '0000beef', '00000010') +
      padded('f1', 16) +
      header('00000001', '00000080', '0000beef', '00000010') +
      padded('f2', 16),
    [
      [1, IN_MOVED_FROM, 0xbeef, 'f1'],
      [1, IN_MOVED_TO, 0xbeef, 'f2'],
    ],
  ],
  [
    'rmdir of the watched directory: records without a name',
    header('00000001', '00000400', '00000000', '00000000') +
      header('00000001', '00008000', '00000000', '00000000'),
    [
      [1, IN_DELETE_SELF, 0, ''],
      [1, IN_IGNORED, 0, ''],
    ],
  ],
  ['an overflow', header('ffffffff', '00004000', '00000000', '00000000'), [[-1, IN_Q_OVERFLOW, 0, '']]],
  [
    'the file system is unmounted',
    header('00000001', '40002000', '00000000', '00000000'),
    [[1, IN_UNMOUNT | IN_ISDIR, 0, '']],
  ],
  [
    'a name of 15 bytes and its NUL fill 16',
    header('00000001', '00000100', '00000000', '00000010') + padded('fifteen-letters', 16),
    [[1, IN_CREATE, 0, 'fifteen-letters']],
  ],
  [
    'a name of 16 bytes takes 32',
    header('00000001', '00000100', '00000000', '00000020') + padded('sixteen--letters', 32),
    [[1, IN_CREATE, 0, 'sixteen--letters']],
  ],
  [
    'a name of 255 bytes takes 256: the longest record',
    header('00000001', '00000100', '00000000', '00000100') + padded('n'.repeat(255), 256),
    [[1, IN_CREATE, 0, 'n'.repeat(255)]],
  ],
  [
    'a name that is not UTF-8, with a newline',
    header('00000001', '00000100', '00000000', '00000010') + padded('\xff\n \xc3', 16),
    [[1, IN_CREATE, 0, '\xff\n \xc3']],
  ],
  [
    'a name without any NUL',
    header('00000001', '00000100', '00000000', '00000004') + padded('abcd', 4),
    [[1, IN_CREATE, 0, 'abcd']],
  ],
  [
    'a mask with all bits, and the largest watch descriptor',
    header('7fffffff', 'ffffffff', 'ffffffff', '00000000'),
    [[0x7fffffff, 0xffffffff, 0xffffffff, '']],
  ],
];
for (const [what, hex, records] of known) {
  test(`known bytes: ${what}`, () => {
    const expected = records.map(([wd, mask, cookie, name]) => {
      // Masks are unsigned, although the operators of JavaScript give signed numbers.
      return { wd, mask: mask >>> 0, cookie, name: Buffer.from(name, 'latin1') };
    });
    assert.deepEqual(decode(Buffer.from(hex, 'hex')), expected);
  });
}

const whole = header('00000001', '00000100', '00000000', '00000010') + padded('whole', 16);
const malformed: [what: string, hex: string][] = [
  ['one byte', '00'],
  ['a header that lacks a byte', whole.slice(0, 2 * (HEADER_SIZE - 1))],
  ['a name that is cut off', whole.slice(0, -2)],
  ['a header that announces a name, and no name', whole.slice(0, 2 * HEADER_SIZE)],
  ['a length of 4 GiB', header('00000001', '00000100', '00000000', 'ffffffff') + padded('x', 16)],
  [
    'a length that would be negative',
    header('00000001', '00000100', '00000000', '80000000') + padded('x', 16),
  ],
];
for (const [what, hex] of malformed) {
  test(`no valid record: ${what}`, () => {
    // After a whole record, which is still to be had, and once: the rest is skipped.
    const bytes = Buffer.from(whole + hex, 'hex');
    const cursor = new RecordCursor(bytes);
    cursor.reset(bytes.length);
    assert.equal(cursor.next(), true);
    assert.equal(cursor.name.toString(), 'whole');
    assert.throws(() => cursor.next(), { name: 'NlinkError', code: 'ERR_NLINK_MALFORMED' });
    assert.equal(cursor.next(), false);
    assert.equal(cursor.remaining, 0);
  });
}

const name = fc.oneof(
  fc.uint8Array({ min: 1, maxLength: 255 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((text) => new Uint8Array(Buffer.from(text))),
  // Few, so that one comes twice in a row or differs in little from the one before.
  fc
    .constantFrom('a', 'b', 'aa', 'ab', 'name', 'namf', 'n'.repeat(255))
    .map((text) => new Uint8Array(Buffer.from(text))),
);
const records = fc.array(
  fc.record({
    wd: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    mask: fc.nat(2 ** 32 - 1),
    cookie: fc.nat(2 ** 32 - 1),
    name,
  }),
  { maxLength: 12 },
);
const asRead = (record: Record): Record => ({ ...record, name: Buffer.from(record.name) });

test('what is written is read back, wherever the bytes lie', () => {
  fc.assert(
    fc.property(records, fc.nat(7), (records, offset) => {
      const bytes = Buffer.concat([Buffer.alloc(offset), ...records.map(encodeRecord)]);
      assert.deepEqual(decode(bytes.subarray(offset)), records.map(asRead));
    }),
    { numRuns: 1000 },
  );
});

test('one cursor serves batch after batch', () => {
  fc.assert(
    fc.property(fc.array(records, { maxLength: 5 }), (batches) => {
      const bytes = new Uint8Array(12 * MAX_RECORD_SIZE);
      const cursor = new RecordCursor(bytes);
      for (const batch of batches) {
        const encoded = Buffer.concat(batch.map(encodeRecord));
        bytes.set(encoded);
        cursor.reset(encoded.length);
        assert.equal(cursor.remaining, encoded.length);
        assert.deepEqual([...walk(cursor)], batch.map(asRead));
      }
    }),
    { numRuns: 500 },
  );
});

/** Bytes that are records for the most part, with something broken in them. */
const broken = fc
  .tuple(records, fc.array(fc.tuple(fc.nat(4000), fc.nat(255))), fc.nat(4000))
  .map(([records, edits, end]) => {
    const bytes = Buffer.concat(records.map(encodeRecord));
    for (const [at, value] of edits) if (bytes.length > 0) bytes[at % bytes.length] = value;
    return bytes.subarray(0, end);
  });

test('any bytes: records that lie within them, or ERR_NLINK_MALFORMED, and always an end', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), broken), (bytes) => {
      const cursor = new RecordCursor(bytes);
      cursor.reset(bytes.length);
      let before = cursor.remaining;
      try {
        while (cursor.next()) {
          assert.ok(cursor.remaining <= before - HEADER_SIZE, 'each record takes room');
          before = cursor.remaining;
          assert.ok(cursor.name.length <= bytes.length && !cursor.name.includes(0));
        }
      } catch (error) {
        if ((error as { code?: string }).code !== 'ERR_NLINK_MALFORMED') throw error;
      }
      assert.equal(cursor.remaining, 0);
      assert.equal(cursor.next(), false);
    }),
    { numRuns: 3000 },
  );
});

test('a length beyond the bytes is none', () => {
  const bytes = encodeRecord({ wd: 1, mask: IN_CREATE, cookie: 0, name: Buffer.from('a') });
  const cursor = new RecordCursor(bytes);
  cursor.reset(10_000);
  assert.deepEqual(
    [...walk(cursor)].map(({ name }) => String(name)),
    ['a'],
  );
});
