/**
 * The inotify watches by which a directory is followed through everything that can happen to its
 * path. On the directory itself: names. On what leads to it: its removal, which the directory's own
 * watch tells only once nobody holds it open, its renaming, and its creation. inotify knows inodes,
 * not paths, and tells nothing of mounts: whoever learns that mounts changed asks {@link
 * DirectoryWatch.holds}.
 *
 * | state | sees | next |
 * | --- | --- | --- |
 * | waiting (`wd` -1) | the next entry of the path appeared in the deepest existing directory | lay |
 * | watching | directory deleted, unmounted or moved; its entry deleted, moved or replaced | lay |
 * | either | a directory on the way was moved or deleted; a link on the way was replaced | lay |
 * | either | mounts changed and the path leads elsewhere | lay |
 */
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_MASK_ADD,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_MOVE_SELF,
  IN_ONLYDIR,
  IN_UNMOUNT,
} from '../../inotify/constants.ts';
import type { Inotify } from '../../inotify/inotify.ts';
import type { RecordCursor } from '../../inotify/records.ts';
import { cPath, encodeName } from '../../reference/names.ts';
import { errno, systemError } from '../../sys/errno.ts';
import type { CPath, System } from '../../sys/system.ts';
import { walkPath } from './path-walk.ts';
import type { Step } from './path-walk.ts';

/**
 * The records that tell of a name. IN_DELETE must be among them, or equal records in a row are
 * merged.
 */
export const NAME_RECORDS: number = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
const SELF_RECORDS = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;
const SELF = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
/**
 * How often the path is walked again because it changed under the walk; then what was laid tells of
 * the rest.
 */
const MAX_ROUNDS = 100;
/** Faults of a path that go when an entry on the way is replaced, which is watched for. */
const MENDABLE: ReadonlySet<number> = new Set([errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG]);

interface Watch {
  mask: number;
  /** Entries of the directory that the path goes through, as latin1 text. */
  entries: Set<string>;
}

/** What {@link DirectoryWatch.lay} found: the directory watched before, another one, or none. */
export type Laid = 'same' | 'other' | 'missing';

export class DirectoryWatch {
  /** The watch of the directory itself; -1 while it is missing. */
  wd = -1;
  /**
   * While it is missing: why the path cannot lead to a directory as it is (`ENOTDIR`: a file in its
   * place, `ELOOP`, …); else 0.
   */
  fault = 0;
  /**
   * Whether the path goes through an entry of the directory itself, as where a link leads back to
   * it.
   */
  selfReferring = false;
  readonly #system: System;
  readonly #inotify: Inotify;
  readonly #directory: string;
  readonly #path: CPath;
  #watches = new Map<number, Watch>();
  /** Those that stood before, while they are laid anew. */
  #old = new Map<number, Watch>();
  /** The directory's own watch, as of then. */
  #before = -1;

  constructor(system: System, inotify: Inotify, directory: string) {
    this.#system = system;
    this.#inotify = inotify;
    this.#directory = directory;
    this.#path = cPath(directory);
  }

  /**
   * Lays all watches anew, and takes up those that are no longer needed. The kernel knows a watched
   * inode again, so what was watched before and still is in place goes on without a gap.
   * @throws SystemError `EACCES` (the directory, or while it is missing the deepest existing one,
   *   may not be read or one on the way not searched), `ENOSPC` (the limit of watches), `ENOMEM`,
   *   `EAGAIN` (the path changes all the time)
   */
  lay(): Laid {
    const before = this.wd;
    const old = this.#watches;
    try {
      return this.#lay(before, old);
    } catch (error) {
      // What stood goes on standing, and is laid again another time.
      this.wd = before;
      this.#watches = new Map([...old, ...this.#watches]);
      throw error;
    }
  }

  #lay(before: number, old: Map<number, Watch>): Laid {
    this.#before = before;
    this.#old = old;
    let onTheWay = false;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#watches = new Map();
      this.wd = -1;
      const steps = walkPath(this.#system, this.#directory);
      onTheWay = this.#layAncestors(steps);
      const stable = onTheWay && this.#layDirectory(steps);
      for (const wd of this.#watches.keys()) old.delete(wd);
      if (stable && sameSteps(steps, walkPath(this.#system, this.#directory))) break;
      for (const [wd, watch] of this.#watches) old.set(wd, watch);
    }
    // Without those nobody tells of the rest: it is tried again after a while.
    if (!onTheWay) throw systemError(errno.EAGAIN, 'inotify_add_watch', this.#directory);
    this.selfReferring = (this.#watches.get(this.wd)?.entries.size ?? 0) > 0;
    for (const wd of old.keys()) if (!this.#watches.has(wd)) this.#inotify.remove(wd);
    if (this.wd < 0) return 'missing';
    return this.wd === before ? 'same' : 'other';
  }

  /** Whether the path still leads to the directory that is watched. */
  holds(): boolean {
    const watch = this.#watches.get(this.wd);
    if (watch === undefined) return false;
    const wd = this.#inotify.add(this.#path, watch.mask | IN_MASK_ADD);
    if (wd >= 0 && wd !== this.wd) this.#inotify.remove(wd);
    return wd === this.wd;
  }

  /** Whether a record says that the path may lead elsewhere now. Calls for {@link lay}. */
  disturbedBy(record: RecordCursor): boolean {
    const watch = this.#watches.get(record.wd);
    if (watch === undefined) return false;
    if ((record.mask & SELF_RECORDS) !== 0) return true;
    return watch.entries.size > 0 && watch.entries.has(record.name.toString('latin1'));
  }

  /**
   * Only the last directory and the one before it need a watch on their entries, since a directory
   * that holds another cannot be removed; and those that hold a link. Entries of busy directories,
   * such as `/tmp`, are noise otherwise.
   */
  #layAncestors(steps: Step[]): boolean {
    const watched = steps.length - (isAbsent(steps.at(-1)) ? 2 : 1);
    for (const [index, step] of steps.entries()) {
      const { directory, entry, kind } = step;
      const entries = index >= watched || kind === 'link';
      let mask = SELF;
      if (entries) mask |= IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
      if (isAbsent(step) || kind === 'link') mask |= IN_CREATE;
      const wd = this.#add(cPath(directory), mask);
      if (wd === -errno.ENOENT || wd === -errno.ENOTDIR) return false;
      if (wd === -errno.EACCES && !isAbsent(step)) continue;
      if (wd < 0) throw systemError(-wd, 'inotify_add_watch', directory);
      if (entries) this.#watches.get(wd)?.entries.add(encodeName(entry).toString('latin1'));
    }
    return true;
  }

  #layDirectory(steps: Step[]): boolean {
    this.wd = -1;
    this.fault = steps.at(-1)?.fault ?? 0;
    if (this.fault !== 0 && !MENDABLE.has(this.fault))
      throw systemError(this.fault, 'inotify_add_watch', this.#directory);
    if (isAbsent(steps.at(-1))) return true;
    const wd = this.#add(this.#path, NAME_RECORDS | SELF);
    if (wd >= 0) this.wd = wd;
    if (wd >= 0 || wd === -errno.ENOENT || wd === -errno.ENOTDIR || wd === -errno.ELOOP) return wd >= 0;
    throw systemError(-wd, 'inotify_add_watch', this.#directory);
  }

  /**
   * Adds a watch; an inode that the path meets twice gets both masks. A mask that is replaced is
   * empty for an instant, in which the kernel drops what happens (inotify_update_existing_watch in
   * `fs/notify/inotify/inotify_user.c`): so that of the directory itself never is, and those of
   * others before the path is walked for the last time.
   */
  #add(path: CPath, mask: number): number {
    const wd = this.#inotify.add(path, mask | IN_MASK_ADD);
    if (wd < 0) return wd;
    const watch = this.#watches.get(wd);
    if (watch !== undefined) {
      watch.mask |= mask;
      return wd;
    }
    this.#watches.set(wd, { mask, entries: new Set() });
    const surplus = (this.#old.get(wd)?.mask ?? 0) & ~mask;
    if (surplus !== 0 && wd !== this.#before) this.#inotify.add(path, mask);
    return wd;
  }
}

/** Whether a step ends the path before its end: only the last can. */
function isAbsent(step: Step | undefined): boolean {
  return step?.kind === 'missing' || step?.kind === 'blocked';
}

function sameSteps(a: Step[], b: Step[]): boolean {
  return (
    a.length === b.length &&
    a.every((step, index) => {
      const other = b[index] as Step;
      return (
        step.directory === other.directory &&
        step.entry === other.entry &&
        step.kind === other.kind &&
        step.fault === other.fault
      );
    })
  );
}
