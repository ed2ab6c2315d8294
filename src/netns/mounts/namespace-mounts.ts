/**
 * The mounts of network namespaces in every mount namespace that has a process
 * (mount_namespaces(7)), by /proc/PID/mountinfo: that of another user's process can be read as
 * well. One that no process lives in, and mounts that are in none, cannot be seen.
 */
import { cPath } from '../../reference/names.ts';
import { emptyStatus } from '../../sys/stat.ts';
import type { System } from '../../sys/system.ts';
import { readUnlessSeen } from './process-mountinfo.ts';
import { parseMountinfo, pathInFileSystem } from './mountinfo.ts';
import { hasEnded } from '../processes/proc.ts';

/**
 * The file that a namespace is mounted on, the same in every mount namespace. Whoever deletes it
 * takes all mounts off it, wherever they are (`detach_mounts` in `fs/namespace.c`).
 */
export interface MountedFile {
  /** Major and minor number of its file system: `0:25`. */
  device: string;
  /** Where in that file system: `/netns/blue`. */
  path: string;
}

/** A mount of a namespace of any kind. */
export interface NamespaceMount {
  /** Unique among the living mounts of the machine. */
  id: number;
  /** Inode of the mount namespace; null where this user may not know. */
  mountNamespace: bigint | null;
  /** As the process sees it that was asked. */
  mountPoint: string;
  /** What /proc calls the namespace: `net:[4026532178]`. */
  root: string;
  /** The file that it is mounted on. */
  file: MountedFile | null;
}

export class MountReader {
  readonly #system: System;
  readonly #proc: string;
  readonly #status = emptyStatus();
  /** Mount namespaces, each as seen from a root directory (chroot(2)). */
  readonly #seen = new Set<string>();
  /** The same by their first mounts, for those that are not known otherwise. */
  readonly #read = new Set<string>();
  readonly #mounts = new Set<number>();
  /** Mount namespaces in which processes live, and those that something keeps, by inode. */
  readonly #lived = new Set<bigint>();
  readonly #kept = new Set<bigint>();
  /** How many processes there are whose mounts may not be read. */
  refused = 0;

  /** @param proc where procfs is mounted */
  constructor(system: System, proc: string) {
    this.#system = system;
    this.#proc = proc;
  }

  /**
   * How many mount namespaces there are that no process lives in, as far as can be seen, and whose
   * mounts cannot be read so.
   */
  get unlived(): number {
    return [...this.#kept].filter((ino) => !this.#lived.has(ino)).length;
  }

  /**
   * Takes note of a namespace that a mount or descriptor keeps, if it is of mounts. @param root as
   * /proc calls it
   */
  keep(root: string): void {
    const ino = /^mnt:\[(\d+)\]$/.exec(root)?.[1];
    if (ino !== undefined) this.#kept.add(BigInt(ino));
  }

  /** Those of a process's mount namespace, unless they have been read before. */
  async of(pid: number): Promise<NamespaceMount[]> {
    const mountNamespace = this.#namespaceOf(pid);
    if (mountNamespace !== null) {
      this.#lived.add(mountNamespace);
      const root = this.#system.readLink(cPath(`${this.#proc}/${pid}/root`));
      const key = `${mountNamespace} ${typeof root === 'number' ? root : root.toString('latin1')}`;
      if (this.#seen.has(key)) return [];
      this.#seen.add(key);
    }
    const mountinfo = await this.#readOf(pid);
    if (mountinfo === null || !mountinfo.includes(' - nsfs ')) return [];
    const all = parseMountinfo(mountinfo);
    const byId = new Map(all.map((mount) => [mount.id, mount]));
    return all
      .filter(({ type, id }) => type === 'nsfs' && !this.#mounts.has(id))
      .map(({ id, parent, mountPoint, root }) => {
        this.#mounts.add(id);
        this.keep(root);
        const holder = byId.get(parent);
        const file =
          holder === undefined ? null : { device: holder.device, path: pathInFileSystem(holder, mountPoint) };
        return { id, mountNamespace, mountPoint, root, file };
      });
  }

  #namespaceOf(pid: number): bigint | null {
    const result = this.#system.stat(cPath(`${this.#proc}/${pid}/ns/mnt`), true, this.#status);
    return result < 0 ? null : this.#status.ino;
  }

  async #readOf(pid: number): Promise<Buffer | null> {
    try {
      return await readUnlessSeen(`${this.#proc}/${pid}/mountinfo`, this.#read);
    } catch (error) {
      // EINVAL: it has ended, and waits for its parent.
      const { code } = error as NodeJS.ErrnoException;
      const ended = hasEnded(this.#system.stat(cPath(`${this.#proc}/${pid}`), true, this.#status));
      if ((code === 'EACCES' || code === 'EPERM') && !ended) this.refused++;
      return null;
    }
  }
}
