/**
 * Whether a name may be deleted: removing its file takes off what is mounted on it in all mount
 * namespaces, so another namespace that somebody has on the same file would end as well.
 */
import { NlinkError } from '../../errors.ts';
import type { CPath } from '../../sys/system.ts';
import { inspectionSystem } from '../../sys/inspection.ts';
import { NameDiagnosis } from './name-diagnosis.ts';
import type { Observer } from '../identity/observe.ts';
import type { MountedElsewhere, NameVerdict } from './verdict.ts';

/** Finds out whether somebody has a namespace on a name. */
export type DeleteDiagnosis = Pick<NameDiagnosis, 'diagnose' | 'others'>;

/**
 * Their scans are shared by all deletions, of which there may be hundreds a second. By where procfs
 * is mounted.
 */
const shared = new Map<string, NameDiagnosis>();

export function diagnosisAt(proc: string): DeleteDiagnosis {
  // What it needs is there, or it says so now.
  inspectionSystem();
  const known = shared.get(proc) ?? new NameDiagnosis({ proc, system: inspectionSystem, thorough: true });
  shared.set(proc, known);
  return known;
}

/** Of a file on which nothing is mounted here. @throws NlinkError `ERR_NLINK_MAY_BE_IN_USE` */
export async function refuseInUse(path: string, diagnosis: DeleteDiagnosis): Promise<void> {
  const [directory, name] = partsOf(path);
  const verdict = (await diagnosis.diagnose(directory, [name])).get(name);
  // It has become ready, or is gone.
  if (verdict === null) return;
  // What is only being made is nobody's namespace yet.
  if (verdict?.mountedIn.length === 0 && verdict.reason !== 'unknown') return;
  throw inUse(path, verdict?.mountedIn ?? [], verdict ?? null);
}

/**
 * Of a name that has a namespace here: another one on the same file, in another mount namespace or
 * covered in this one.
 * @throws NlinkError `ERR_NLINK_MAY_BE_IN_USE`
 */
export async function refuseOthers(
  observer: Observer,
  file: CPath,
  path: string,
  diagnosis: DeleteDiagnosis,
): Promise<void> {
  const found = observer.observe(file, true);
  if (found.kind !== 'namespace') return;
  const [directory, name] = partsOf(path);
  const others = await diagnosis.others(directory, name, `net:[${found.namespace.ino}]`);
  if (others.length > 0) throw inUse(path, others, null);
}

function partsOf(path: string): [directory: string, name: string] {
  const end = path.lastIndexOf('/');
  return [path.slice(0, end) || '/', path.slice(end + 1)];
}

function inUse(
  path: string,
  mountedIn: readonly MountedElsewhere[],
  verdict: NameVerdict | null,
): NlinkError {
  const error = new NlinkError(
    'ERR_NLINK_MAY_BE_IN_USE',
    `'${path}' may be in use: ${whereIs(mountedIn[0])}`,
  );
  return Object.assign(error, { verdict, mountedIn });
}

function whereIs(first: MountedElsewhere | undefined): string {
  if (first === undefined)
    return 'this process cannot see whether a namespace is mounted on it in another mount namespace';
  const { namespace, own, pid, comm, mountPoint } = first;
  if (own) return `${namespace} is mounted on the same file in this mount namespace, on ${mountPoint}`;
  const where = pid === null ? 'without a process that can be seen' : `of PID ${pid} (${comm})`;
  return `${namespace} is mounted on it in the mount namespace ${where}`;
}
