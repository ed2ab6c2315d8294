/**
 * Which procfs (proc(5)) is asked for processes: /proc, or that of the host where a container has
 * it at another place. Each is mounted for one PID namespace (pid_namespaces(7)): it shows the
 * processes of that and of those below it, by the numbers they have there.
 */
import { readlinkSync, statfsSync, statSync } from 'node:fs';
import { invalidArgument, NlinkError } from '../../errors.ts';
import { INITIAL_PID_NAMESPACE, isKernelThread, readSmall } from './proc.ts';

/** Where processes are looked for. */
export interface ProcOptions {
  /**
   * Where a procfs is mounted whose processes are looked at: an absolute path, such as `/host/proc`
   * in a container that has the host's there. Default `/proc`. Numbers of processes are those that
   * it shows.
   */
  proc?: string | undefined;
}

/** A procfs, and what its numbers and its processes are worth. */
export interface Procfs {
  /** Where it is mounted, without a slash at the end. */
  readonly path: string;
  /**
   * Whether it numbers processes as this process does. If not, no system call may be given a number
   * of it (kill(2), pidfd_open(2), NETNSA_PID): it would mean another process.
   */
  readonly own: boolean;
  /**
   * Whether it shows the machine's first PID namespace, and so all processes; null where that
   * cannot be known.
   */
  readonly initial: boolean | null;
}

/** Where it is mounted but for containers. */
export const DEFAULT_PROC = '/proc';

/** PROC_SUPER_MAGIC of `linux/magic.h`, and PROC_ROOT_INO of `linux/proc_fs.h`. */
const PROC_SUPER_MAGIC = 0x9fa0;
const PROC_ROOT_INO = 1;
/**
 * kthreadd, the parent of all threads of the kernel, which are in the first PID namespace and
 * nowhere else.
 */
const KTHREADD = 2;

/**
 * The option `proc`, before anything is looked at.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`: no absolute path, nothing there, or no procfs
 */
export function procOption(proc: unknown = DEFAULT_PROC): string {
  if (proc === DEFAULT_PROC) return DEFAULT_PROC;
  const expected = 'an absolute path at which a procfs is mounted';
  if (typeof proc !== 'string' || !proc.startsWith('/') || proc.includes('\0'))
    throw invalidArgument('proc', expected, proc);
  const path = proc.replace(/(?!^)\/+$/, '');
  const why = faultOf(path);
  if (why === null) return path;
  const message = `proc must be ${expected}, got ${JSON.stringify(proc)}, which ${why}`;
  throw new NlinkError('ERR_NLINK_INVALID_ARGUMENT', message);
}

/** Why a path is not that of a procfs; null: it is. */
function faultOf(path: string): string | null {
  try {
    // Not by its `self`, which leads nowhere in the procfs of a PID namespace that this process is
    // not in.
    if (statfsSync(path).type !== PROC_SUPER_MAGIC) return 'is none';
    return statSync(path).ino === PROC_ROOT_INO ? null : 'is inside of one';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'is not there' : `cannot be looked at (${code})`;
  }
}

/** What is known of a procfs. @param path as {@link procOption} gives it */
export function procfsAt(path: string): Procfs {
  // The number that this process has there; none where it is in no PID namespace that is shown.
  const self = linkOf(`${path}/self`);
  const depth = depthBelow(path);
  return { path, own: self === String(process.pid) && depth <= 1, initial: isInitial(path, depth) };
}

/** How many of this process's PID namespaces are shown, up to its own; 0: none. */
function depthBelow(path: string): number {
  const status = readSmall(`${path}/self/status`)?.toString('latin1');
  if (status === undefined) return 0;
  // One number for each (Linux 4.1).
  return /^NSpid:((?:\s+\d+)+)$/m.exec(status)?.[1]?.trim().split(/\s+/).length ?? 1;
}

/**
 * Process 1 is in the PID namespace that is shown; who may not ask it for that has other evidence.
 */
function isInitial(path: string, depth: number): boolean | null {
  const first = linkOf(`${path}/1/ns/pid`);
  if (first !== '') return first === INITIAL_PID_NAMESPACE;
  const mine = linkOf(`${path}/self/ns/pid`);
  // Only that one and those above it show a process, and the first has none above.
  if (mine === INITIAL_PID_NAMESPACE) return true;
  if (depth === 1) return false;
  const stat = readSmall(`${path}/${KTHREADD}/stat`);
  return stat !== null && isKernelThread(stat) ? true : null;
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
