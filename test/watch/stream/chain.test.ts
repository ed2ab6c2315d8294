/** Values that may be promises: at once where they are there, in order where they are not. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { attempt, chain, inTurn } from '../../../src/watch/stream/chain.ts';
import type { MaybePromise } from '../../../src/watch/stream/chain.ts';

const error = new Error('no');
const later = <T>(value: T): Promise<T> => Promise.resolve(value);
const fail = (): never => {
  throw error;
};

const rows: [what: string, make: () => MaybePromise<unknown>, isPromise: boolean, value: unknown][] = [
  ['a value goes on at once', () => chain(1, (value) => value + 1), false, 2],
  ['a value goes on with a promise', () => chain(1, (value) => later(value + 1)), true, 2],
  ['a promise goes on with a value', () => chain(later(1), (value) => value + 1), true, 2],
  ['a promise goes on with a promise', () => chain(later(1), (value) => later(value + 1)), true, 2],
  [
    'an attempt that succeeds',
    () =>
      attempt(
        () => 1,
        () => 2,
      ),
    false,
    1,
  ],
  [
    'an attempt that succeeds later',
    () =>
      attempt(
        () => later(1),
        () => 2,
      ),
    true,
    1,
  ],
  ['an attempt that throws', () => attempt<unknown>(fail, (thrown) => thrown), false, error],
  [
    'an attempt that rejects',
    () =>
      attempt<unknown>(
        async () => fail(),
        (thrown) => thrown,
      ),
    true,
    error,
  ],
  ['no items', () => inTurn([], fail), false, undefined],
  ['items in turn, at once', () => inTurn([1, 2], () => {}), false, undefined],
];

for (const [what, make, isPromise, value] of rows)
  test(what, async () => {
    const made = make();
    assert.equal(made instanceof Promise, isPromise);
    assert.equal(await made, value);
  });

test('takes each item after the one before, whether that waits or not', async () => {
  const log: string[] = [];
  const step = (item: number): MaybePromise<void> => {
    log.push(`${item}`);
    return item % 2 === 0 ? later(undefined).then(() => void log.push(`${item} done`)) : undefined;
  };
  const done = inTurn([1, 2, 3, 4, 5], step);
  assert.deepEqual(log, ['1', '2'], 'the first two at once');
  await done;
  assert.deepEqual(log, ['1', '2', '2 done', '3', '4', '4 done', '5']);
});

test('an error ends it', async () => {
  const log: number[] = [];
  const step = (item: number): MaybePromise<void> => {
    log.push(item);
    if (item === 2) return Promise.reject(error);
  };
  await assert.rejects(async () => inTurn([1, 2, 3], step), error);
  assert.deepEqual(log, [1, 2]);
});
