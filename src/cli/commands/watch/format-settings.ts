/**
 * How lines of `nlink watch` look: `--format`, `--json`, `--time`, and whether what is there has
 * some.
 */
import type { Options } from '../../args/given.ts';
import { choice } from '../../args/option-values.ts';
import { FORMATS, TIME_STYLES } from '../../spec/watch.ts';
import type { Format, TimeStyle } from '../../spec/watch.ts';
import { UsageError } from '../../output/usage-error.ts';

export interface LineSettings {
  format: Format;
  time: TimeStyle;
  /** Whether the state at the start is printed. */
  snapshot: boolean;
  colourRefused: boolean;
}

/** @throws UsageError */
export function lineSettings(options: Options): LineSettings {
  const format = options.has('json') ? 'json' : (choice(options, 'format', FORMATS) ?? 'human');
  const time = choice(options, 'time', TIME_STYLES);
  if (format === 'ip' && options.has('nsids'))
    throw new UsageError(
      '--format ip cannot be used with --nsids: ip monitor nsid prints names too, --nsids does not',
    );
  if (format === 'ip' && time !== null)
    throw new UsageError('--time cannot be used with --format ip: ip netns monitor prints no time');
  return {
    format,
    time: time ?? 'clock',
    // As ip netns monitor, which prints changes only.
    snapshot: options.has('snapshot') || (!options.has('no-snapshot') && format !== 'ip'),
    colourRefused: options.has('no-color'),
  };
}
