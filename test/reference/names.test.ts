import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sameNamespace } from '../../src/netns/identity/identity.ts';
import type { NamespaceId } from '../../src/netns/identity/identity.ts';
import { checkName, cPath, decodeName, encodeName, joinPath } from '../../src/reference/names.ts';

/** Bytes as file names have them, more often near the edges of UTF-8 than chance would have it. */
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4, min: 1 }),
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 3 })
        .map((text) => new Uint8Array(Buffer.from(text))),
      fc
        .constantFrom(
          [0xed, 0xa0, 0x80],
          [0xed, 0xb2, 0x80],
          [0xc0, 0x80],
          [0xf4, 0x90, 0x80, 0x80],
          [0xef, 0xbf, 0xbd],
        )
        .map((sequence) => new Uint8Array(sequence)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.concat(parts));

test('any bytes are given back, and no two names look the same', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.deepEqual(encodeName(decodeName(a)), a);
      assert.equal(decodeName(a) === decodeName(b), a.equals(b));
    }),
    { numRuns: 2000 },
  );
});

test('well-formed UTF-8 is itself; each other byte is a lone surrogate', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(fc.property(text, (text) => assert.equal(decodeName(Buffer.from(text)), text)));
  assert.equal(decodeName(Buffer.from([0x61, 0xff, 0x62])), 'a\udcffb');
  assert.equal(decodeName(Buffer.from([0xc3, 0xa9, 0xc3])), 'é\udcc3');
  assert.equal(
    decodeName(Buffer.from([0xed, 0xb2, 0x80])),
    '\udced\udcb2\udc80',
    'a surrogate in UTF-8 is none',
  );
  assert.equal(decodeName(Buffer.from('\ufffd')), '\ufffd');
});

test('names that iproute2 refuses, and those that it takes', () => {
  for (const name of [
    'a',
    ' ',
    '-n',
    '...',
    '.a',
    'a\nb',
    'é'.repeat(127),
    'x'.repeat(255),
    '\udc80',
    '\u{1f600}',
  ]) {
    checkName(name);
  }
  for (const name of [
    '',
    '.',
    '..',
    '/',
    'a/b',
    'a\0',
    'x'.repeat(256),
    'é'.repeat(128),
    '\ud800',
    '\udc00',
    '\udcc3\udca9',
  ]) {
    assert.throws(() => checkName(name), { code: 'ERR_NLINK_INVALID_NAME' }, JSON.stringify(name));
  }
  for (const name of [undefined, null, 5, {}, Buffer.from('a')]) {
    assert.throws(() => checkName(name), { code: 'ERR_NLINK_INVALID_NAME', message: /must be a string/ });
  }
});

test('paths', () => {
  assert.equal(joinPath('/run/netns', 'a'), '/run/netns/a');
  assert.equal(joinPath('/', 'a'), '/a');
  assert.deepEqual(cPath('/d\udcff', 'a'), Buffer.from([0x2f, 0x64, 0xff, 0x2f, 0x61, 0]));
  assert.deepEqual(cPath('/d'), Buffer.from([0x2f, 0x64, 0]));
});

test('sameNamespace: by id where both have one, else by all the rest', () => {
  const a: NamespaceId = { id: 5n, dev: 4n, ino: 100n, since: 7n };
  assert.equal(sameNamespace(a, { ...a }), true);
  assert.equal(sameNamespace(a, { ...a, id: 6n }), false);
  assert.equal(sameNamespace(a, { ...a, since: 8n }), true, 'a new inode of the same namespace');
  for (const other of [a, { ...a, id: null }]) {
    const old = { ...a, id: null };
    assert.equal(sameNamespace(old, other), true);
    assert.equal(sameNamespace(other, { ...old, since: 8n }), false);
    assert.equal(sameNamespace(other, { ...old, ino: 8n }), false);
    assert.equal(sameNamespace(other, { ...old, dev: 8n }), false);
  }
});
