/**
 * How the mounts that hold one directory in two mount namespaces are tied to each other
 * (mount_namespaces(7), "shared subtrees"): whether what is mounted below the one appears below the
 * other. Pure.
 */
import type { Mount } from './mountinfo.ts';

/** The ties of a mount. */
export type Ties = Pick<Mount, 'shared' | 'master'>;

/**
 * `arrives`: what is mounted there appears here. `departs`: what is mounted here appears there, and
 * not the other way round. `apart`: neither.
 */
export type Relation = 'arrives' | 'departs' | 'apart';

/** @param masters the master of each peer group that is a slave as well */
export function relationOf(here: Ties, there: Ties, masters: ReadonlyMap<number, number>): Relation {
  if (gets(here, there, masters)) return 'arrives';
  return gets(there, here, masters) ? 'departs' : 'apart';
}

/**
 * Whether a mount gets what is mounted below another: as its peer, or as a slave of it, through
 * others or not.
 */
function gets(receiver: Ties, source: Ties, masters: ReadonlyMap<number, number>): boolean {
  if (source.shared === null) return false;
  const seen = new Set<number>();
  for (const first of [receiver.shared, receiver.master]) {
    for (let group = first; group !== null && !seen.has(group); group = masters.get(group) ?? null) {
      if (group === source.shared) return true;
      seen.add(group);
    }
  }
  return false;
}

/**
 * Whether the mount is what a container has of its host's directory: private, and a part of a file
 * system from elsewhere.
 */
export function isPrivatePart(mounts: readonly Mount[], holder: Mount): boolean {
  const parent = mounts.find((mount) => mount.id === holder.parent);
  // A directory that `ip netns add` mounted on itself is a part as well, but of its parent's own
  // file system.
  return (
    holder.shared === null &&
    holder.master === null &&
    holder.root !== '/' &&
    parent !== undefined &&
    parent.device !== holder.device
  );
}

/** File systems that another machine may have mounted as well, whose mounts nobody here sees. */
const REMOTE = /^(nfs4?|9p|virtiofs|ceph|cifs|smb3|fuse(\..*)?|lustre|gfs2|ocfs2)$/;

/** File systems whose files are those of another one here. */
const LAYERED = /^(overlay|aufs|ecryptfs|unionfs)$/;

/** Whether the file system is laid over another one. */
export const isLayered = ({ type }: Pick<Mount, 'type'>): boolean => LAYERED.test(type);

/** Whether the file system may be shared with another machine. */
export const isRemote = ({ type }: Pick<Mount, 'type'>): boolean => REMOTE.test(type);
