/** Values of options that are a number, a length of time or one of a few words. */
import { quoted } from '../../format/escape.ts';
import { UsageError } from '../output/usage-error.ts';
import { durationOf } from './duration.ts';
import type { Options } from './given.ts';

/** Of `--jobs` and its like: more at a time helps nobody. */
export const MAX_JOBS = 1024;

/** A whole number from 1 on; null where it was not given. @throws UsageError */
export function wholeNumber(options: Options, name: string, most: number): number | null {
  const text = options.get(name)?.[0];
  if (text === undefined) return null;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= 1 && number <= most) return number;
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}, not ${quoted(text)}`);
}

/** Of an option that may be given again, and may have several words with commas between. */
export const words = (options: Options, name: string): string[] =>
  (options.get(name) ?? []).flatMap((list) => list.split(',').map((word) => word.trim()));

/** In milliseconds; null where it was not given. @throws UsageError */
export function duration(options: Options, name: string): number | null {
  const text = options.get(name)?.[0];
  return text === undefined ? null : durationOf(text, `--${name}`);
}

/** As in `a, b or c`. */
const alternatives = (words: readonly string[]): string =>
  `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

/** One of the words that it may be; null where it was not given. @throws UsageError */
export function choice<Choice extends string>(
  options: Options,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const text = options.get(name)?.[0];
  if (text === undefined) return null;
  const chosen = choices.find((candidate) => candidate === text);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`--${name} must be ${alternatives(choices)}, not ${quoted(text)}`);
}
