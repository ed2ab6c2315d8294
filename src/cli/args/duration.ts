/**
 * Lengths of time as one writes them: `500ms`, `2s`, `1.5m`, `.5`, `1h`, `1d`; a bare number is
 * seconds, as in sleep(1).
 */
import { INT_MAX } from '../../sys/limits.ts';
import { quoted } from '../../format/escape.ts';
import { UsageError } from '../output/usage-error.ts';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The longest time of a timer, in milliseconds: 24 days. */
export const MAX_MILLISECONDS: number = INT_MAX;

/**
 * @param called what the user calls it, for the message
 * @returns whole milliseconds, 0 to {@link MAX_MILLISECONDS}
 * @throws UsageError
 */
export function durationOf(text: string, called: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const milliseconds = Math.ceil(Number(number) * (UNITS[unit] as number));
  if (milliseconds <= MAX_MILLISECONDS) return milliseconds;
  throw new UsageError(
    `${called} must be a duration such as 500ms, 2s, 5m or 1h, at most 24d, not ${quoted(text)}`,
  );
}
