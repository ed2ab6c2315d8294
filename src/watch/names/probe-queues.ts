/**
 * The queues of a probe schedule: one for each reason to look at names. Each says when it is due
 * and adds its names to those to be looked at. How they go together: probe-schedule.ts.
 */
import type { NameStates, WatchedName } from './name-states.ts';

const FIRST_BACKUP = 20;
const LAST_BACKUP = 1000;
const LINK_INTERVAL = 500;
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
/**
 * Milliseconds from one look at a backlog to the next, for each name: twenty times what a look
 * takes.
 */
const BACKLOG_REST = 0.05;

/**
 * Names that are pending, or may have lost their namespace. The kernel reports their mount only as
 * a change of mounts somewhere, so a timer backs that up: after 20 ms, then twice as long each
 * time.
 */
export class UnresolvedQueue {
  dueAt: number = Infinity;
  readonly #table: NameStates;
  #backup = FIRST_BACKUP;
  /** A backlog is not looked at before. */
  #restsUntil = 0;

  constructor(table: NameStates) {
    this.#table = table;
  }

  /** @param withNew whether a new name is looked at as well */
  take(due: Set<WatchedName>, now: number, mountsChanged: boolean, withNew: boolean): void {
    const { unresolved } = this.#table;
    const isRested = unresolved.size <= BACKLOG_LIMIT || now >= this.#restsUntil;
    // With a new name those that wait are looked at again, so that names are reported in the order
    // in which they became ready.
    if ((withNew && unresolved.size <= BATCH_LIMIT) || ((mountsChanged || now >= this.dueAt) && isRested)) {
      for (const record of unresolved) due.add(record);
      this.#restsUntil = now + unresolved.size * BACKLOG_REST;
    } else if (mountsChanged && unresolved.size > 0) {
      this.dueAt = Math.min(this.dueAt, this.#restsUntil);
    }
    if (now < this.dueAt) return;
    this.#backup = Math.min(2 * this.#backup, LAST_BACKUP);
    this.dueAt = Infinity;
  }

  plan(now: number): void {
    const { unresolved } = this.#table;
    if (unresolved.size === 0) {
      this.#backup = FIRST_BACKUP;
      this.dueAt = Infinity;
      return;
    }
    let at = Math.min(this.dueAt, now + this.#backup);
    // A deadline that has passed was looked at, and waits for a record: to look again at once could
    // go on for ever.
    for (const { deadline } of unresolved) if (deadline > now && deadline < at) at = deadline;
    this.dueAt = at;
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
  take(due: Set<WatchedName>, now: number): void {
    const { expected } = this.#table;
    for (const record of expected) {
      if (now < record.deadline) break;
      expected.delete(record);
    }
    if (expected.size <= BATCH_LIMIT) for (const record of expected) due.add(record);
  }
}

/** Names of which a record said something. */
export class DirtyQueue {
  readonly #table: NameStates;
  #records: WatchedName[] = [];

  constructor(table: NameStates) {
    this.#table = table;
  }

  get any(): boolean {
    return this.#records.length > 0;
  }

  add(record: WatchedName): void {
    this.#records.push(record);
  }

  take(due: Set<WatchedName>): void {
    if (this.#records.length === 0) return;
    const { records } = this.#table;
    // A name that vanished meanwhile has another record by now, or none.
    for (const record of this.#records) if (records.get(record.name) === record) due.add(record);
    this.#records = [];
  }
}

/** Symbolic links: what they lead to can change without a sign. */
export class LinkQueue {
  dueAt: number = Infinity;
  readonly #table: NameStates;

  constructor(table: NameStates) {
    this.#table = table;
  }

  take(due: Set<WatchedName>, now: number): void {
    if (now < this.dueAt) return;
    for (const record of this.#table.symlinks) due.add(record);
    this.dueAt = Infinity;
  }

  plan(now: number): void {
    if (this.#table.symlinks.size === 0) this.dueAt = Infinity;
    else if (this.dueAt === Infinity) this.dueAt = now + LINK_INTERVAL;
  }
}
