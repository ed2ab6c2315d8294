/**
 * Which mounts stand below the directory's mount, and which names they are on: listmount(2) and
 * statmount(2) (Linux 6.8) say what a change of mounts changed, in microseconds for thousands of
 * names. What is below holds covered mounts too, and where the directory is no mount of its own all
 * mounts of the file system that it is in.
 *
 * | a mount | known by | then | its name is looked at |
 * | --- | --- | --- | --- |
 * | came, and no look has shown it | this list has it, the last one had not | arrived | - |
 * | came, and a look has shown it | this list has it, the last one had not | listed | no |
 * | arrived | a look at the names that wait for one shows it | listed | - |
 * | arrived | else | by its mount point: listed | yes |
 * | was shown by a look, not listed yet | the look came after the list | unlisted | - |
 * | unlisted | the next list has it | listed | no |
 * | unlisted | the next list has it not: it was there for a moment | forgotten | yes |
 * | went | the last list had it, this one has not | forgotten | if it was on top by the last look |
 * | moved | {@link MountTable.verify} asks for its mount point | - | yes, and where it was |
 * | moved | a look shows it on another name than the last look | listed | where it was |
 *
 * No order of ids is relied on: an id is given when a mount is made, and it may be attached later
 * than one with a greater id (open_tree(2), move_mount(2)). The mark of mountinfo is kept while a
 * list is read, so that each change is followed by a list.
 */
import { errno } from '../../sys/errno.ts';
import { O_PATH } from '../../sys/flags.ts';
import { mountIdAt } from '../../sys/mount-list.ts';
import { FileStatus } from '../../sys/stat.ts';
import type { CPath, System } from '../../sys/system.ts';
import type { Observation } from '../../netns/identity/observe.ts';
import { cPath, decodeName } from '../../reference/names.ts';
import { MountIds } from './mount-ids.ts';
import type { NameStates, WatchedName } from './name-states.ts';

/** PATH_MAX, and a NUL. */
const PATH_SIZE = 4097;
const SLASH = 0x2f;

/**
 * What a list says: nothing; that mounts came or went that are on no name; that some may be on
 * names; that the path leads elsewhere; or that there is no list to be had.
 */
export type MountNews = 'none' | 'others' | 'names' | 'elsewhere' | 'unavailable';

type Look = (record: WatchedName) => void;

/** A directory as the kernel spells it, with a slash at the end; null: that cannot be known. */
function realPath(system: System, path: CPath): Buffer | null {
  const fd = system.open(path, O_PATH);
  if (fd < 0) return null;
  const spelled = system.readLink(cPath(`/proc/self/fd/${fd}`));
  system.close(fd);
  if (typeof spelled === 'number') return null;
  return spelled.at(-1) === SLASH ? spelled : Buffer.concat([spelled, Buffer.from('/')]);
}

export class MountTable {
  readonly #system: System;
  readonly #path: CPath;
  readonly #names: NameStates;
  /** The mount that the directory was reached through; 0: there is no list. */
  #mount = 0;
  readonly #directory = new FileStatus();
  readonly #status = new FileStatus();
  #list = new MountIds();
  /** Where the next list is read into. */
  #next = new MountIds();
  /** The names by the mounts that looks have shown on top of them. */
  readonly #byMount = new Map<number, WatchedName>();
  /**
   * Shown on two names since the last list. If again, it is on neither: the path leads to another
   * directory by now.
   */
  #disputed = 0;
  #unlisted: number[] = [];
  #arrived: number[] = [];
  readonly #point: Buffer = Buffer.alloc(PATH_SIZE);
  /** Where the last mount point has its name. */
  #nameStart = 0;
  /** What the mount points of names begin with; null: unknown. */
  #place: Buffer | null = null;
  readonly #look: Look;
  /** How many names the last list has given to look at. */
  #looks = 0;

  /** @param look takes the names that have to be looked at */
  constructor(system: System, path: CPath, names: NameStates, look: Look) {
    this.#look = look;
    this.#system = system;
    this.#path = path;
    this.#names = names;
  }

  /** Whether changes are told by lists; else all names have to be looked at. */
  get available(): boolean {
    return this.#mount !== 0;
  }

  /** How many mounts are listed. */
  get size(): number {
    return this.#list.count;
  }

  /**
   * The path leads to a directory, perhaps another one: all names are to be looked at after this.
   */
  rebase(): void {
    const directory = this.#directory;
    this.#unlisted = [];
    this.#arrived = [];
    this.#byMount.clear();
    this.#disputed = 0;
    this.#mount = 0;
    if (this.#system.stat(this.#path, true, directory) < 0) return;
    const { mountId } = directory;
    if (mountId === 0 || this.#list.read(this.#system, mountId) < 0) return;
    this.#mount = mountId;
    this.#place = realPath(this.#system, this.#path);
  }

  /** A look saw this. */
  observed(record: WatchedName, seen: Observation): void {
    const mount = seen.kind === 'namespace' || seen.kind === 'file' ? seen.mountId : 0;
    record.mount = mount;
    if (mount === 0 || mount === this.#mount || this.#mount === 0) return;
    const other = this.#byMount.get(mount);
    this.#byMount.set(mount, record);
    // Moved from there.
    if (other !== undefined && other !== record && other.mount === mount && this.#isWatched(other)) {
      if (this.#disputed !== mount) this.#look(other);
      this.#disputed = mount;
    }
    if (!this.#list.has(mount)) this.#unlisted.push(mount);
  }

  /**
   * Whether a look saw a mount that stood below the directory's by the last list. The path led to
   * the directory then, so that the look was there as well.
   */
  isListed({ mount }: WatchedName): boolean {
    return this.#mount !== 0 && this.#list.has(mount);
  }

  /** Mounts changed: reads the list. */
  update(): MountNews {
    const before = this.#list;
    const now = this.#next;
    const count = now.read(this.#system, this.#mount);
    if (count < 0) {
      this.#mount = 0;
      return count === -errno.ENOENT ? 'elsewhere' : 'unavailable';
    }
    this.#looks = 0;
    this.#disputed = 0;
    this.#list = now;
    this.#next = before;
    const common = now.commonWith(before);
    const isSame = common === count && common === before.count;
    if (!isSame) this.#compare(before, now, common);
    if (this.#unlisted.length > 0) this.#settle();
    if (this.#arrived.length > 0 && this.#names.unresolved.size === 0) this.locate();
    // What covers the directory may have come together with what is on names.
    if (!this.isInPlace) return 'elsewhere';
    if (this.#looks + this.#arrived.length > 0) return 'names';
    return isSame ? 'none' : 'others';
  }

  /** Whether the path leads to the directory, by the same mount. */
  get isInPlace(): boolean {
    const status = this.#status;
    return this.#system.stat(this.#path, true, status) === 0 && status.isSame(this.#directory);
  }

  /** How many mounts came that no look has shown. */
  get arrived(): number {
    return this.#arrived.length;
  }

  /** Finds out which names they are on. */
  locate(): void {
    const arrived = this.#arrived;
    this.#arrived = [];
    for (const id of arrived) {
      const record = this.#byMount.has(id) ? undefined : this.#nameOf(id);
      if (record === undefined) continue;
      this.#looks++;
      this.#look(record);
    }
  }

  /**
   * Asks for the mount points of some of the listed mounts: whether they have been moved.
   * @returns how many were asked
   */
  verify(from: number, most: number): number {
    const end = Math.min(from + most, this.#list.count);
    for (let index = from; index < end; index++) {
      const id = mountIdAt(this.#list.words, index);
      const known = this.#byMount.get(id);
      const found = this.#nameOf(id);
      const isOnTop = known?.mount === id && this.#isWatched(known);
      if (known === found && (known === undefined || (isOnTop && this.#isHere()))) continue;
      if (isOnTop) this.#look(known);
      if (found !== undefined) this.#look(found);
    }
    return end - from;
  }

  #compare(before: MountIds, now: MountIds, common: number): void {
    let [a, b] = [common, common];
    while (a < before.count || b < now.count) {
      const old = a < before.count ? mountIdAt(before.words, a) : Infinity;
      const id = b < now.count ? mountIdAt(now.words, b) : Infinity;
      if (old <= id) a++;
      if (id <= old) b++;
      if (old < id) this.#went(old);
      else if (id < old && !this.#byMount.has(id)) this.#arrived.push(id);
    }
  }

  #went(id: number): void {
    const record = this.#byMount.get(id);
    if (record === undefined) return;
    this.#byMount.delete(id);
    if (record.mount !== id || !this.#isWatched(record)) return;
    this.#looks++;
    this.#look(record);
  }

  /** Those that looks have shown and the last list had not. */
  #settle(): void {
    const unlisted = this.#unlisted;
    this.#unlisted = [];
    for (const id of unlisted) if (!this.#list.has(id)) this.#went(id);
  }

  /**
   * The name that a mount is on, or one that is called the same elsewhere below: a look will show.
   * Only the last part of its mount point counts, since the way there may be by links.
   */
  #nameOf(id: number): WatchedName | undefined {
    const point = this.#point;
    const length = this.#system.mountPoint(id, point);
    if (length <= 0) return undefined;
    let start = length;
    while (start > 0 && point[start - 1] !== SLASH) start--;
    this.#nameStart = start;
    return this.#names.records.get(decodeName(point.subarray(start, length)));
  }

  /** Whether the last mount point is in the directory. */
  #isHere(): boolean {
    const place = this.#place;
    return place === null || place.equals(this.#point.subarray(0, this.#nameStart));
  }

  #isWatched(record: WatchedName): boolean {
    return this.#names.records.get(record.name) === record;
  }
}
