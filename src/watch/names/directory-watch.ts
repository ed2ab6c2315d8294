/**
 * The inotify watches that follow a directory through all that can happen to its path. The watch on
 * the directory itself reports names. The watches on what leads to it report its removal (its own
 * watch does so only once nobody holds it open), its renaming and its creation. inotify knows
 * inodes, not paths, and reports no mounts: whoever learns that mounts changed asks {@link
 * DirectoryWatch.stillWatches}.
 *
 * | phase | a record says | next |
 * | --- | --- | --- |
 * | waiting (`wd` -1) | the next entry of the path appeared in the deepest directory | establish |
 * | watching | the directory was deleted, unmounted, moved; its entry was replaced | establish |
 * | either | a directory on the way was moved or deleted; a link was replaced | establish |
 * | either | (mounts changed, and the path leads elsewhere) | establish |
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
 * The records about a name. IN_DELETE must be among them, or the kernel merges equal records in a
 * row.
 */
export const NAME_RECORDS: number = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
const SELF_RECORDS = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;
const SELF = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
/**
 * How often the path is walked again because it changed under the walk; then the watches that stand
 * report the rest.
 */
const MAX_ROUNDS = 100;
/** Faults of a path that go when an entry on the way is replaced, which a watch reports. */
const RECOVERABLE: ReadonlySet<number> = new Set([errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG]);

interface Watch {
  mask: number;
  /** Entries of the directory that the path goes through, as latin1 text. */
  entries: Set<string>;
}

/** What the path leads to: the directory that was watched before, another one, or none. */
export type WatchResult = 'same' | 'other' | 'missing';

export class DirectoryWatch {
  /** The watch of the directory itself; -1 while it is missing. */
  wd = -1;
  /**
   * While the directory is missing: why the path cannot lead to one as it is (`ENOTDIR`: a file is
   * in its place, `ELOOP`, …); else 0.
   */
  fault = 0;
  /** Whether the path goes through an entry of the directory itself: a link leads back to it. */
  selfReferring = false;
  readonly #system: System;
  readonly #inotify: Inotify;
  readonly #directory: string;
  readonly #path: CPath;
  #watches = new Map<number, Watch>();
  /** The watches that stood before, while new ones are established. */
  #previous = new Map<number, Watch>();
  /** The directory's own watch among them. */
  #previousWd = -1;

  constructor(system: System, inotify: Inotify, directory: string) {
    this.#system = system;
    this.#inotify = inotify;
    this.#directory = directory;
    this.#path = cPath(directory);
  }

  /**
   * Establishes all watches, and removes those that are no longer needed. The kernel recognizes a
   * watched inode, so a watch that is still in place goes on without a gap.
   * @throws SystemError `EACCES` (the directory, or while it is missing the deepest existing one,
   *   may not be read or one on the way not searched), `ENOSPC` (the limit of watches), `ENOMEM`,
   *   `EAGAIN` (the path changes all the time)
   */
  establish(): WatchResult {
    const before = this.wd;
    const old = this.#watches;
    try {
      return this.#tryEstablish(before, old);
    } catch (error) {
      // The watches that stood go on standing, until it is tried again.
      this.wd = before;
      this.#watches = new Map([...old, ...this.#watches]);
      throw error;
    }
  }

  #tryEstablish(before: number, old: Map<number, Watch>): WatchResult {
    this.#previousWd = before;
    this.#previous = old;
    let onTheWay = false;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#watches = new Map();
      this.wd = -1;
      const steps = walkPath(this.#system, this.#directory);
      onTheWay = this.#watchAncestors(steps);
      const stable = onTheWay && this.#watchDirectory(steps);
      for (const wd of this.#watches.keys()) old.delete(wd);
      if (stable && sameSteps(steps, walkPath(this.#system, this.#directory))) break;
      for (const [wd, watch] of this.#watches) old.set(wd, watch);
    }
    // Without these watches nothing reports a change: the caller tries again after a while.
    if (!onTheWay) throw systemError(errno.EAGAIN, 'inotify_add_watch', this.#directory);
    this.selfReferring = (this.#watches.get(this.wd)?.entries.size ?? 0) > 0;
    for (const wd of old.keys()) if (!this.#watches.has(wd)) this.#inotify.remove(wd);
    if (this.wd < 0) return 'missing';
    return this.wd === before ? 'same' : 'other';
  }

  /** Whether the path still leads to the watched directory. */
  stillWatches(): boolean {
    const watch = this.#watches.get(this.wd);
    if (watch === undefined) return false;
    const wd = this.#inotify.add(this.#path, watch.mask | IN_MASK_ADD);
    if (wd >= 0 && wd !== this.wd) this.#inotify.remove(wd);
    return wd === this.wd;
  }

  /** Whether the path may lead elsewhere after a record: it is time to {@link establish}. */
  changesPath(record: RecordCursor): boolean {
    const watch = this.#watches.get(record.wd);
    if (watch === undefined) return false;
    if ((record.mask & SELF_RECORDS) !== 0) return true;
    return watch.entries.size > 0 && watch.entries.has(record.name.toString('latin1'));
  }

  /**
   * Watches the entries of the last directory, of the one before it, and of those that hold a link.
   * A directory that holds another cannot be removed, and entries of busy directories, such as
   * `/tmp`, are noise.
   */
  #watchAncestors(steps: Step[]): boolean {
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

  #watchDirectory(steps: Step[]): boolean {
    this.wd = -1;
    this.fault = steps.at(-1)?.fault ?? 0;
    if (this.fault !== 0 && !RECOVERABLE.has(this.fault))
      throw systemError(this.fault, 'inotify_add_watch', this.#directory);
    if (isAbsent(steps.at(-1))) return true;
    const wd = this.#add(this.#path, NAME_RECORDS | SELF);
    if (wd >= 0) this.wd = wd;
    if (wd >= 0 || wd === -errno.ENOENT || wd === -errno.ENOTDIR || wd === -errno.ELOOP) return wd >= 0;
    throw systemError(-wd, 'inotify_add_watch', this.#directory);
  }

  /**
   * Adds a watch; an inode that the path meets twice gets both masks. The kernel empties a mask for
   * an instant when it replaces it, and drops what happens then (inotify_update_existing_watch in
   * `fs/notify/inotify/inotify_user.c`). So the mask of the directory itself is never replaced, and
   * those of others are before the path is walked for the last time.
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
    const surplus = (this.#previous.get(wd)?.mask ?? 0) & ~mask;
    if (surplus !== 0 && wd !== this.#previousWd) this.#inotify.add(path, mask);
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
