/** Names as values of labels, and back: every name is bytes, every label UTF-8. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeName, encodeName } from '../../../src/reference/names.ts';
import { labelValue, textOfLabel } from '../../../src/serve/metrics/label-value.ts';

test('what is UTF-8 stands as it is', () => {
  for (const name of ['blue', 'my net', 'grün', '🦊', 'a"b', 'a\nb', '\u202eabc', '\ufffd'])
    assert.equal(labelValue(name), name);
});

test('a byte that is not UTF-8, and a backslash, are escaped', () => {
  assert.equal(labelValue(decodeName(Buffer.from('caf\xe9', 'latin1'))), 'caf\\xe9');
  assert.equal(labelValue('caf\\xe9'), 'caf\\\\xe9');
  assert.equal(labelValue('\ud800'), '\\ud800');
  assert.equal(labelValue('\udc00'), '\\udc00');
});

test('any bytes come back', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0x5c, 0x78, 0x75, 0x80, 0xed, 0xff),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 300 }), (bytes) => {
      const name = Buffer.from(bytes);
      const label = labelValue(decodeName(name));
      assert.equal(Buffer.from(label).toString(), label, 'is no UTF-8');
      assert.deepEqual(encodeName(textOfLabel(label)), name);
    }),
  );
});

test('any text comes back, also one that is no name', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.constantFrom(0x5c, 0x78, 0x75, 0xd83d, 0xdc8a),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 50 }), (units) => {
      const text = String.fromCharCode(...units);
      assert.equal(Buffer.from(labelValue(text)).toString(), labelValue(text));
      assert.equal(textOfLabel(labelValue(text)), text);
    }),
  );
});
