/** Why names cannot be entered, as a question of the library (name-diagnosis.ts). */
import { invalidArgument, requireOptions } from '../../errors.ts';
import { directoryOption } from '../../reference/directory.ts';
import type { DirectoryOptions } from '../../reference/directory.ts';
import { checkName } from '../../reference/names.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import { NameDiagnosis } from './name-diagnosis.ts';
import { procOption } from '../processes/procfs.ts';
import type { ProcOptions } from '../processes/procfs.ts';
import type { NameVerdict } from './verdict.ts';

/** Options of {@link diagnoseNames}. `directory` holds the names, `proc` shows the processes. */
export interface DiagnoseNamesOptions extends DirectoryOptions, ProcOptions {
  /** Ends it early, with what was found out by then: `unseen` has `scan-unfinished`. */
  signal?: AbortSignal | undefined;
}

/**
 * Why names cannot be entered, what shows it, which side would have to change, and whether the
 * files may be removed. Null for a name that can be entered, or is gone. Without an entry where
 * nothing could be found out, as of a directory that is missing.
 *
 * Looks at every other mount namespace through /proc/PID/mountinfo, for up to two seconds; a host
 * has thousands of processes. Needs no privilege; but only root of the machine sees all mount
 * namespaces (those without a process since Linux 6.12), and so `removable`.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_INVALID_NAME`,
 *   `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export async function diagnoseNames(
  names: readonly string[],
  options: DiagnoseNamesOptions = {},
): Promise<Map<string, NameVerdict | null>> {
  requireOptions(options);
  const { directory, proc, signal } = options;
  if (!Array.isArray(names)) throw invalidArgument('names', 'an array of names', names);
  for (const name of names as readonly string[]) checkName(name);
  const place = directoryOption(directory);
  const procfs = procOption(proc);
  inspectionSystem();
  const diagnosis = new NameDiagnosis({ proc: procfs, system: inspectionSystem, thorough: true });
  return diagnosis.diagnose(place, names, signal);
}
