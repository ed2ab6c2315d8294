/** After what delay a recovery is tried again, for each way in which it fails. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { RetryBackoff } from '../../../src/watch/stream/retry-backoff.ts';

const shortage = (code: string): Error => Object.assign(new Error(code), { code });

/** A failure and how often it comes. A code is an error, a number the time of an undone attempt. */
type Failure = [failure: string | number, times: number];

const throws = 'throws';
const rows: [title: string, failures: Failure[], then: string | number, expected: number | typeof throws][] =
  [
    ['a shortage: half a second', [], 'EMFILE', 500],
    ['another shortage counts as the same', [['ENOSPC', 19]], 'ENOMEM', 500],
    ['20 shortages are waited for, the next is thrown', [['EAGAIN', 20]], 'ENOBUFS', throws],
    ['an error that waiting does not help is thrown', [], 'EACCES', throws],
    ['an error without a code is thrown', [], '', throws],
    ['undone, quick: at once', [], 2, 0],
    ['undone, quick, 20 times: at once', [[1, 19]], 1, 0],
    ['undone, quick, once more: after a millisecond', [[0, 20]], 0, 1],
    ['undone, quick, after slow ones: counted together', [[10, 20]], 2, 2],
    ['undone, slow: as long as it took', [], 70, 70],
    ['undone, very slow: half a second at most', [], 9000, 500],
    ['shortages and undone attempts are counted apart', [['EMFILE', 20]], 1, 0],
  ];

function fail(backoff: RetryBackoff, failure: string | number): number {
  return typeof failure === 'number' ? backoff.nextDelay(failure) : backoff.onError(shortage(failure));
}

for (const [title, failures, then, expected] of rows) {
  test(title, () => {
    const backoff = new RetryBackoff();
    for (const [failure, times] of failures)
      for (let count = 0; count < times; count++) fail(backoff, failure);
    if (expected === throws) assert.throws(() => fail(backoff, then), { code: then });
    else assert.equal(fail(backoff, then), expected);
  });
}

test('a success starts both counts anew', () => {
  const backoff = new RetryBackoff();
  for (let count = 0; count < 20; count++) fail(backoff, 'EMFILE');
  for (let count = 0; count < 20; count++) fail(backoff, 1);
  backoff.reset();
  assert.equal(fail(backoff, 'EMFILE'), 500);
  assert.equal(fail(backoff, 1), 0);
});
