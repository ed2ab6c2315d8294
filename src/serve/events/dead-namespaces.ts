/**
 * Namespaces that died not long ago, by inode and kernel id: programs that look at packets learn of
 * one only after it is gone. Bounded: the oldest is forgotten first. An inode is used again, so it
 * leads to the one that died last; a kernel id never is.
 */
import { sameNamespace } from '../../netns/identity/identity.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { DestroyedEvent } from '../../watch/unified/unified-events.ts';

export interface DeadNamespace {
  event: DestroyedEvent;
  /** When its end was told. */
  time: Date;
}

export class DeadNamespaces {
  readonly #most: number;
  /** In the order of their ends. */
  readonly #all = new Set<DeadNamespace>();
  readonly #byInode = new Map<string, DeadNamespace>();
  readonly #byId = new Map<string, DeadNamespace>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#all.size;
  }

  /** One of which no identity is known could not be asked for. */
  add(event: DestroyedEvent, time: Date): void {
    const { namespace } = event;
    if (namespace === null) return;
    const known = this.#known(namespace);
    if (known !== null) this.#forget(known);
    const dead = { event, time };
    this.#all.add(dead);
    this.#byInode.set(String(namespace.ino), dead);
    if (namespace.id !== null) this.#byId.set(String(namespace.id), dead);
    for (const oldest of this.#all) {
      if (this.#all.size <= this.#most) break;
      this.#forget(oldest);
    }
  }

  withInode(inode: string): DeadNamespace | null {
    return this.#byInode.get(inode) ?? null;
  }

  withId(id: string): DeadNamespace | null {
    return this.#byId.get(id) ?? null;
  }

  /** The same one, which is told of once more when the kernel has freed it. */
  #known(namespace: NamespaceId): DeadNamespace | null {
    const { id, ino } = namespace;
    const known = id === null ? this.withInode(String(ino)) : this.withId(String(id));
    const other = known?.event.namespace ?? null;
    return other !== null && sameNamespace(other, namespace) ? known : null;
  }

  #forget(dead: DeadNamespace): void {
    this.#all.delete(dead);
    const { namespace } = dead.event;
    if (namespace === null) return;
    const { ino, id } = namespace;
    if (this.#byInode.get(String(ino)) === dead) this.#byInode.delete(String(ino));
    if (id !== null && this.#byId.get(String(id)) === dead) this.#byId.delete(String(id));
  }
}
