/**
 * Whether namespaces that are mounted in other mount namespaces, above all the machine's own,
 * arrive in a directory of this one (mount_namespaces(7), "shared subtrees"): asked before there is
 * anything to arrive, where verdict.ts wants evidence.
 */
import { readFile, realpath } from 'node:fs/promises';
import { decodeName, encodeName } from '../../reference/names.ts';
import { selfIn } from './process-mountinfo.ts';
import { mountHolding, parseMountinfo } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';
import { procfsAt } from '../processes/procfs.ts';
import { isPrivatePart } from './mount-relation.ts';

/** How the mount that holds a directory is tied to others. */
export interface MountPropagation {
  /**
   * `host`: this is the machine's own mount namespace. `peer`: shared with it. `slave`: gets the
   * mounts of another mount. `shared`: with somebody else, or nobody. `private`: no mount made
   * elsewhere arrives.
   */
  kind: 'host' | 'peer' | 'slave' | 'shared' | 'private';
  /**
   * Whether the machine's own mount namespace has the directory's file system too, as more than the
   * root of a container; null where that cannot be known.
   */
  hostHas: boolean | null;
  /** Whether it looks like a directory of a machine that was mounted into a container. */
  foreign: boolean;
  /** The mount that holds it: its mount point. */
  holder: string;
  /** Whether that mount is shared, so that mounts made here can arrive elsewhere. */
  shared: boolean;
}

/**
 * Of a directory that is not there, that in which it would be made. Null where /proc does not say.
 * @param directory an absolute path
 * @param proc where procfs is mounted
 */
export async function arrivalIn(directory: string, proc = '/proc'): Promise<MountPropagation | null> {
  try {
    const mounts = parseMountinfo(await readFile(`${await selfIn(proc)}/mountinfo`));
    const real = await existing(directory);
    const holder = mountHolding(mounts, real);
    if (holder === null) return null;
    const host = await hostMounts(proc);
    return arrivalOf(mounts, holder, host);
  } catch {
    return null;
  }
}

/** @param host the mounts of the machine's own mount namespace; null where they cannot be seen */
export function arrivalOf(
  mounts: readonly Mount[],
  holder: Mount,
  host: readonly Mount[] | null,
): MountPropagation {
  // The root of a container is seen on the host as well, but nobody looks for names there.
  const isSeen = (): boolean =>
    holder.mountPoint !== '/' && (host ?? []).some(({ device }) => device === holder.device);
  const kind = kindOf(mounts, holder, host);
  return {
    kind,
    hostHas: host === null ? null : kind === 'host' || isSeen(),
    foreign: host === null && isPrivatePart(mounts, holder),
    holder: holder.mountPoint,
    shared: holder.shared !== null,
  };
}

function kindOf(
  mounts: readonly Mount[],
  holder: Mount,
  host: readonly Mount[] | null,
): MountPropagation['kind'] {
  // Ids of mounts are unique among all mount namespaces.
  if (host?.[0] !== undefined && mounts.some(({ id }) => id === host[0]?.id)) return 'host';
  if (holder.master !== null) return 'slave';
  if (holder.shared === null) return 'private';
  return host?.some(({ shared }) => shared === holder.shared) === true ? 'peer' : 'shared';
}

/** Those of the machine's first process, if it can be seen. */
async function hostMounts(proc: string): Promise<Mount[] | null> {
  if (procfsAt(proc).initial !== true) return null;
  return readFile(`${proc}/1/mountinfo`).then(parseMountinfo, () => null);
}

/** The path without symbolic links of a directory, or of the nearest one above it that is there. */
async function existing(directory: string): Promise<string> {
  try {
    return decodeName(await realpath(encodeName(directory), { encoding: 'buffer' }));
  } catch (error) {
    const above = directory.slice(0, directory.lastIndexOf('/'));
    if (directory === '/' || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return existing(above === '' ? '/' : above);
  }
}
