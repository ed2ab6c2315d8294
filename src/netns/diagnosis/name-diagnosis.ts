/**
 * Finds out why names are not ready (verdict.ts): looks at their files, and where else a namespace
 * is mounted on them. What happens meanwhile must not be taken for evidence:
 *
 * 1. The mount namespaces of other processes are read (foreign-mounts.ts).
 * 2. Then the name is looked at here. It may have become ready: there is no verdict on it.
 * 3. Then the mounts found elsewhere are looked at once more. One that is there still, with the
 *    same id, was there while nothing was here; so it is neither the copy of a mount that is here
 *    by now, nor of one that has just gone.
 */
import { lstat, readFile, readlink, realpath, stat } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { cPath, decodeName, encodeName, joinPath } from '../../reference/names.ts';
import type { InspectionSystem } from '../../sys/inspection.ts';
import { emptyStatus } from '../../sys/stat.ts';
import { mountSystem } from '../../sys/mounts.ts';
import { placeOf, scanForeignMounts } from '../mounts/foreign-mounts.ts';
import { selfIn } from '../mounts/process-mountinfo.ts';
import { SharedScan } from './shared-scan.ts';
import type { ForeignMount, ForeignMounts, OtherNamespaces } from '../mounts/foreign-mounts-found.ts';
import { mountsIn, unvisitedMountNamespaces } from '../mounts/mount-namespaces.ts';
import { isLayered, isPrivatePart, isRemote } from '../mounts/mount-relation.ts';
import { mountHolding, parseMountinfo } from '../mounts/mountinfo.ts';
import type { Mount } from '../mounts/mountinfo.ts';
import { detailsOf } from '../processes/process-details.ts';
import { processOwner } from '../processes/process-owner.ts';
import { hasEnded } from '../processes/proc.ts';
import { DEFAULT_PROC, procfsAt } from '../processes/procfs.ts';
import { inOrder, judge } from './verdict.ts';
import type { MountedElsewhere, NameFacts, NameFile, NameVerdict } from './verdict.ts';

/** Mount ids that grow are more than 32 bits long: MNT_UNIQUE_ID_OFFSET in `fs/namespace.c`. */
const UNIQUE = 2 ** 31;

/** What a {@link NameDiagnosis} works with. */
export interface DiagnosisOptions {
  /** Where procfs is mounted. Default `/proc`. */
  proc?: string | undefined;
  /**
   * Without it, nothing says which mount namespace is older, and nothing is called removable.
   */
  system?: (() => InspectionSystem) | undefined;
  /**
   * Whether to look for mount namespaces without a process as well, so that a file can be called
   * removable. Default false.
   */
  thorough?: boolean | undefined;
  /** The time in milliseconds since 1970. */
  now?: (() => number) | undefined;
}

/** How the directory of the names is mounted here. */
interface Place {
  directory: string;
  here: NameFacts['here'];
  /** Of its file system. */
  device: string;
  /** The mount that holds it. */
  holderId: number;
  placeOf: (name: string) => string;
}

/** Diagnoses names. Keep one, so that its scans are shared. */
export class NameDiagnosis {
  readonly #proc: string;
  readonly #system: (() => InspectionSystem) | undefined;
  readonly #thorough: boolean;
  readonly #now: () => number;
  readonly #scans: SharedScan<ForeignMounts>;

  constructor({ proc = DEFAULT_PROC, system, thorough = false, now = Date.now }: DiagnosisOptions = {}) {
    this.#proc = proc;
    this.#system = system;
    this.#thorough = thorough;
    this.#now = now;
    this.#scans = new SharedScan((signal) =>
      scanForeignMounts({
        proc: this.#proc,
        signal,
        ageOf: (root) => this.#ageOf(root),
        others: this.#others(),
      }),
    );
  }

  /**
   * The verdict on each of these names, none of which was ready; null for one that is ready or gone
   * by now. None where the directory or /proc cannot be read. Never rejects. Takes up to a second
   * longer if it was asked less than a second ago.
   * @param directory an absolute path
   * @param signal ends it early, with what was found out by then, and nothing left open
   */
  async diagnose(
    directory: string,
    names: readonly string[],
    signal?: AbortSignal,
  ): Promise<Map<string, NameVerdict | null>> {
    const found = new Map<string, NameVerdict | null>();
    try {
      const place = await this.#placeOf(directory);
      if (place === null) return found;
      const foreign = await this.#scanFor(place, names, signal);
      const nsfs = (await stat(`${DEFAULT_PROC}/self/ns/net`, { bigint: true })).dev;
      for (const name of names) {
        found.set(name, await this.#verdictOn(name, place, foreign, nsfs));
      }
    } catch {
      // What cannot be found out is no evidence.
    }
    return found;
  }

  /**
   * What else is mounted on a name that has a namespace here: another one in some mount namespace,
   * where it would end with the name. Answered from a scan of the last second if there is one.
   * @param namespace what is mounted here, as mountinfo calls it: `net:[4026532178]`
   */
  async others(directory: string, name: string, namespace: string): Promise<MountedElsewhere[]> {
    const place = await this.#placeOf(directory);
    if (place === null) return [];
    const { places } = this.#scans.recent ?? (await this.#scans.next());
    const found: ForeignMount[] = [];
    for (const mount of places.get(place.placeOf(name)) ?? []) {
      // Several that are stacked on the name itself go with it.
      const isStacked = mount.own && mount.holderId === place.holderId;
      if (mount.namespace === namespace || isStacked) continue;
      if ((await this.#isThere(mount)) !== false) found.push(mount);
    }
    return inOrder(found).map((mount) => this.#described(mount));
  }

  /**
   * Calls back once, when a process of {@link MountedElsewhere} has ended, and with it perhaps the
   * mount namespace. Neither keeps that alive nor this process. A process of another PID namespace,
   * and a thread, are not followed.
   * @returns stops waiting
   */
  onEnd(pid: number, listener: () => void): () => void {
    const system = this.#system?.();
    if (system === undefined || !procfsAt(this.#proc).own) return () => {};
    const pidfd = system.pidfdOpen(pid);
    if (pidfd < 0) {
      const soon = hasEnded(pidfd) ? setImmediate(listener) : null;
      return () => soon !== null && clearImmediate(soon);
    }
    let open = true;
    const stop = (): void => {
      if (!open) return;
      open = false;
      handle.close();
      system.close(pidfd);
    };
    const handle = system.onReadable(pidfd, () => {
      stop();
      // What was found by that process says nothing any more: others may have the mount.
      this.#scans.forget();
      listener();
    });
    handle.unref();
    return stop;
  }

  async #placeOf(directory: string): Promise<Place | null> {
    const self = await selfIn(this.#proc);
    const mounts = parseMountinfo(await readFile(`${self}/mountinfo`));
    const resolved = decodeName(await realpath(encodeName(directory), { encoding: 'buffer' }));
    const holder = mountHolding(mounts, resolved);
    if (holder === null) return null;
    const { shared, master } = holder;
    const own = await readlink(`${self}/ns/mnt`).catch(() => null);
    return {
      directory: resolved,
      here: {
        shared,
        master,
        host: own !== null && own === (await readlink(`${this.#proc}/1/ns/mnt`).catch(() => null)),
        age: this.#ageOf('/'),
        privatePart: isPrivatePart(mounts, holder),
        remote: isRemote(holder),
        layered: isLayered(holder),
      },
      device: holder.device,
      holderId: holder.id,
      placeOf: (name) => placeOf(holder, joinPath(resolved, name)),
    };
  }

  async #scanFor(
    place: Place,
    names: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<ForeignMounts> {
    const { recent } = this.#scans;
    const known = recent !== null && names.every((name) => recent.places.has(place.placeOf(name)));
    return known ? recent : this.#scans.next(signal);
  }

  #others(): OtherNamespaces | undefined {
    if (this.#system === undefined || !this.#thorough) return undefined;
    const io = { system: this.#system(), mounts: mountSystem(), proc: this.#proc };
    return {
      list: (seen, pinned) => unvisitedMountNamespaces(io, seen, pinned),
      mountsIn: (id) => mountsIn(io, id),
    };
  }

  #ageOf(root: string): bigint | null {
    const status = emptyStatus();
    if (this.#system === undefined || this.#system().stat(cPath(root), true, status) < 0) return null;
    return status.mountId >= UNIQUE ? BigInt(status.mountId) : null;
  }

  async #verdictOn(
    name: string,
    place: Place,
    { places, masters, hostSeen, hostDevices, gaps }: ForeignMounts,
    nsfs: bigint,
  ): Promise<NameVerdict | null> {
    const status = await lstat(encodeName(joinPath(place.directory, name)), { bigint: true }).catch(
      () => null,
    );
    if (status === null || status.dev === nsfs) return null;
    const elsewhere: ForeignMount[] = [];
    let unfinished = gaps.unfinished;
    for (const mount of places.get(place.placeOf(name)) ?? []) {
      const there = await this.#isThere(mount);
      if (there === true) elsewhere.push(mount);
      // The process has ended, and others may live on in its mount namespace.
      unfinished ||= there === null;
    }
    const file = this.#fileOf(status);
    const hostLacks = hostDevices.has(place.device) && !elsewhere.some(({ host }) => host);
    const facts = {
      file,
      elsewhere,
      masters,
      here: place.here,
      hostSeen,
      hostLacks,
      gaps: { ...gaps, unfinished },
    };
    const verdict = judge(facts);
    return { ...verdict, mountedIn: inOrder(elsewhere).map((mount) => this.#described(mount)) };
  }

  /**
   * Null: its mount namespace can be seen no more by that process. Numbers of mounts are used
   * again, so all of it is compared.
   */
  async #isThere({ pid, namespaceId, own, ...mount }: ForeignMount): Promise<boolean | null> {
    const mounts =
      pid === null
        ? (this.#others()?.mountsIn(namespaceId) ?? null)
        : await mountsOf(own ? await selfIn(this.#proc) : `${this.#proc}/${pid}`);
    if (mounts === null) return null;
    return mounts.some(
      ({ id, root, mountPoint }) =>
        id === mount.id && root === mount.namespace && mountPoint === mount.mountPoint,
    );
  }

  #described({
    pid,
    mountNamespace,
    host,
    own,
    mountPoint,
    holder,
    namespace,
  }: ForeignMount): MountedElsewhere {
    const comm = pid === null ? '' : detailsOf(pid, this.#proc).comm;
    const owner = pid === null ? null : processOwner(pid, this.#proc);
    return { pid, comm, owner, mountNamespace, host, own, mountPoint, holder, namespace };
  }

  #fileOf(status: BigIntStats): NameFile {
    const regular = status.isFile() ? (status.size === 0n ? 'empty' : 'content') : 'other';
    return {
      kind: status.isSymbolicLink() ? 'symlink' : regular,
      mode: Number(status.mode & 0o7777n),
      size: Number(status.size),
      age: Math.max(0, this.#now() - Number(status.ctimeMs)),
    };
  }
}

/** Null: the process has ended, or may not be looked at. */
async function mountsOf(path: string): Promise<Mount[] | null> {
  try {
    return parseMountinfo(await readFile(`${path}/mountinfo`));
  } catch {
    return null;
  }
}
