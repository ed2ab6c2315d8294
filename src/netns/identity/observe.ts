/**
 * What stands behind a path at this moment: a network namespace and its identity, or why none. Asks
 * with statx(2) and name_to_handle_at(2), which open nothing; before Linux 6.18 the file is opened
 * for an instant, since only an open namespace shows its kind (ioctl_nsfs(2)). Never keeps a
 * descriptor: that would keep a deleted namespace alive.
 */
import { NlinkError } from '../../errors.ts';
import { cPath, decodeName } from '../../reference/names.ts';
import { check, errno, systemError } from '../../sys/errno.ts';
import { CLONE_NEWNET } from '../../sys/flags.ts';
import { emptyStatus, isDirectory, isRegular, isSymlink } from '../../sys/stat.ts';
import type { CPath, NamespaceHandle, System } from '../../sys/system.ts';
import type { NamespaceId } from './identity.ts';

/** Why a name cannot be entered. */
export type NotReadyReason =
  /**
   * A file on which no namespace is mounted, as far as was looked: stale, or never meant to be one.
   */
  | 'not-a-namespace'
  /** A file made moments ago, on which no namespace is mounted yet. */
  | 'pending'
  /**
   * A namespace is mounted on it, but only in other mount namespaces; see `NameVerdict.mountedIn`.
   */
  | 'mounted-elsewhere'
  /** The namespace was unmounted from it while the watcher looked on. */
  | 'unmounted'
  /**
   * No namespace is mounted on it here; one may be in a mount namespace that could not be looked
   * at.
   */
  | 'unknown'
  /** A namespace of another kind (mount, user, …). */
  | 'wrong-type'
  /**
   * A namespace is mounted on it where mounts are made for others as well, and those do not arrive
   * here.
   */
  | 'no-propagation'
  /** A symbolic link to something that is not there (any more). */
  | 'dangling-symlink'
  /** A symbolic link to something that this user may not look at. */
  | 'no-permission'
  /** Gone before a namespace was seen on it. */
  | 'vanished'
  /** Nothing was mounted on it within `readyTimeout`. */
  | 'timeout';

/**
 * What {@link Observer.observe} found. `mountId`: the mount that stands on top of the name, or the
 * directory's; 0 where that is unknown, or a link leads elsewhere.
 */
export type Observation =
  | { kind: 'namespace'; namespace: NamespaceId; symlink: boolean; mountId: number }
  /**
   * `fresh`: an empty regular file, as is made before the namespace is mounted on it.
   */
  | { kind: 'file'; reason: NotReadyReason; symlink: boolean; fresh: boolean; mountId: number }
  | { kind: 'directory' }
  | { kind: 'missing' };

const MISSING: Observation = { kind: 'missing' };
const DIRECTORY: Observation = { kind: 'directory' };
/**
 * How often a look starts anew because something changed meanwhile: each time somebody else must
 * have been as quick.
 */
const MAX_LOOKS = 10;
/**
 * A namespace's file in any mount namespace; all of nsfs is one file system, so its device marks a
 * namespace.
 */
const OWN_NAMESPACE = Buffer.from('/proc/self/ns/net\0');

export class Observer {
  readonly #system: System;
  /** The device of namespaces, as `stat.dev`. */
  readonly nsfs: bigint;
  /** Of a file on that device. */
  readonly #onNsfs = emptyStatus();
  readonly #status = emptyStatus();
  #linkTime: bigint | null = null;
  readonly #handle: NamespaceHandle = { id: 0n, type: 0, ino: 0 };
  /**
   * Whether there are file handles of namespaces: not before Linux 6.18, nor where a seccomp filter
   * forbids to ask.
   */
  readonly #handles: boolean;

  /** @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` where `/proc` is not mounted */
  constructor(system: System) {
    this.#system = system;
    if (system.stat(OWN_NAMESPACE, true, this.#onNsfs) < 0) {
      throw new NlinkError(
        'ERR_NLINK_UNSUPPORTED_KERNEL',
        '/proc/self/ns/net is not there: nlink needs /proc mounted and a kernel with network namespaces',
      );
    }
    this.nsfs = this.#onNsfs.dev;
    this.#handles = system.namespaceHandle(OWN_NAMESPACE, this.#handle) === 0;
  }

  /**
   * Time of the last change of content of what was found last, nanoseconds since 1970; of a link
   * that leads to no namespace, of the link itself.
   */
  get changed(): bigint {
    return this.#linkTime ?? this.#status.mtime;
  }

  /**
   * Looks at a path.
   * @param followSymlinks false: a symbolic link is a file like any other
   * @throws SystemError other than for what is missing: `EACCES` (a directory on the way may not be
   *   searched), `EIO`, …
   */
  observe(path: CPath, followSymlinks: boolean): Observation {
    for (let look = 0; look < MAX_LOOKS; look++) {
      const seen = this.#look(path, followSymlinks);
      if (seen !== null) return seen;
    }
    return MISSING;
  }

  /** Null where what the path leads to changed between two calls. */
  #look(path: CPath, followSymlinks: boolean): Observation | null {
    const status = this.#status;
    this.#linkTime = null;
    const result = this.#system.stat(path, false, status);
    if (result < 0) {
      if (leadsNowhere(result)) return MISSING;
      check(result, 'statx', printable(path));
    }
    if (status.isOnDeviceOf(this.#onNsfs)) return this.#identify(path, false);
    if (isDirectory(status)) return DIRECTORY;
    if (!isSymlink(status)) {
      const fresh = isRegular(status) && status.size === 0n;
      return fileOf('not-a-namespace', false, fresh, status.mountId);
    }
    if (!followSymlinks) return fileOf('not-a-namespace', true, false, 0);
    const changed = status.mtime;
    const followed = this.#system.stat(path, true, status);
    if (followed === 0 && status.isOnDeviceOf(this.#onNsfs)) return this.#identify(path, true);
    // That says nothing of the link.
    if (followed === -errno.ENOMEM) throw systemError(errno.ENOMEM, 'statx', printable(path));
    this.#linkTime = changed;
    return fileOf(linkFault(followed), true, false, 0);
  }

  /** The path led to nsfs, and `#status` holds its status: which kind, and which namespace. */
  #identify(path: CPath, symlink: boolean): Observation | null {
    const type = this.#handles ? this.#askHandle(path) : this.#askOpened(path);
    if (type === null) return null;
    const { dev, ino, mtime: since } = this.#status;
    const mountId = symlink ? 0 : this.#status.mountId;
    if (type !== CLONE_NEWNET) return fileOf('wrong-type', symlink, false, mountId);
    const id = this.#handles ? this.#handle.id : null;
    return { kind: 'namespace', namespace: { id, dev, ino, since }, symlink, mountId };
  }

  /**
   * The kind by the file handle, which then has the id too; null if the path leads elsewhere by
   * now.
   */
  #askHandle(path: CPath): number | null {
    const handle = this.#handle;
    const result = this.#system.namespaceHandle(path, handle);
    return result === 0 && BigInt(handle.ino) === this.#status.ino ? handle.type : null;
  }

  /**
   * The kind of what is opened, and its status into `#status`; null if that is no namespace any
   * more.
   */
  #askOpened(path: CPath): number | null {
    const fd = this.#system.open(path, 0);
    if (fd === -errno.EMFILE || fd === -errno.ENFILE) throw systemError(-fd, 'open', printable(path));
    if (fd < 0) return null;
    const type = this.#system.namespaceType(fd);
    const result = this.#system.stat(cPath(`/proc/self/fd/${fd}`), true, this.#status);
    this.#system.close(fd);
    if (result < 0 || !this.#status.isOnDeviceOf(this.#onNsfs)) return null;
    // -ENOTTY: before 4.11 the kernel cannot say; what is mounted in such a directory is a
    // network namespace.
    return type >= 0 ? type : CLONE_NEWNET;
  }
}

/**
 * Whether a failure says that a path leads to nothing: an entry of it is missing, is no directory,
 * or is a link that goes round.
 */
export const leadsNowhere = (result: number): boolean =>
  result === -errno.ENOENT || result === -errno.ENOTDIR || result === -errno.ELOOP;

const fileOf = (
  reason: NotReadyReason,
  symlink: boolean,
  fresh: boolean,
  mountId: number,
): Observation & { kind: 'file' } => ({ kind: 'file', reason, symlink, fresh, mountId });

function linkFault(result: number): NotReadyReason {
  if (result === 0) return 'not-a-namespace';
  return result === -errno.EACCES || result === -errno.EPERM ? 'no-permission' : 'dangling-symlink';
}

const printable = (path: CPath): string => decodeName(path.subarray(0, path.indexOf(0)));
