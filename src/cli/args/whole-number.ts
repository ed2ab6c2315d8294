/** Options that are a whole number from 1 on. */
import type { Command, Options } from '../spec/types.ts';
import { quoted } from '../output/escape.ts';
import { UsageError } from '../output/usage-error.ts';

/** Of `--jobs` and its like: more at a time helps nobody. */
export const MAX_JOBS = 1024;

/** Null where it was not given. @throws UsageError */
export function wholeNumber(options: Options, name: string, most: number, command: Command): number | null {
  const text = options.get(name)?.[0];
  if (text === undefined) return null;
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= 1 && number <= most) return number;
  throw new UsageError(`--${name} must be a whole number from 1 to ${most}, not ${quoted(text)}`, command);
}
