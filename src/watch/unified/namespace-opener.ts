/**
 * Opens named namespaces for as long as a request about them takes. A name may lead to another
 * namespace by now: what was opened is compared with the one that is meant. Where the kernel opens
 * a namespace by its id, no name is needed. What `ESTALE` means then is found out by one that is
 * known to live, though nothing but a socket holds it:
 *
 * | that one, by its id      | `ESTALE` of another, whose name has gone         | its number   |
 * | ------------------------ | ------------------------------------------------ | ------------ |
 * | opens (Linux 6.18)       | {@link FREED}                                    | can wait     |
 * | `ESTALE` (6.19)          | freed, or nothing but sockets holds it: unknown  | cannot wait  |
 * | there is none, or no id  | the same                                         | cannot wait  |
 *
 * In a process namespace of its own a process gets `ESTALE` for each but its own (on 6.19.14).
 */
import { constants } from 'node:fs';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import { isInitialAdmin } from '../../reference/initial-rights.ts';
import { cPath } from '../../reference/names.ts';
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
  name.path === ''
    ? (name.record.inhabitants?.target?.() ?? name.record.numbered ?? NOBODY)
    : namedTargetOf(name);

/** What {@link NamespaceOpener.openById} gives of a namespace that has been freed. */
export const FREED: number = -errno.ESTALE;

/** A namespace that lives, and that no process, name or descriptor holds: but a socket in it. */
export interface UnheldNamespace {
  /** As `System.namespaceHandle`. */
  namespaceHandle(into: NamespaceHandle): number;
}

export class NamespaceOpener {
  readonly #system: System;
  readonly #openPaths: CPath[] = [];
  readonly #status = emptyStatus();
  readonly #handle: NamespaceHandle = { id: 0n, type: 0, ino: 0 };

  /** Whether the kernel opens by id; null: not known yet. */
  #byId: boolean | null = null;
  #hasOpenedById = false;
  readonly #unheld: UnheldNamespace | null;
  #unheldHandle: NamespaceHandle | null = null;
  /** Whether {@link #unheld} opens by its id; null: not known yet. */
  #opensUnheld: boolean | null;

  /** @param unheld by which it is found out what `ESTALE` means */
  constructor(system: System, unheld: UnheldNamespace | null = null) {
    this.#system = system;
    this.#unheld = unheld;
    this.#opensUnheld = unheld === null ? false : null;
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
   * user namespace): then also if its name leads elsewhere by now, and {@link FREED} where it is
   * known to have been freed.
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
    if (fd === FREED && named < 0) return this.#isFreed(named);
    // It is there after all, or somebody forbids to open by id.
    this.#byId = false;
    return named;
  }

  /**
   * Whether {@link openById} opens a namespace as long as it lives, wherever its names lead and
   * whatever holds it, as far as has been seen.
   */
  get opensById(): boolean {
    if (this.#byId !== true || !this.#hasOpenedById) return false;
    if (this.#opensUnheld === null) this.#openUnheld();
    return this.#opensUnheld === true;
  }

  /**
   * {@link FREED} if a namespace that no name or id leads to has been freed. It is not relied on
   * what was found before: somebody may have held the other one just then.
   * @param named what its name gave
   */
  #isFreed(named: number): number {
    if (this.#opensUnheld === false) return named;
    const fd = this.#openUnheld();
    if (isShortage(fd)) return fd;
    return fd < 0 ? named : FREED;
  }

  /** Opens the one that nothing but a socket holds, and closes it; negative: it does not open. */
  #openUnheld(): number {
    const handle = this.#unheldHandle ?? { id: 0n, type: 0, ino: 0 };
    let fd = this.#unheldHandle === null ? (this.#unheld?.namespaceHandle(handle) ?? -1) : 0;
    if (fd >= 0) {
      this.#unheldHandle = handle;
      fd = this.#system.openNamespace(handle);
    }
    if (fd >= 0) this.#system.close(fd);
    if (!isShortage(fd)) this.#opensUnheld = fd >= 0;
    return fd;
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
