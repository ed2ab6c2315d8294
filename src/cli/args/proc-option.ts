/** `--proc`: where processes are looked for (netns/processes/procfs.ts). */
import type { Options } from './given.ts';
import type { Io } from '../host/io.ts';

/**
 * The place that was given, or /proc. To be called before anything else is done.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export async function procOf(options: Options, { calls }: Pick<Io, 'calls'>): Promise<string> {
  const proc = options.get('proc')?.[0];
  return proc === undefined ? '/proc' : calls.procOption(proc);
}
