/** What `nlink explain` asks the host: this machine, or a test's. */
import type { NamespaceHolders } from '../netns/holders-found.ts';
import type { NamespaceId } from '../netns/identity.ts';
import type { LivingNamespace } from '../netns/living.ts';
import type { NamespaceOwner } from '../netns/owner.ts';
import type { NamespaceReference } from '../reference/reference.ts';

export interface Inspector {
  /** Which namespace it is. @throws as `namespaceHolders` */
  identify: (reference: NamespaceReference) => NamespaceId;
  /** Which user namespace owns it; null where that may not be known. */
  ownerOf: (path: string) => NamespaceOwner | null;
  /** `findLiving`. */
  find: (
    directories: readonly string[],
    isWanted: (living: LivingNamespace) => Promise<boolean>,
  ) => Promise<LivingNamespace | null>;
  /** `namespaceHolders`. */
  holders: (namespace: NamespaceId) => Promise<NamespaceHolders>;
  /** Inode of this process's network namespace. */
  own: () => bigint;
  /** Inode of that of the machine's first process; null where that may not be known. */
  initial: () => bigint | null;
  /** Names of users, as far as /etc/passwd has them (passwd(5)). */
  userNames: () => ReadonlyMap<number, string>;
}
