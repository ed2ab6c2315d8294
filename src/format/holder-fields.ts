/** What keeps a namespace alive as the fields of an object, always in the same order. */
import type { NamespaceHolders } from '../netns/holders/holders-found.ts';

/** Without command lines, which may say more than others should know. */
export function holderFields(holders: NamespaceHolders): object {
  const { processes, descriptors, mounts, sockets, inFlight, watches, unseen } = holders;
  return {
    processes: processes.map(({ pid, comm, uid, threads, owner }) => ({ pid, comm, uid, threads, owner })),
    descriptors: descriptors.map(({ pid, fd, comm, pathOnly, owner }) => ({
      pid,
      fd,
      comm,
      pathOnly,
      owner,
    })),
    mounts: mounts.map(({ id, mountNamespace, mountPoint, file, pid, comm, owner }) => ({
      id,
      mountNamespace: mountNamespace === null ? null : String(mountNamespace),
      mountPoint,
      file,
      pid,
      comm,
      owner,
    })),
    sockets: sockets.map(({ pid, fd, comm, kind, inode, owner }) => ({
      pid,
      fd,
      comm,
      kind,
      inode: inode === null ? null : String(inode),
      owner,
    })),
    inFlight: inFlight.map(({ pid, fd, comm, inode, owner }) => ({
      pid,
      fd,
      comm,
      inode: String(inode),
      owner,
    })),
    watches: watches.map(({ pid, fd, comm, kind, owner }) => ({ pid, fd, comm, kind, owner })),
    unseen,
  };
}
