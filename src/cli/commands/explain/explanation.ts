/** All that `nlink explain` has to say of one namespace, and the same as a JSON object. */
import type { LocatedName } from '../../../netns/names/entry.ts';
import type { NamespaceHolders, UnseenHolders } from '../../../netns/holders/holders-found.ts';
import type { ProcessOwner } from '../../../netns/processes/process-owner.ts';
import { holderFields } from '../../../format/holder-fields.ts';
import { identityFields, located } from '../../../format/json.ts';
import type { Subject, Unreached } from './subject.ts';

export interface Explanation extends Subject {
  /** Whose id `nsid` is, as it was given; null: this process's namespace. */
  table: string | null;
  /** Directory by directory. */
  names: LocatedName[];
  /** Of each of the names the path as mountinfo has it. */
  realPaths: string[];
  /** Directories of container runtimes. */
  runtimes: string[];
  /** Whether it is the namespace of the command itself. */
  own: boolean;
  /** Whether it is that of the machine's first process; null: this user may not know. */
  initial: boolean | null;
  /** Inode of the command's mount namespace; null: it may not be known. */
  ownMounts: bigint | null;
  holders: NamespaceHolders;
  userNames: ReadonlyMap<number, string>;
}

/** An id that is assigned, and to whose namespace nothing leads that can be seen. */
export interface UnreachedExplanation extends Unreached {
  /** As in {@link Explanation}. */
  table: string | null;
  unseen: UnseenHolders;
}

/** The container or unit of the first of its processes that has one, as `nlink list` has it. */
export const ownerOf = ({ processes }: NamespaceHolders): ProcessOwner | null =>
  processes.find(({ owner }) => owner !== null)?.owner ?? null;

/** The fields of the JSON object, always in the same order. */
export function asFields({ namespace, nsid, table, names, own, initial, ...rest }: Explanation): object {
  const { userNamespace, holders, userNames } = rest;
  return {
    namespace: identityFields(namespace),
    nsid,
    target: table,
    own,
    initial,
    userNamespace:
      userNamespace === null ? null : { inode: String(userNamespace.userNamespace), uid: userNamespace.uid },
    owner: ownerOf(holders),
    names: names.map(located),
    ...holderFields(holders),
    processes: holders.processes.map(({ pid, comm, uid, command, threads, owner }) => ({
      pid,
      comm,
      uid,
      user: (uid === null ? undefined : userNames.get(uid)) ?? null,
      command,
      threads,
      owner,
    })),
  };
}

/** The same object, of which little is known. */
export function unreachedFields({ nsid, table, unseen }: UnreachedExplanation): object {
  return {
    namespace: null,
    nsid,
    target: table,
    own: false,
    initial: null,
    userNamespace: null,
    owner: null,
    names: [],
    processes: [],
    descriptors: [],
    mounts: [],
    sockets: [],
    inFlight: [],
    watches: [],
    unseen,
  };
}
