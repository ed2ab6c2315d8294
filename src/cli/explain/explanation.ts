/** All that `nlink explain` has to say of one namespace, and the same as a JSON object. */
import type { LocatedName } from '../../netns/entry.ts';
import type { NamespaceHolders } from '../../netns/holders-found.ts';
import { identityFields, located } from '../json.ts';
import type { Subject } from './subject.ts';

export interface Explanation extends Subject {
  /** Directory by directory. */
  names: LocatedName[];
  /** Whether it is the namespace of the command itself. */
  own: boolean;
  /** Whether it is that of the machine's first process; null: this user may not know. */
  initial: boolean | null;
  holders: NamespaceHolders;
  userNames: ReadonlyMap<number, string>;
}

/** The fields of the JSON object, always in the same order. */
export function asFields({ namespace, nsid, names, own, initial, owner, ...rest }: Explanation): object {
  const { processes, descriptors, mounts, sockets, watches, unseen } = rest.holders;
  return {
    namespace: identityFields(namespace),
    nsid,
    own,
    initial,
    owner: owner === null ? null : { userNamespace: String(owner.userNamespace), uid: owner.uid },
    names: names.map(located),
    processes: processes.map(({ pid, comm, uid, command, threads }) => ({
      pid,
      comm,
      uid,
      user: (uid === null ? undefined : rest.userNames.get(uid)) ?? null,
      command,
      threads,
    })),
    descriptors: descriptors.map(({ pid, fd, comm, pathOnly }) => ({ pid, fd, comm, pathOnly })),
    mounts: mounts.map(({ mountNamespace, mountPoint, pid, comm }) => ({
      mountNamespace: mountNamespace === null ? null : String(mountNamespace),
      mountPoint,
      pid,
      comm,
    })),
    sockets: sockets.map(({ pid, fd, comm, kind, inode }) => ({
      pid,
      fd,
      comm,
      kind,
      inode: inode === null ? null : String(inode),
    })),
    watches: watches.map(({ pid, fd, comm, kind }) => ({ pid, fd, comm, kind })),
    unseen,
  };
}
