/**
 * What stands behind a path at this moment: a network namespace and its identity, or why none. Asks with statx(2) and
 * name_to_handle_at(2), which open nothing; before Linux 6.18 the file is opened for an instant, since only an open
 * namespace tells its kind (ioctl_nsfs(2)). Never keeps a descriptor: that would keep a deleted namespace alive.
 */
import { NlinkError } from '../errors.ts';
import { check, errno } from '../sys/errno.ts';
import { CLONE_NEWNET } from '../sys/flags.ts';
import { emptyStatus, isDirectory, isRegular, isSymlink } from '../sys/stat.ts';
import type { CPath, NamespaceHandle, System } from '../sys/system.ts';
import type { NamespaceId } from './identity.ts';
import { decodeName } from './names.ts';

/** Why a name cannot be entered. */
export type NotReadyReason =
  /** A file on which no namespace is mounted: stale, or never meant to be one. */
  | 'not-a-namespace'
  /** A namespace of another kind (mount, user, …). */
  | 'wrong-type'
  /** Mounts made on the host do not arrive in this mount namespace. */
  | 'no-propagation'
  /** A symbolic link to something that is not there (any more). */
  | 'dangling-symlink'
  /** A symbolic link to something that this user may not look at. */
  | 'no-permission'
  /** Deleted again before it was ready. */
  | 'vanished'
  /** Nothing was mounted on it within `readyTimeout`. */
  | 'timeout';

/** What {@link Observer.observe} found. */
export type Observation =
  | { kind: 'namespace'; namespace: NamespaceId; symlink: boolean; mountId: bigint }
  /** `fresh`: an empty regular file, as is made before the namespace is mounted on it. `changed`: its mtime. */
  | { kind: 'file'; reason: NotReadyReason; symlink: boolean; fresh: boolean; changed: bigint }
  | { kind: 'directory' }
  | { kind: 'missing' };

/** How often a name is looked at that changes under the look. */
const ATTEMPTS = 10;

const MISSING: Observation = { kind: 'missing' };
const DIRECTORY: Observation = { kind: 'directory' };
/** A namespace's file in any mount namespace; all of nsfs is one file system, so its device marks a namespace. */
const OWN_NAMESPACE = Buffer.from('/proc/self/ns/net\0');

export class Observer {
  readonly #system: System;
  readonly #nsfs: bigint;
  readonly #status = emptyStatus();
  readonly #handle: NamespaceHandle = { id: 0n, type: 0, ino: 0 };
  /** Whether the kernel gives file handles of namespaces, and no seccomp filter forbids it. */
  readonly #handles: boolean;
  /** Whether the kernel tells the kind of an open namespace; asked only where it gives no handles. */
  readonly #kinds: boolean;

  /** @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` where `/proc` is not mounted */
  constructor(system: System) {
    this.#system = system;
    if (system.stat(OWN_NAMESPACE, true, this.#status) < 0) {
      throw new NlinkError(
        'ERR_NLINK_UNSUPPORTED_KERNEL',
        '/proc/self/ns/net is not there: nlink needs /proc mounted and a kernel with network namespaces',
      );
    }
    this.#nsfs = this.#status.dev;
    this.#handles = system.namespaceHandle(OWN_NAMESPACE, this.#handle) === 0;
    this.#kinds = !this.#handles && this.#askOpened(OWN_NAMESPACE) !== -errno.ENOTTY;
  }

  /**
   * Looks at a path. What changes between two calls is looked at again, so that what is there is never taken for missing.
   * @param followSymlinks false: a symbolic link is a file like any other
   * @throws SystemError other than for what is missing: `EACCES` (a directory on the way may not be searched), `EIO`, …
   */
  observe(path: CPath, followSymlinks: boolean): Observation {
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      const seen = this.#look(path, followSymlinks, false);
      if (seen !== null) return seen;
    }
    return this.#look(path, followSymlinks, true) ?? MISSING;
  }

  /** Null if it changed meanwhile; `last`: unless that can be made do with. */
  #look(path: CPath, followSymlinks: boolean, last: boolean): Observation | null {
    const status = this.#status;
    const result = this.#system.stat(path, false, status);
    if (result < 0) {
      if (result === -errno.ENOENT || result === -errno.ENOTDIR) return MISSING;
      check(result, 'statx', printable(path));
    }
    if (status.dev === this.#nsfs) return this.#identify(path, false, last);
    if (isDirectory(status)) return DIRECTORY;
    const changed = status.mtime;
    if (!isSymlink(status)) {
      const fresh = isRegular(status) && status.size === 0n;
      return { kind: 'file', reason: 'not-a-namespace', symlink: false, fresh, changed };
    }
    if (!followSymlinks)
      return { kind: 'file', reason: 'not-a-namespace', symlink: true, fresh: false, changed };
    const followed = this.#system.stat(path, true, status);
    if (followed === 0 && status.dev === this.#nsfs) return this.#identify(path, true, last);
    return { kind: 'file', reason: linkFault(followed), symlink: true, fresh: false, changed };
  }

  /** The path led to nsfs, and `#status` holds its status: which kind, and which namespace. */
  #identify(path: CPath, symlink: boolean, last: boolean): Observation | null {
    const { dev, ino, mtime: since, mountId } = this.#status;
    let id: bigint | null = null;
    let type: number;
    if (this.#handles && !last) {
      // That it fails says nothing of the kernel any more: the file is another one now.
      if (this.#system.namespaceHandle(path, this.#handle) !== 0 || BigInt(this.#handle.ino) !== ino)
        return null;
      ({ id, type } = this.#handle);
    } else {
      type = this.#askOpened(path);
      if (type === -errno.ENOENT || type === -errno.ENOTDIR) return null;
      if (type === -errno.ENOTTY && this.#kinds && !last) return null;
      // What is mounted in such a directory is a network namespace, where no more can be known: before 4.11; too many open files.
      if (type < 0) type = CLONE_NEWNET;
    }
    if (type !== CLONE_NEWNET) {
      return { kind: 'file', reason: 'wrong-type', symlink, fresh: false, changed: since };
    }
    return { kind: 'namespace', namespace: { id, dev, ino, since }, symlink, mountId };
  }

  /** The kind by opening it, or `-errno`: -ENOTTY of a file that is no namespace, and of any before Linux 4.11. */
  #askOpened(path: CPath): number {
    const fd = this.#system.open(path, 0);
    if (fd < 0) return fd;
    const type = this.#system.namespaceType(fd);
    this.#system.close(fd);
    return type;
  }
}

function linkFault(result: number): NotReadyReason {
  if (result === 0) return 'not-a-namespace';
  return result === -errno.EACCES || result === -errno.EPERM ? 'no-permission' : 'dangling-symlink';
}

const printable = (path: CPath): string => decodeName(path.subarray(0, path.indexOf(0)));
