/**
 * How lines of `nlink watch` look: `--format`, `--json`, `--time`, and whether what is there has
 * some.
 */
import type { Options } from '../../spec/types.ts';
import { quoted } from '../../output/escape.ts';
import type { TimeStyle } from './timestamps.ts';
import { FORMATS, TIME_STYLES, WATCH } from '../../spec/watch.ts';
import type { Format } from '../../spec/watch.ts';
import { UsageError } from '../../output/usage-error.ts';

export interface LineSettings {
  format: Format;
  time: TimeStyle;
  /** Whether what is there at the start is told. */
  snapshot: boolean;
  colourRefused: boolean;
}

/** @throws UsageError */
export function lineSettings(options: Options): LineSettings {
  const format = options.has('json') ? 'json' : (choice(options, 'format', FORMATS) ?? 'human');
  const time = choice(options, 'time', TIME_STYLES);
  if (format === 'ip' && options.has('ids'))
    throw usage(
      '--format ip means nothing with --ids: ip monitor nsid tells names as well, which --ids does not',
    );
  if (format === 'ip' && time !== null)
    throw usage('--time means nothing with --format ip: ip netns monitor tells no time');
  return {
    format,
    time: time ?? 'clock',
    // As ip netns monitor, which tells of changes alone.
    snapshot: options.has('snapshot') || (!options.has('no-snapshot') && format !== 'ip'),
    colourRefused: options.has('no-color'),
  };
}

function choice<Choice extends string>(
  options: Options,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  const text = options.get(name)?.[0];
  if (text === undefined) return null;
  const chosen = choices.find((candidate) => candidate === text);
  if (chosen !== undefined) return chosen;
  throw usage(`--${name} must be one of ${choices.join(', ')}, not ${quoted(text)}`);
}

const usage = (message: string): UsageError => new UsageError(message, WATCH);
