/** Names and patterns of names among the arguments, which hold no slash. */
import { quoted } from '../../format/escape.ts';
import { UsageError } from '../output/usage-error.ts';
import type { Arguments } from './given.ts';

/** The patterns of `GLOB...`, as glob.ts reads them. @throws UsageError */
export function patternsOf(args: Arguments): readonly string[] {
  const patterns = args.get('pattern') ?? [];
  for (const pattern of patterns) refuseSlash(pattern);
  return patterns;
}

/** @throws UsageError */
export function refuseSlash(name: string): void {
  if (name.includes('/'))
    throw new UsageError(`${quoted(name)}: a name has no slash; give a directory with --directory`);
}
