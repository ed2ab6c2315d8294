/**
 * The descriptors of a process (proc_pid_fd(5)) that may have to do with namespaces, in one pass.
 * By their status and not by the text of their links: a descriptor of a name reads as the path of
 * that name, or, when the name is gone, as `/`.
 */
import { constants } from 'node:fs';
import { cPath } from '../../reference/names.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import { emptyStatus } from '../../sys/stat.ts';
import type { FileStatus } from '../../sys/stat.ts';
import { hasEnded, listNumbers, readSmall } from '../processes/proc.ts';
import type { EventLoopYield } from '../processes/proc.ts';

/** A descriptor, and what it is of. */
export interface FoundDescriptor {
  fd: number;
  /**
   * `nsfs`: a namespace of any kind. `tun`: of /dev/net/tun, which is in a namespace as sockets
   * are.
   */
  kind: 'nsfs' | 'socket' | 'tun' | 'inotify' | 'fanotify';
  /** In /proc. */
  path: string;
  ino: bigint;
}

const TUN = '/dev/net/tun';
const WATCHERS: Readonly<Record<string, 'inotify' | 'fanotify'>> = {
  'anon_inode:inotify': 'inotify',
  'anon_inode:[fanotify]': 'fanotify',
};

/**
 * Flags of an open file; the C library's number, the same on every architecture that Node runs on.
 */
const O_PATH = 0o10000000;

export class DescriptorReader {
  readonly #system: InspectionSystem;
  readonly #turns: EventLoopYield;
  readonly #status = emptyStatus();
  readonly #nsfs: bigint;

  /** @param nsfs the device of namespaces */
  constructor(system: InspectionSystem, turns: EventLoopYield, nsfs: bigint) {
    this.#system = system;
    this.#turns = turns;
    this.#nsfs = nsfs;
  }

  /**
   * Reads them; `-errno` where they may not be read. None of a process that has ended.
   * @param task of a process or thread, in /proc
   */
  async of(task: string): Promise<FoundDescriptor[] | number> {
    const listed = listNumbers(this.#system, `${task}/fd`);
    if (typeof listed === 'number') return hasEnded(listed) ? [] : listed;
    const found: FoundDescriptor[] = [];
    for (const fd of listed) {
      await this.#turns.next();
      const path = `${task}/fd/${fd}`;
      // What was closed meanwhile is passed over, and so is what cannot be looked at: neither is a
      // namespace.
      if (this.#system.statKnown(cPath(path), this.#status) < 0) continue;
      const kind = this.#kindOf(this.#status, path);
      if (kind !== null) found.push({ fd, kind, path, ino: this.#status.ino });
    }
    return found;
  }

  #kindOf(status: FileStatus, path: string): FoundDescriptor['kind'] | null {
    if (status.dev === this.#nsfs) return 'nsfs';
    const type = status.mode & constants.S_IFMT;
    if (type === constants.S_IFSOCK) return 'socket';
    if (type === constants.S_IFCHR) return this.#linkOf(path).endsWith(TUN) ? 'tun' : null;
    // Files without a type are those of the kernel's own making (fs/anon_inodes.c); since 6.17 they
    // are regular ones without a size.
    if (type !== 0 && !(type === constants.S_IFREG && status.size === 0n)) return null;
    return WATCHERS[this.#linkOf(path)] ?? null;
  }

  #linkOf(path: string): string {
    const link = this.#system.readLink(cPath(path));
    return typeof link === 'number' ? '' : link.toString('latin1');
  }
}

/** What fdinfo says of a descriptor, as text; null where it may not be read. */
export const infoOf = ({ path }: FoundDescriptor): string | null =>
  readSmall(path.replace(/fd(?=\/\d+$)/, 'fdinfo'))?.toString('latin1') ?? null;

/** Whether fdinfo says that it was opened with O_PATH. */
export const isPathOnly = (info: string | null): boolean =>
  (parseInt(/^flags:\s*([0-7]+)$/m.exec(info ?? '')?.[1] ?? '0', 8) & O_PATH) !== 0;
