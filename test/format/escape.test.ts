/**
 * Names on a terminal: whatever could do something there, or hide, is written out, and no two names
 * look the same.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { escaped, quoted, safeJson, shown } from '../../src/format/escape.ts';
import { decodeName } from '../../src/reference/names.ts';

const names: [string, string][] = [
  ['blue', 'blue'],
  ['cni-2f0c81a6-6d6f-b0e5-3f01', 'cni-2f0c81a6-6d6f-b0e5-3f01'],
  ["it's@home:#1", "it's@home:#1"],
  ['zürich', 'zürich'],
  ['网络', '网络'],
  ['my net', '"my net"'],
  [' ', '" "'],
  ['-', '"-"'],
  ['--', '--'],
  ['say "hi"', '"say \\"hi\\""'],
  ['back\\slash', '"back\\\\slash"'],
  ['two\nlines', '"two\\nlines"'],
  ['tab\tcr\r', '"tab\\tcr\\r"'],
  ['\x1b[31mred\x1b[0m', '"\\x1b[31mred\\x1b[0m"'],
  ['\x1b]0;title\x07', '"\\x1b]0;title\\x07"'],
  ['del\x7f', '"del\\x7f"'],
  ['c1\u009b31m', '"c1\\u009b31m"'],
  ['over\u202eride', '"over\\u202eride"'],
  ['iso\u2066late\u2069', '"iso\\u2066late\\u2069"'],
  ['zero\u200bwidth', '"zero\\u200bwidth"'],
  ['bom\ufeff', '"bom\\ufeff"'],
  ['filler\u3164', '"filler\\u3164"'],
  ['nbsp\u00a0', '"nbsp\\u00a0"'],
  ['line\u2028', '"line\\u2028"'],
  ['tag\u{e0041}', '"tag\\u{e0041}"'],
  ['\u0301mark', '"\\u0301mark"'],
  ['caf\udce9', '"caf\\xe9"'],
  ['half\ud800', '"half\\ud800"'],
];

for (const [name, expected] of names) {
  test(`shown: ${expected}`, () => assert.equal(shown(name), expected));
}

test('bytes that are not UTF-8 are shown as these bytes, a C1 control as the character it is', () => {
  assert.equal(shown(decodeName(Buffer.from([0x61, 0xff, 0x9b]))), '"a\\xff\\x9b"');
  assert.equal(shown(decodeName(Buffer.from('a\u009b'))), '"a\\u009b"');
});

const anyName = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => decodeName(bytes));

test('whatever the bytes: one line of harmless characters', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      for (const text of [escaped(name), shown(name), quoted(name), safeJson(name)]) {
        assert.doesNotMatch(text, /[\p{C}\p{Zl}\p{Zp}]/u);
      }
    }),
    { numRuns: 2000 },
  );
});

test('two names never look the same', () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => assert.equal(shown(a) === shown(b), a === b)),
    { numRuns: 2000 },
  );
  const alike = ['a\n', 'a\\n', '"a\\n"', 'a"', '"a"', 'a', 'a\udcff', 'a\\xff', 'a\u00ff'];
  assert.equal(new Set(alike.map(shown)).size, alike.length);
});

test('safeJson is JSON and gives the value back', () => {
  fc.assert(
    fc.property(anyName, (name) => assert.equal(JSON.parse(safeJson({ name })).name, name)),
    { numRuns: 2000 },
  );
  assert.equal(safeJson('\u009b\u202e\x7f\udcff\u{e0041}'), '"\\u009b\\u202e\\u007f\\udcff\\udb40\\udc41"');
});
