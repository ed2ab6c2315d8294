/**
 * Finds the record of a namespace by its identity. Before Linux 6.18 that holds for as long as a
 * name or descriptor holds the namespace; one that only processes hold looks like another at each
 * look, but for its inode number. The observer's own is known by that, since it lives; of others
 * somebody has to look ({@link NamespaceIndex.lookalike}).
 */
import { namespaceKey, sameLiving } from '../../netns/identity/identity.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NamespaceRecord } from './namespace-record.ts';

export class NamespaceIndex {
  /** That of the observer's own namespace. */
  own: NamespaceRecord | null = null;
  readonly #byIdentity = new Map<string, NamespaceRecord>();
  /** The last one that came with an inode number; of those without an `id`. */
  readonly #byInode = new Map<string, NamespaceRecord>();

  find(identity: NamespaceId): NamespaceRecord | undefined {
    const { own } = this;
    const known = own?.identity ?? null;
    if (own !== null && known !== null && sameLiving(known, identity)) return own;
    return this.#byIdentity.get(namespaceKey(identity));
  }

  /** One that is not known to be the same, and may be: its inode number is. */
  lookalike(identity: NamespaceId): NamespaceRecord | undefined {
    if (identity.id !== null || this.find(identity) !== undefined) return undefined;
    return this.#byInode.get(inodeOf(identity));
  }

  add(record: NamespaceRecord, identity: NamespaceId): void {
    this.#byIdentity.set(namespaceKey(identity), record);
    if (identity.id === null) this.#byInode.set(inodeOf(identity), record);
  }

  remove(record: NamespaceRecord): void {
    if (record.identity === null) return;
    const [key, inode] = [namespaceKey(record.identity), inodeOf(record.identity)];
    if (this.#byIdentity.get(key) === record) this.#byIdentity.delete(key);
    if (this.#byInode.get(inode) === record) this.#byInode.delete(inode);
  }
}

const inodeOf = ({ dev, ino }: NamespaceId): string => `${dev}:${ino}`;
