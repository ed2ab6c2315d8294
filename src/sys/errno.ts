/**
 * From the kernel's `-errno` to the errors that Node users know: `code`, `errno`, `syscall`,
 * `path`, and a message that says what to do where that is known. The remedies are those of
 * inotify_init(2), inotify_add_watch(2), unshare(2).
 */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { readRefusal, refusal } from './permission.ts';

/** A failed system call, shaped as Node's own: match on `code`. */
export interface SystemError extends Error {
  /** The symbolic name, such as `'EACCES'`. */
  code: string;
  /** The negative error number, as in Node. */
  errno: number;
  /** The C function that failed. */
  syscall: string;
  /** The path it was given, where it was given one. */
  path?: string;
}

/** Error numbers of this machine, positive (`os.constants.errno`). */
export const errno: typeof constants.errno = constants.errno;

const NEEDS_ADMIN =
  'making or entering a network namespace needs CAP_SYS_ADMIN: run as root (in a container: --cap-add SYS_ADMIN), or inside `unshare -Urnm`';

/** What to do about an error, by `syscall code`; a code alone holds for every call. */
const remedies: Readonly<Record<string, string>> = {
  'inotify_init1 EMFILE':
    'the user has too many inotify instances, or the process too many open files: raise the sysctl fs.inotify.max_user_instances (or user.max_inotify_instances of this user namespace), or ulimit -n',
  'inotify_add_watch ENOSPC':
    'the user has too many inotify watches: raise the sysctl fs.inotify.max_user_watches (or user.max_inotify_watches of this user namespace)',
  'inotify_add_watch EACCES':
    'watching needs read permission on the directory and search permission on its parents',
  'inotify_add_watch ENOTDIR': 'this is a file; give the directory that holds the names',
  'open ENOTDIR': 'what should be a directory on the way is a file',
  'scandir EACCES': 'listing needs read permission on the directory and search permission on its parents',
  'scandir ENOTDIR': 'this is a file; give the directory that holds the names',
  'statx EACCES': 'this needs search permission on every directory of the path',
  'unshare ENOSPC': 'the limit of network namespaces is reached: raise the sysctl user.max_net_namespaces',
  'unshare EPERM': NEEDS_ADMIN,
  'setns EPERM': NEEDS_ADMIN,
  'mount EPERM': 'mounting needs CAP_SYS_ADMIN in the user namespace that owns this mount namespace',
  'umount2 EPERM': 'unmounting needs CAP_SYS_ADMIN in the user namespace that owns this mount namespace',
  EMFILE: 'the process has too many open files: raise ulimit -n',
  ENFILE: 'the system has too many open files: raise the sysctl fs.file-max',
};

/** What is read by Node, which may refuse it where the kernel would not. */
const readByNode: ReadonlySet<string> = new Set(['scandir', 'readlink']);

/**
 * What Node calls them. It makes a new map each time it is asked, which takes ten times what an
 * error does.
 */
let names: ReturnType<typeof getSystemErrorMap> | undefined;

/**
 * The symbolic name of a positive error number as Node says it; one that Node does not know is `E`
 * and the number.
 */
export function errnoName(number: number): string {
  names ??= getSystemErrorMap();
  const known = names.get(-number)?.[0];
  return known ?? Object.entries(errno).find(([, value]) => value === number)?.[0] ?? `E${number}`;
}

/**
 * Makes the error for a system call that returned `-number`.
 * @param number the positive error number
 * @param syscall the C function's name
 * @param path what it was given, if anything
 * @param remedy a better remedy than the general one
 */
export function systemError(number: number, syscall: string, path?: string, remedy?: string): SystemError {
  const code = errnoName(number);
  const refused =
    number === errno.EACCES && path !== undefined && readByNode.has(syscall) ? readRefusal(path) : null;
  const advice = refused ?? remedy ?? remedies[`${syscall} ${code}`] ?? remedies[code];
  const where = path === undefined ? '' : ` '${path}'`;
  const error = new Error(
    `${code}: ${syscall}${where}${advice === undefined ? '' : `: ${advice}`}`,
  ) as SystemError;
  error.code = code;
  error.errno = -number;
  error.syscall = syscall;
  if (path !== undefined) error.path = path;
  return error;
}

/**
 * `-errno` of what a function of Node threw. What the runtime itself refused is EACCES, and
 * systemError says how to allow it.
 */
export function numberOf(error: unknown): number {
  return (error as NodeJS.ErrnoException).errno ?? -(refusal(error) === null ? errno.EIO : errno.EACCES);
}

/** Gives back a result of zero or more; throws the error of a negative one. */
export function check(result: number, syscall: string, path?: string): number {
  if (result < 0) throw systemError(-result, syscall, path);
  return result;
}
