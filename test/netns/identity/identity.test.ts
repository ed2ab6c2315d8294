/** When two identities are one namespace, and the key that says the same. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { namespaceKey, sameNamespace } from '../../../src/index.ts';
import type { NamespaceId } from '../../../src/index.ts';

const number = fc.bigInt(0n, 3n);
const known = fc.record({ id: number, dev: number, ino: number, since: number });
const old = fc.record({ id: fc.constant(null), dev: number, ino: number, since: number });

test('keys are equal exactly where sameNamespace says so', () => {
  for (const kernel of [known, old])
    fc.assert(
      fc.property(kernel, kernel, (a, b) => {
        assert.equal(namespaceKey(a) === namespaceKey(b), sameNamespace(a, b));
      }),
      { numRuns: 2000 },
    );
});

test('an identity with an id and one without never have the same key', () => {
  fc.assert(fc.property(known, old, (a, b) => namespaceKey(a) !== namespaceKey(b)));
});

test('as a key, whatever else differs', () => {
  const identity: NamespaceId = { id: 55_070n, dev: 4n, ino: 4_026_531_840n, since: 17n };
  const map = new Map([[namespaceKey(identity), 'blue']]);
  assert.equal(map.get(namespaceKey({ ...identity, since: 18n, ino: 5n })), 'blue');
  assert.equal(map.get(namespaceKey({ ...identity, id: 55_071n })), undefined);
});

test('what is no identity is refused', () => {
  const whole = { id: 5n, dev: 4n, ino: 3n, since: 2n };
  const parts = Object.keys(whole).map((part) => ({ ...whole, [part]: undefined }));
  const old = parts.map((part) => ({ ...part, id: null })).slice(1);
  for (const wrong of [undefined, null, 'blue', 5, {}, { ...whole, id: 5 }, ...parts, ...old])
    assert.throws(() => namespaceKey(wrong as never), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^identity must be the identity of a network namespace/,
    });
});
