/**
 * The queues of a probe schedule: one for each reason to look at names for which no record came.
 * Each says when it is due, and gives its names to those to be looked at. How they go together:
 * probe-schedule.ts.
 */
import type { NameStates, WatchedName } from './name-states.ts';

/**
 * In milliseconds: where mounts are not listed; and where they are, and a look backs up no more
 * than the report of a change.
 */
const FIRST_BACKUP = { unlisted: 20, listed: 100 } as const;
const LAST_BACKUP = 1000;
const LINK_INTERVAL = 500;
/**
 * Milliseconds from one look at the links to the next, for each: several times what a look takes.
 */
const LINK_REST = 0.15;
/**
 * As many unresolved names may be looked at with each new one, and as many expected ones with each
 * change of mounts.
 */
const BATCH_LIMIT = 32;
/**
 * More names than this wait for a namespace only where something is wrong: a change of mounts may
 * have to wait for them.
 */
const BACKLOG_LIMIT = 200;
/** Milliseconds from one look at a backlog to the next, for each name: twice what a look takes. */
const BACKLOG_REST = 0.05;

type Look = (record: WatchedName) => void;

/** Names that are pending, or may have lost their namespace: at their deadlines. */
export class DeadlineQueue {
  readonly #table: NameStates;

  constructor(table: NameStates) {
    this.#table = table;
  }

  get dueAt(): number {
    return this.#table.nextDeadline;
  }

  take(look: Look, now: number): void {
    const table = this.#table;
    let next = Infinity;
    // A deadline that has passed was looked at, and waits for a record: to look again at once could
    // go on for ever.
    for (const record of table.unresolved) {
      if (record.deadline <= now) look(record);
      else if (record.deadline < next) next = record.deadline;
    }
    table.nextDeadline = next;
  }
}

/**
 * The same names, where the kernel reports their mount only as a change of mounts somewhere: a
 * timer backs that up, after 20 ms, then twice as long each time.
 */
export class UnresolvedQueue {
  dueAt: number = Infinity;
  readonly #table: NameStates;
  #backup = 0;
  /** A backlog is not looked at before. */
  #restsUntil = 0;

  constructor(table: NameStates) {
    this.#table = table;
  }

  /** @param withNew whether a new name is looked at as well */
  take(look: Look, now: number, mountsChanged: boolean, withNew: boolean): void {
    const { unresolved } = this.#table;
    const isRested = unresolved.size <= BACKLOG_LIMIT || now >= this.#restsUntil;
    // With a new name those that wait are looked at again, so that names are reported in the order
    // in which they became ready.
    if ((withNew && unresolved.size <= BATCH_LIMIT) || ((mountsChanged || now >= this.dueAt) && isRested)) {
      for (const record of unresolved) look(record);
      this.#restsUntil = now + unresolved.size * BACKLOG_REST;
    } else if (mountsChanged && unresolved.size > 0) {
      this.dueAt = Math.min(this.dueAt, this.#restsUntil);
    }
    if (now < this.dueAt) return;
    this.#backup = Math.min(Math.max(2 * this.#backup, 2 * FIRST_BACKUP.unlisted), LAST_BACKUP);
    this.dueAt = Infinity;
  }

  plan(now: number, mounts: 'listed' | 'unlisted'): void {
    if (this.#table.unresolved.size === 0) {
      this.#backup = 0;
      this.dueAt = Infinity;
    } else this.dueAt = Math.min(this.dueAt, now + Math.max(this.#backup, FIRST_BACKUP[mounts]));
  }
}

/**
 * Names that were reported without a namespace a moment ago: a change of mounts is likely to be
 * theirs.
 */
export class ExpectedQueue {
  readonly #table: NameStates;

  constructor(table: NameStates) {
    this.#table = table;
  }

  /** Call when mounts changed. More names than a few, such as plain files, wait for the sweep. */
  take(look: Look, now: number): void {
    const { expected } = this.#table;
    for (const record of expected) {
      if (now < record.deadline) break;
      expected.delete(record);
    }
    if (expected.size <= BATCH_LIMIT) for (const record of expected) look(record);
  }
}

/** Symbolic links: what they lead to can change without a sign. */
export class LinkQueue {
  dueAt: number = Infinity;
  readonly #table: NameStates;
  #restsUntil = 0;

  constructor(table: NameStates) {
    this.#table = table;
  }

  /** What a link leads to may have been mounted or unmounted. */
  mountsChanged(now: number): void {
    if (this.#table.symlinks.size > 0) this.dueAt = Math.min(this.dueAt, Math.max(now, this.#restsUntil));
  }

  take(look: Look, now: number): void {
    const { symlinks } = this.#table;
    for (const record of symlinks) look(record);
    this.#restsUntil = now + symlinks.size * LINK_REST;
    this.dueAt = Infinity;
  }

  plan(now: number): void {
    if (this.#table.symlinks.size === 0) this.dueAt = Infinity;
    else if (this.dueAt === Infinity) this.dueAt = now + LINK_INTERVAL;
  }
}
