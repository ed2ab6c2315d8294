/** Patterns of names, beside a slower way to the same answer. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { globOf, globs } from '../../src/reference/glob.ts';

const matches = (pattern: string, name: string): boolean => globs([pattern])(name);

const cases: [string, string[], string[]][] = [
  ['blue', ['blue'], ['blu', 'blues', 'Blue', '']],
  ['*', ['', 'a', 'a b\n'], []],
  ['?', ['a', '𝄞', '\udc80', '*'], ['', 'ab']],
  ['web-*', ['web-', 'web-1'], ['web', 'xweb-1']],
  ['*-*-*', ['--', 'a-b-c-d'], ['a-b', '']],
  ['*ab', ['ab', 'aab', 'abab'], ['aba']],
  ['[a-c]x', ['ax', 'cx'], ['dx', '-x', 'x']],
  ['[!a-c]', ['d', '!', '𝄞'], ['a', '', 'dd']],
  ['[^a]', ['b', '^'], ['a']],
  ['[]a]', [']', 'a'], ['[', '']],
  ['[!]]', ['a'], [']']],
  ['[a-]', ['a', '-'], ['b']],
  ['[-a]', ['a', '-'], ['b']],
  ['[c-a]', [], ['a', 'b', 'c', '-']],
  ['[ä-ü𝄞]', ['ö', '𝄞'], ['a']],
  ['[\\]\\-x]', [']', '-', 'x'], ['\\']],
  ['[ab', ['[ab'], ['a', 'b']],
  ['[', ['['], ['']],
  ['[!', ['[!'], ['a']],
  ['[][a', ['[][a'], ['a']],
  ['[a][b', ['a[b'], ['ab']],
  ['[\\][a]', ['[', 'a', ']'], ['\\']],
  ['a[', ['a['], ['a']],
  ['\\*', ['*'], ['\\*', 'a']],
  ['\\a', ['a'], ['\\a']],
  ['a\\', ['a\\'], ['a']],
  ['.*+(x)|^$', ['.+(x)|^$', '.abc+(x)|^$'], ['x']],
];

for (const [pattern, yes, no] of cases)
  test(JSON.stringify(pattern), () => {
    for (const name of yes) assert.ok(matches(pattern, name), `does not match ${JSON.stringify(name)}`);
    for (const name of no) assert.ok(!matches(pattern, name), `matches ${JSON.stringify(name)}`);
  });

test('several: one is enough', () => {
  const both = globs(['a*', '*z']);
  assert.deepEqual(['ab', 'yz', 'b'].map(both), [true, true, false]);
});

/**
 * By definition: a star takes nothing, or one character and goes on. Sets are of single characters.
 */
function reference(pattern: readonly string[], name: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return name.length === 0;
  if (first === '*') return reference(rest, name) || (name.length > 0 && reference(pattern, name.slice(1)));
  const [character, ...others] = name;
  if (character === undefined) return false;
  const [open, inverse] = [first.startsWith('['), first.startsWith('[!')];
  const holds =
    first === '?' ||
    (open ? first.slice(inverse ? 2 : 1, -1).includes(character) !== inverse : first === character);
  return holds && reference(rest, others);
}

const letter = fc.constantFrom('a', 'b', '𝄞', '\udc80');
const part = fc.oneof(
  letter,
  fc.constantFrom('*', '?'),
  fc
    .tuple(fc.constantFrom('[', '[!'), fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 3 }))
    .map(([open, letters]) => `${open}${letters.join('')}]`),
);

test('as the definition has it', () => {
  const patterns = fc.array(part, { maxLength: 7 });
  const names = fc.array(letter, { maxLength: 8 });
  fc.assert(
    fc.property(patterns, names, (pattern, name) => {
      assert.equal(matches(pattern.join(''), name.join('')), reference(pattern, name));
    }),
    { numRuns: 3000 },
  );
});

test('a name with everything escaped matches itself alone', () => {
  const any = fc.array(fc.constantFrom('*', '?', '[', ']', '\\', '-', '!', 'a'), { maxLength: 6 });
  fc.assert(
    fc.property(any, any, (a, b) => {
      const pattern = a.map((character) => `\\${character}`).join('');
      assert.equal(matches(pattern, b.join('')), a.join('') === b.join(''));
    }),
    { numRuns: 2000 },
  );
});

test('the pattern of a name matches this name alone', () => {
  const any = fc.string({
    unit: fc.constantFrom('*', '?', '[', ']', '\\', '-', '!', '^', 'a', '\udc80', '𝄞'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(any, any, (a, b) => {
      assert.ok(matches(globOf(a), a));
      assert.equal(matches(globOf(a), b), a === b);
    }),
    { numRuns: 2000 },
  );
});

test('many sets that never end take no longer than the pattern', () => {
  const pattern = '['.repeat(100_000);
  const start = performance.now();
  assert.ok(matches(pattern, pattern));
  // To look for the end of each would take a minute.
  assert.ok(performance.now() - start < 5000);
});

test('many stars take no longer than the name times the pattern', () => {
  const start = performance.now();
  assert.ok(!matches(`${'a*'.repeat(60)}b`, 'a'.repeat(255)));
  // Each star trying every place on its own would take longer than the universe is old.
  assert.ok(performance.now() - start < 5000);
});
