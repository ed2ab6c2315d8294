/** What `nlink explain` asks the host: this machine, or a test's. */
import type { HeldNamespace, OnLead } from '../../netns/holders/holder-census.ts';
import type { NamespaceHolders, UnseenHolders } from '../../netns/holders/holders-found.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { DiscoveredNamespace } from '../../netns/holders/discover.ts';
import type { NamespaceOwner } from '../../netns/identity/owner.ts';
import type { NamespaceReference } from '../../reference/reference.ts';

export interface Inspector {
  /** Which namespace it is. @throws as `namespaceHolders` */
  identify: (reference: NamespaceReference) => NamespaceId;
  /** Which user namespace owns it; null where that may not be known. */
  ownerOf: (path: string) => NamespaceOwner | null;
  /** `discover`. */
  find: (
    directories: readonly string[],
    isWanted: (living: DiscoveredNamespace) => Promise<boolean>,
  ) => Promise<DiscoveredNamespace | null>;
  /** `holderCensus`. */
  census: (directories: readonly string[], onLead?: OnLead) => Promise<HeldNamespace[]>;
  /** `namespaceHolders`. */
  holders: (namespace: NamespaceId) => Promise<NamespaceHolders>;
  /** What that could not look at, of whichever namespace. */
  unseen: () => Promise<UnseenHolders>;
  /** Inode of this process's network namespace. */
  own: () => bigint;
  /** Inode of this process's mount namespace; null where that may not be known. */
  ownMounts: () => bigint | null;
  /** Where a directory is, without symbolic links; as it is given where that may not be known. */
  realPath: (directory: string) => string;
  /** Inode of that of the machine's first process; null where that may not be known. */
  initial: () => bigint | null;
  /** Names of users, as far as /etc/passwd has them (passwd(5)). */
  userNames: () => ReadonlyMap<number, string>;
}
