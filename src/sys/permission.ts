/**
 * What the runtime keeps from the process although the kernel would allow it, and by which flags it
 * is given: Node's permission model (`node --permission`, https://nodejs.org/api/permissions.html),
 * `node --no-addons`, Deno's permissions. What nlink does by calls of the C library they do not
 * see; what Node does for nlink (directories, links, files of /proc, programs) they refuse.
 */
import { resolve } from 'node:path';

/** As `process.permission`, which is there with `node --permission` alone. */
interface Permission {
  has: (scope: string, path?: string) => boolean;
}

/** Of the process at hand; null: everything is allowed. */
const ofProcess = (): Permission | null =>
  (process as unknown as { permission?: Permission }).permission ?? null;

/**
 * What nlink reads beside its own code and that of koffi: processes and mounts, and the directories
 * of names.
 */
const READ: readonly string[] = ['/proc', '/run', '/var/run'];

/** The flag for each kind of what Node refuses, as its error names the kind. */
const FLAGS: Readonly<Record<string, (path: string) => string>> = {
  FileSystemRead: (path) => allowReading(resolve(path)),
  FileSystemWrite: (path) => `--allow-fs-write=${path}`,
  ChildProcess: () => '--allow-child-process',
  WorkerThreads: () => '--allow-worker',
};

/**
 * All packages for what is in one, since koffi's binary is in another; all of /proc for a file of
 * it.
 */
const allowReading = (path: string): string =>
  `--allow-fs-read=${/^(?:.*\/node_modules|\/proc)(?=\/)/.exec(path)?.[0] ?? path}`;

const withFlags = (flags: string): string =>
  `the permission model of Node forbids it: start node with ${flags}`;

/**
 * Why the runtime refused, and the flags to start it with, for a message to end in.
 * @param error what a function of Node threw
 * @returns null: it did not refuse, or not for that
 */
export function refusal(error: unknown): string | null {
  const { code, name, permission: kind, resource = '' } = (error ?? {}) as Partial<Refused>;
  if (code === 'ERR_ACCESS_DENIED')
    return withFlags(FLAGS[kind ?? '']?.(resource) ?? 'the flag for it (nodejs.org/api/permissions.html)');
  return name === 'NotCapable' ? 'Deno forbids it: start deno with --allow-all' : null;
}

/**
 * The same for koffi, which could not be loaded: all that nlink needs at once.
 * @returns null: koffi is not there, or not for this machine
 */
export function loadRefusal(error: unknown, permission: Permission | null = ofProcess()): string | null {
  const { code, resource } = (error ?? {}) as Partial<Refused>;
  if (permission === null)
    return code === 'ERR_DLOPEN_DISABLED'
      ? 'node was started with --no-addons: leave that out'
      : refusal(error);
  if (code !== 'ERR_DLOPEN_DISABLED' && code !== 'ERR_ACCESS_DENIED') return null;
  const read = READ.filter((path) => !permission.has('fs.read', path)).map(allowReading);
  const packages = resource === undefined ? [] : [allowReading(resolve(resource))];
  return withFlags(['--allow-addons', ...packages, ...read].join(' '));
}

interface Refused {
  code: string;
  /** Deno's `NotCapable`. */
  name: string;
  /** Which kind, as in {@link FLAGS}. */
  permission: string;
  /** The path, for a kind that has one; not of an addon. */
  resource: string;
}

/**
 * The same for a path that could not be read (EACCES).
 * @returns null: the runtime allows it, so it was the kernel
 */
export function readRefusal(path: string, permission: Permission | null = ofProcess()): string | null {
  if (process.versions['deno'] !== undefined)
    return 'Deno or the kernel forbids it: start deno with --allow-all, as a user who may read it';
  return permission === null || permission.has('fs.read', path) ? null : withFlags(allowReading(path));
}
