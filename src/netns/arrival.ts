/**
 * Whether namespaces that are mounted in other mount namespaces, above all the machine's own, arrive in a directory of this one
 * (mount_namespaces(7), "shared subtrees"): asked before there is anything to arrive, where propagation.ts wants evidence.
 */
import { readFile, readlink, realpath } from 'node:fs/promises';
import { decodeName, encodeName } from '../reference/names.ts';
import { mountHolding, parseMountinfo } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';
import { INITIAL_PID_NAMESPACE } from './proc.ts';
import { isPrivatePart } from './propagation.ts';

/** How the mount that holds a directory is tied to others. */
export interface Arrival {
  /**
   * `host`: this is the machine's own mount namespace. `peer`: shared with it. `slave`: gets the mounts of another mount. `shared`: with
   * somebody else, or nobody. `private`: no mount made elsewhere arrives.
   */
  kind: 'host' | 'peer' | 'slave' | 'shared' | 'private';
  /** Whether the machine's own mount namespace has the directory's file system too; null where that cannot be known. */
  hostHas: boolean | null;
  /** Whether it looks like a directory of a machine that was mounted into a container. */
  foreign: boolean;
}

/**
 * Null where the directory is not there, or /proc does not tell.
 * @param directory an absolute path
 * @param proc where procfs is mounted
 */
export async function arrivalIn(directory: string, proc = '/proc'): Promise<Arrival | null> {
  try {
    const mounts = parseMountinfo(await readFile(`${proc}/self/mountinfo`));
    const real = decodeName(await realpath(encodeName(directory), { encoding: 'buffer' }));
    const holder = mountHolding(mounts, real);
    if (holder === null) return null;
    const host = await hostMounts(proc);
    return arrivalOf(mounts, holder, host);
  } catch {
    return null;
  }
}

/** @param host the mounts of the machine's own mount namespace; null where they cannot be seen */
export function arrivalOf(mounts: readonly Mount[], holder: Mount, host: readonly Mount[] | null): Arrival {
  const hostHas = host === null ? null : host.some(({ device }) => device === holder.device);
  const foreign = host === null && isPrivatePart(mounts, holder);
  return { kind: kindOf(mounts, holder, host), hostHas, foreign };
}

function kindOf(mounts: readonly Mount[], holder: Mount, host: readonly Mount[] | null): Arrival['kind'] {
  // Ids of mounts are unique among all mount namespaces.
  if (host?.[0] !== undefined && mounts.some(({ id }) => id === host[0]?.id)) return 'host';
  if (holder.master !== null) return 'slave';
  if (holder.shared === null) return 'private';
  return host?.some(({ shared }) => shared === holder.shared) === true ? 'peer' : 'shared';
}

/** Those of the machine's first process, if it can be seen. */
async function hostMounts(proc: string): Promise<Mount[] | null> {
  if ((await readlink(`${proc}/self/ns/pid`)) !== INITIAL_PID_NAMESPACE) return null;
  return readFile(`${proc}/1/mountinfo`).then(parseMountinfo, () => null);
}
