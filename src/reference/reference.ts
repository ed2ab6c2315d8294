/**
 * What can stand for a network namespace in a call: a name, a path, a process or an open
 * descriptor; and opening it. A descriptor keeps a namespace alive, so it is closed again at once.
 */
import { INT_MAX } from '../sys/limits.ts';
import { constants, lstatSync, readFileSync, statSync } from 'node:fs';
import { invalidArgument } from '../errors.ts';
import { errno, systemError } from '../sys/errno.ts';
import type { System } from '../sys/system.ts';
import { absolutePath, directoryOption } from './directory.ts';
import { checkName, encodeName, joinPath, transientPath } from './names.ts';

/**
 * A network namespace, as one means it: by its name in the directory of names (`/var/run/netns`),
 * by the path of a file that stands for it, by the id of a process that is in it, or by a
 * descriptor that is open on it and stays the caller's.
 */
export type NamespaceReference =
  | string
  | {
      /** Of its file, relative or absolute. */
      path: string;
    }
  | {
      /** A process in it, by its number in /proc. */
      pid: number;
    }
  | {
      /** An open descriptor of its file, which stays open. */
      fd: number;
    };

/** A reference that has been checked. */
export type CheckedReference = { path: string } | { pid: number; proc?: string | undefined } | { fd: number };

/**
 * @param directory where names are, as the option of that name
 * @param proc where the procfs is mounted that numbers processes
 * @throws NlinkError `ERR_NLINK_INVALID_NAME`, `ERR_NLINK_INVALID_ARGUMENT`
 */
export function checkReference(
  name: string,
  reference: unknown,
  directory?: string,
  proc = '/proc',
): CheckedReference {
  if (typeof reference === 'string') {
    checkName(reference);
    return { path: joinPath(directoryOption(directory), reference) };
  }
  if (typeof reference === 'object' && reference !== null) {
    if ('path' in reference) return { path: absolutePath(`${name}.path`, reference.path) };
    if ('pid' in reference) return { pid: whole(`${name}.pid`, reference.pid, 1), proc };
    if ('fd' in reference) return { fd: whole(`${name}.fd`, reference.fd, 0) };
  }
  throw invalidArgument(name, 'a name, { path }, { pid } or { fd }', reference);
}

/** A whole number from `least` to the largest int of C. */
export function whole(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= INT_MAX)
    return value;
  throw invalidArgument(name, `a whole number from ${least} to ${INT_MAX}`, value);
}

/** What a checked reference is called in messages. */
export function referenceName(reference: CheckedReference): string {
  if ('path' in reference) return reference.path;
  return 'pid' in reference
    ? `${reference.proc ?? '/proc'}/${reference.pid}/ns/net`
    : `/proc/self/fd/${reference.fd}`;
}

/**
 * Calls `use` with a descriptor of the namespace, which is closed afterwards unless it is the
 * caller's own.
 * @throws SystemError `ENOENT` (no such name, path or process), `EACCES` (another user's process; a
 *   stale name's file), `EMFILE`
 */
export function withOpened<T>(system: System, reference: CheckedReference, use: (fd: number) => T): T {
  if ('fd' in reference) return use(reference.fd);
  const fd = openNamespace(system, referenceName(reference));
  try {
    return use(fd);
  } finally {
    system.close(fd);
  }
}

/** Opens the file of a namespace. @throws SystemError */
export function openNamespace(system: System, path: string): number {
  const fd = system.open(transientPath(path), constants.O_RDONLY | constants.O_NOCTTY);
  if (fd >= 0) return fd;
  throw systemError(-fd, 'open', path, remedy(-fd, path));
}

function remedy(number: number, path: string): string | undefined {
  const [directory, process] = /^.*?proc\/(\d+)(?=\/)/.exec(path) ?? [];
  const isOf = directory !== undefined && process !== undefined;
  if (number === errno.ELOOP) return 'this symbolic link leads in a circle';
  if (number === errno.ENOENT) {
    if (isOf) return `there is no process ${process}, or it has ended`;
    return isLink(path)
      ? 'this is a symbolic link to something that is not there'
      : 'there is no such namespace; `nlink list` shows those that are there';
  }
  // EPERM of a process: /proc is mounted with hidepid=1.
  if (number !== errno.EACCES && (number !== errno.EPERM || !isOf)) return undefined;
  return isOf
    ? (ownRemedy(directory) ??
        'this needs the right to trace that process (ptrace(2)): the same user, or CAP_SYS_PTRACE')
    : 'the name may be stale (no namespace mounted on it), or this user may not search a directory on the way';
}

/**
 * Why a process of this very user may not be traced; undefined: it is none. The files of one that
 * is not dumpable belong to root (`task_dump_owner` in fs/proc/base.c).
 * @param directory of it in /proc
 */
function ownRemedy(directory: string): string | undefined {
  try {
    const status = readFileSync(`${directory}/status`, 'latin1');
    const uids = /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];
    const own = process.geteuid?.();
    if (uids.length === 0 || uids.some((uid) => uid !== own)) return undefined;
    return statSync(`${directory}/ns`).uid === own
      ? "that process is this user's, but not dumpable (PR_SET_DUMPABLE in prctl(2)), or has capabilities that this one has not"
      : "that process is this user's, but not dumpable (PR_SET_DUMPABLE in prctl(2)): it had more rights when it began, or asked for it";
  } catch {
    return undefined;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(encodeName(path)).isSymbolicLink();
  } catch {
    return false;
  }
}
