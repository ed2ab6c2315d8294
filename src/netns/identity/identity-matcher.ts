/**
 * Whether something that was found is a certain network namespace, without opening it: by device
 * and inode number, and, since inode numbers are used again, by the kernel's own id where that can
 * be asked for (name_to_handle_at(2), Linux 6.18).
 */
import type { CPath, NamespaceHandle, System } from '../../sys/system.ts';
import type { FileStatus } from '../../sys/stat.ts';
import type { NamespaceId } from './identity.ts';

export class IdentityMatcher {
  readonly #system: Pick<System, 'namespaceHandle'>;
  readonly #handle: NamespaceHandle = { id: 0n, type: 0, ino: 0 };
  readonly namespace: NamespaceId;

  constructor(system: Pick<System, 'namespaceHandle'>, namespace: NamespaceId) {
    this.#system = system;
    this.namespace = namespace;
  }

  /**
   * `since` is not compared: an inode that nothing but a process refers to is made anew by each
   * look.
   * @param path where `status` is from; links are followed
   */
  matches(status: FileStatus, path: CPath): boolean {
    const { dev, ino } = this.namespace;
    return status.ino === ino && status.dev === dev && this.mayBeAt(path);
  }

  /** Of something that has the inode number: false where the kernel says that it is another one. */
  mayBeAt(path: CPath): boolean {
    const { id, ino } = this.namespace;
    if (id === null || this.#system.namespaceHandle(path, this.#handle) < 0) return true;
    return this.#handle.id === id || BigInt(this.#handle.ino) !== ino;
  }
}
