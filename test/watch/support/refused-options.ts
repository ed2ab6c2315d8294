/**
 * Options that must be refused, as tests: whoever opens with one of them is told which it is and
 * what it must be.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NlinkError } from '../../../src/errors.ts';
import { withoutLeak } from '../../support/descriptors.ts';

/** For an option that is a whole number. */
export const notWhole: readonly unknown[] = [null, 1.5, NaN, Infinity, {}];

/** Whether an error says this of an option. */
export function isRefusal(words: string): (error: unknown) => true {
  return (error) => {
    const { name, code, message } = error as NlinkError;
    assert.deepEqual({ name, code }, { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT' });
    assert.equal(message.slice(0, words.length), words);
    return true;
  };
}

/**
 * @param opens each takes the same options
 * @param base options that are needed beside
 * @param refused for each option what it must be, in the words of the message, and what it is not
 */
export function testRefusedOptions(
  opens: readonly ((options: never) => Promise<unknown>)[],
  base: object,
  refused: Readonly<Record<string, [wanted: string, values: readonly unknown[]]>>,
): void {
  for (const [option, [wanted, values]] of Object.entries(refused)) {
    test(`the option ${option}: wrong types and ranges are refused before anything is opened`, async () => {
      await withoutLeak(async () => {
        for (const open of opens) {
          for (const value of values) {
            const opening = open({ ...base, [option]: value } as never);
            await assert.rejects(opening, isRefusal(`${option} must be ${wanted}`));
          }
        }
      });
    });
  }

  test('options that are no object are refused', async () => {
    for (const open of opens) {
      for (const options of [null, 5, '/run/netns'])
        await assert.rejects(open(options as never), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
    }
  });
}
