/**
 * Opens named namespaces for as long as a request about them takes. A name may lead to another
 * namespace by now: what was opened is compared with the one that is meant. Where the kernel opens
 * a namespace by its id, no name is needed, and one that cannot be opened is known to be gone.
 */
import { constants } from 'node:fs';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { cPath } from '../../reference/names.ts';
import { hasAdmin } from '../../reference/round-trip.ts';
import { errno } from '../../sys/errno.ts';
import { CLONE_NEWNET } from '../../sys/flags.ts';
import { isShortage } from '../../sys/shortage.ts';
import { emptyStatus, isSymlink } from '../../sys/stat.ts';
import type { CPath, NamespaceHandle, System } from '../../sys/system.ts';
import type { NameRecord } from './namespace-record.ts';
import type { MemberProcess, NamedNamespace, NamespaceTarget } from './namespace-target.ts';

/** @param name one with a namespace */
export const namedTargetOf = ({ path, observed }: NameRecord): NamedNamespace => ({
  path,
  namespace: observed as NamespaceId,
});

const NOBODY: MemberProcess = { pid: 0, isInside: () => false };

/** @param name one with a namespace, or what stands in for one */
export const targetOf = (name: NameRecord): NamespaceTarget =>
  name.path === '' ? (name.record.inhabitants?.target ?? NOBODY) : namedTargetOf(name);

/** What {@link NamespaceOpener.openById} gives of a namespace that has been freed. */
export const FREED: number = -errno.ESTALE;

export class NamespaceOpener {
  readonly #system: System;
  readonly #openPaths: CPath[] = [];
  readonly #status = emptyStatus();
  readonly #handle: NamespaceHandle = { id: 0n, type: 0, ino: 0 };

  /** Whether the kernel opens by id; null: not known yet. */
  #byId: boolean | null = null;
  #hasOpenedById = false;

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * A descriptor of this very namespace, to be closed soon: it keeps the namespace alive. Negative:
   * none can be had; `-EMFILE`, `-ENFILE`, `-ENOMEM` for a shortage.
   */
  open({ path, namespace }: NamedNamespace): number {
    const bytes = cPath(path);
    const fd = this.#system.open(bytes, constants.O_RDONLY | constants.O_NOCTTY);
    if (fd < 0) return fd;
    const result = this.#compare(this.#pathOf(fd), bytes, namespace);
    if (result === 0) return fd;
    this.#system.close(fd);
    return isShortage(result) ? result : -1;
  }

  /**
   * As {@link open}; by its id where that is possible (Linux 6.18; CAP_SYS_ADMIN in the initial
   * user namespace): then also if its name leads elsewhere by now, and {@link FREED} where it has
   * been freed.
   */
  openById(target: NamedNamespace): number {
    const { id, ino } = target.namespace;
    if (id === null || this.#byId === false) return this.open(target);
    this.#byId ??= isInitialAdmin(this.#system);
    if (!this.#byId) return this.open(target);
    const fd = this.#system.openNamespace({ id, type: CLONE_NEWNET, ino: Number(ino) });
    if (fd >= 0) this.#hasOpenedById = true;
    if (fd >= 0 || isShortage(fd)) return fd;
    const named = this.open(target);
    // Nothing is known by that: it is asked for by its id again.
    if (fd === FREED && isShortage(named)) return named;
    if (fd === FREED && named < 0) return FREED;
    // It is there after all, or somebody forbids to open by id.
    this.#byId = false;
    return named;
  }

  /**
   * Whether {@link openById} opens a namespace as long as it lives, wherever its names lead, as far
   * as has been seen.
   */
  get opensById(): boolean {
    return this.#byId === true && this.#hasOpenedById;
  }

  /** That of an open file: numbers of descriptors are used again. */
  #pathOf(fd: number): CPath {
    return (this.#openPaths[fd] ??= cPath(`/proc/self/fd/${fd}`));
  }

  /**
   * 0: what is open is the namespace that is meant; else negative. Compares the kernel ids where
   * there are any.
   */
  #compare(opened: CPath, path: CPath, { id, dev, ino, since }: NamespaceId): number {
    const handle = this.#handle;
    if (id !== null && this.#system.namespaceHandle(opened, handle) === 0) return handle.id === id ? 0 : -1;
    const status = this.#status;
    const result = this.#system.stat(opened, true, status);
    if (result < 0) return result;
    if (status.dev !== dev || status.ino !== ino) return -1;
    if (status.mtime === since) return 0;
    // A link may lead to a namespace that only its processes hold: its time differs at each look. A
    // mounted one keeps it.
    const looked = this.#system.stat(path, false, status);
    if (looked < 0) return looked;
    return isSymlink(status) ? 0 : -1;
  }
}

/** The first user namespace, the same on every kernel since 3.8 (PROC_USER_INIT_INO). */
const INITIAL_USER_NAMESPACE = 'user:[4026531837]';

/** Whether no namespace is hidden from the caller, so that one that cannot be opened is gone. */
function isInitialAdmin(system: System): boolean {
  const link = system.readLink(cPath('/proc/thread-self/ns/user'));
  return typeof link !== 'number' && link.toString() === INITIAL_USER_NAMESPACE && hasAdmin(system);
}
