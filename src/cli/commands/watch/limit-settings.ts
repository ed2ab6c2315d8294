/**
 * For how long `nlink watch` goes on, and what it does with each event: `--count`, `--for`,
 * `--exec` and what belongs to it.
 */
import { availableParallelism } from 'node:os';
import type { Options } from '../../args/given.ts';
import type { HookSettings } from './hooks.ts';
import { duration, MAX_JOBS, wholeNumber } from '../../args/option-values.ts';

export interface FollowSettings {
  /** After how many events it ends; null: never. */
  count: number | null;
  /** After how many milliseconds it ends; null: never. */
  duration: number | null;
  /** What is run for each event. */
  hook: HookSettings | null;
  /** Whether each event is a line on stdout. */
  lines: boolean;
}

/** @throws UsageError */
export function followSettings(options: Options): FollowSettings {
  // Stdout has one author: who asks for lines gets them, and what the hook prints goes to stderr.
  const asked = options.has('json') || options.has('format');
  const command = options.get('exec')?.[0];
  return {
    count: wholeNumber(options, 'count', Number.MAX_SAFE_INTEGER),
    duration: duration(options, 'for'),
    hook:
      command === undefined
        ? null
        : {
            command,
            jobs: wholeNumber(options, 'exec-jobs', MAX_JOBS) ?? availableParallelism(),
            timeout: duration(options, 'exec-timeout'),
            settle: duration(options, 'settle'),
            stdout: asked ? 'stderr' : 'stdout',
          },
    lines: command === undefined || asked,
  };
}
