/** How a value is shown in the message of an error. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { invalidArgument, shown } from '../src/errors.ts';

test('a value in a message is one line, and says what it is', () => {
  for (const [value, expected] of [
    ['a\nb', '"a\\nb"'],
    ['', '""'],
    [5, '5'],
    [5n, '5n'],
    [undefined, 'undefined'],
    [null, 'null'],
    [[], '[]'],
    [{}, '{}'],
    [{ path: 'a' }, "{ path: 'a' }"],
    [{ a: { b: { c: 1 } } }, '{ a: { b: [Object] } }'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), '[Object: null prototype] {}'],
  ] as const)
    assert.equal(shown(value), expected);
  assert.ok(shown(Array.from({ length: 1000 }, () => 'long')).length < 100);
  assert.equal(shown({ a: 'x'.repeat(1000) }).length, 201);
  assert.equal(shown('x'.repeat(1000)).length, 201);
});

test('what a value would run itself is not run', () => {
  const hostile = {
    toString: () => assert.fail('called'),
    [Symbol.for('nodejs.util.inspect.custom')]: () => assert.fail('called'),
  };
  assert.match(invalidArgument('option', 'a number', hostile).message, /^option must be a number, got \{/);
});
