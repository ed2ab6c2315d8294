/**
 * The directory that holds the names (ip-netns(8)): which one is meant, and the C paths of the
 * names in it.
 */
import { invalidArgument } from '../errors.ts';
import type { CPath } from '../sys/system.ts';
import { cPath, encodeName, joinPath } from './names.ts';

/** Where names are looked for. */
export interface DirectoryOptions {
  /** The directory of names. Default `/var/run/netns`. */
  directory?: string | undefined;
}

/** Where names are looked for: in one directory, or in several. */
export interface DirectoriesOptions extends DirectoryOptions {
  /** Several directories of names, instead of `directory`. At least one. */
  directories?: readonly string[] | undefined;
}

/** Where `ip netns` keeps its names. */
export const DEFAULT_DIRECTORY = '/var/run/netns';
/** Both spellings of it: the one that ip(8) has, and the one that it leads to. */
export const RUN_DIRECTORY = '/run/netns';
export const IP_DIRECTORIES: ReadonlySet<string> = new Set([DEFAULT_DIRECTORY, RUN_DIRECTORY]);

/**
 * The directory that an option names, as an absolute path. An absolute one keeps its spelling: `..`
 * after a symbolic link is the kernel's to resolve.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function directoryOption(directory: unknown = DEFAULT_DIRECTORY): string {
  return absolutePath('directory', directory);
}

/**
 * The directories that the options name, as {@link directoryOption}; each once, as it was spelled
 * first: slashes and dots that say nothing make no other one.
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`
 */
export function directoriesOption({ directory, directories }: DirectoriesOptions): string[] {
  if (directories === undefined) return [directoryOption(directory)];
  if (directory !== undefined)
    throw invalidArgument('directory', 'left out where directories are given', directory);
  if (!Array.isArray(directories) || directories.length === 0)
    throw invalidArgument('directories', 'an array of at least one path', directories);
  const distinct = new Map<string, string>();
  for (const [index, path] of directories.entries()) {
    const absolute = absolutePath(`directories[${index}]`, path);
    // `..` is the kernel's to resolve: what is before it may be a symbolic link.
    const plain = absolute.split('/').filter((entry) => entry !== '' && entry !== '.');
    const key = plain.join('/');
    if (!distinct.has(key)) distinct.set(key, absolute);
  }
  return [...distinct.values()];
}

/** As {@link directoryOption}, for any path. `option` is what the error calls it. */
export function absolutePath(option: string, path: unknown): string {
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidArgument(option, 'a path: a non-empty string without NUL', path);
  }
  return path.startsWith('/') ? path : joinPath(process.cwd(), path);
}

/** Room for the names of ordinary file systems (NAME_MAX), and their NUL. */
const ROOM = 256;

/**
 * Makes the paths of the names in one directory, all in the same buffer: thousands of names need a
 * path each.
 */
export class NamePath {
  /** The path of the directory itself. */
  readonly directory: CPath;
  readonly #start: number;
  #buffer: Buffer;

  constructor(directory: string) {
    this.directory = cPath(directory);
    const prefix = cPath(directory, '');
    this.#start = prefix.length - 1;
    this.#buffer = Buffer.concat([prefix], this.#start + ROOM);
  }

  /** As {@link of}, by the text of a name: the quick way for the names that nearly all are. */
  ofText(name: string): CPath {
    const buffer = this.#buffer;
    const end = this.#start + name.length;
    if (end >= buffer.length) return this.of(encodeName(name));
    for (let at = 0; at < name.length; at++) {
      const code = name.charCodeAt(at);
      if (code > 0x7f) return this.of(encodeName(name));
      buffer[this.#start + at] = code;
    }
    buffer[end] = 0;
    return buffer;
  }

  /** The path of a name, which the next call overwrites. */
  of(name: Uint8Array): CPath {
    const end = this.#start + name.byteLength;
    // Some file systems (FUSE, CIFS) have names of more than 255 bytes.
    if (end >= this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], end + ROOM);
    this.#buffer.set(name, this.#start);
    this.#buffer[end] = 0;
    return this.#buffer;
  }
}
