/**
 * Finds the record of a namespace by its identity. Before Linux 6.18 an identity holds as long as a
 * name or descriptor holds the namespace: one that only processes hold has another `since` at each
 * look. The observer's own namespace is known by its inode number, since it lives; of others
 * somebody has to look ({@link NamespaceIndex.lookalike}).
 */
import { namespaceKey, sameLiving } from '../../netns/identity/identity.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NamespaceRecord } from './namespace-record.ts';

export class NamespaceIndex {
  /** The record of the observer's own namespace. */
  own: NamespaceRecord | null = null;
  readonly #byKey = new Map<string, NamespaceRecord>();
  /** The last one with that inode number; only those without a kernel id. */
  readonly #byInode = new Map<string, NamespaceRecord>();

  find(namespace: NamespaceId): NamespaceRecord | undefined {
    const { own } = this;
    const known = own?.namespace ?? null;
    if (own !== null && known !== null && sameLiving(known, namespace)) return own;
    return this.#byKey.get(namespaceKey(namespace));
  }

  /** One that may be the same, since its inode number is, but is not known to be. */
  lookalike(namespace: NamespaceId): NamespaceRecord | undefined {
    if (namespace.id !== null || this.find(namespace) !== undefined) return undefined;
    return this.#byInode.get(inodeOf(namespace));
  }

  add(record: NamespaceRecord, namespace: NamespaceId): void {
    this.#byKey.set(namespaceKey(namespace), record);
    if (namespace.id === null) this.#byInode.set(inodeOf(namespace), record);
  }

  remove(record: NamespaceRecord): void {
    if (record.namespace === null) return;
    const [key, inode] = [namespaceKey(record.namespace), inodeOf(record.namespace)];
    if (this.#byKey.get(key) === record) this.#byKey.delete(key);
    if (this.#byInode.get(inode) === record) this.#byInode.delete(inode);
  }
}

const inodeOf = ({ dev, ino }: NamespaceId): string => `${dev}:${ino}`;
