/**
 * Why a name never became ready: the namespace is mounted on it in another mount namespace, and mounts made there do not
 * arrive here (mount_namespaces(7), "shared subtrees"). Says so only on evidence: a file that nobody mounts anything on looks
 * the same from here.
 */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { decodeName, encodeName, joinPath } from '../reference/names.ts';
import { placeOf, scanForeignMounts } from './foreign-mounts.ts';
import type { ForeignMounts } from './foreign-mounts.ts';
import { mountHolding, parseMountinfo } from './mountinfo.ts';
import type { Mount } from './mountinfo.ts';

/** At most one scan starts in this time, in milliseconds: a host has thousands of processes. */
const SCAN_INTERVAL = 1000;

/** Finds the names that lack propagation. Keep one, so that its scans are shared. */
export class PropagationDiagnosis {
  readonly #proc: string;
  #latest: ForeignMounts | null = null;
  #started = -Infinity;
  #next: Promise<ForeignMounts> | null = null;

  /** @param proc where procfs is mounted */
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  /**
   * Which of these names, none of which is ready, are so because a namespace is mounted on them where its mounts do not come from.
   * Never rejects: what cannot be found out is no evidence. Takes up to a second longer if it was asked less than a
   * second ago.
   * @param directory an absolute path
   * @param signal ends it early, with what was found out by then, and nothing left open
   */
  async diagnose(directory: string, names: readonly string[], signal?: AbortSignal): Promise<Set<string>> {
    try {
      return await this.#diagnose(directory, names, signal);
    } catch {
      return new Set();
    }
  }

  async #diagnose(
    directory: string,
    names: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Set<string>> {
    const mounts = parseMountinfo(await readFile(`${this.#proc}/self/mountinfo`));
    const resolved = decodeName(await realpath(encodeName(directory), { encoding: 'buffer' }));
    const holder = mountHolding(mounts, resolved);
    // A slave gets what its master gets. One that is only shared gets what its peers get, and they may all be here.
    if (holder === null || holder.master !== null) return new Set();
    const isElsewhere = (foreign: ForeignMounts, name: string): boolean => {
      const groups = foreign.places.get(placeOf(holder, joinPath(resolved, name)));
      return groups !== undefined && [...groups].some((group) => group === 0 || group !== holder.shared);
    };
    const recent = performance.now() < this.#started + SCAN_INTERVAL ? this.#latest : null;
    const known = recent !== null && names.every((name) => isElsewhere(recent, name));
    const foreign = known ? recent : await this.#scan(signal);

    const found = new Set<string>();
    const looksForeign = !foreign.hostSeen && isPrivatePart(mounts, holder);
    for (const name of names) {
      if (isElsewhere(foreign, name) || (looksForeign && (await isMarker(joinPath(resolved, name)))))
        found.add(name);
    }
    return found;
  }

  /** A scan that starts from now on, the same for all who wait for it. */
  #scan(signal: AbortSignal | undefined): Promise<ForeignMounts> {
    this.#next ??= this.#scanInTurn(signal);
    return this.#next;
  }

  async #scanInTurn(signal: AbortSignal | undefined): Promise<ForeignMounts> {
    const wait = this.#started + SCAN_INTERVAL - performance.now();
    await setTimeout(Math.max(0, wait), undefined, signal === undefined ? {} : { signal });
    this.#started = performance.now();
    this.#next = null;
    this.#latest = null;
    const foreign = await scanForeignMounts(this.#proc, signal);
    this.#latest = foreign;
    return foreign;
  }
}

/** Whether the mount is what a container has of its host's directory: private, and a part of a file system from elsewhere. */
export function isPrivatePart(mounts: readonly Mount[], holder: Mount): boolean {
  const parent = mounts.find((mount) => mount.id === holder.parent);
  // A directory that `ip netns add` mounted on itself is a part as well, but of its parent's own file system.
  return (
    holder.shared === null && holder.root !== '/' && parent !== undefined && parent.device !== holder.device
  );
}

/** Whether it is a file as `ip netns add` makes it before it mounts a namespace on it. */
async function isMarker(path: string): Promise<boolean> {
  const status = await lstat(encodeName(path)).catch(() => null);
  return status !== null && status.isFile() && status.size === 0 && (status.mode & 0o777) === 0;
}
