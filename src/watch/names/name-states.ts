/**
 * What a watcher knows of each name, and the events that follow from what it learns: a state
 * machine without I/O.
 *
 * | state | learns | event | next |
 * | --- | --- | --- | --- |
 * | absent | appeared | - | pending |
 * | pending | a namespace is there | `created` ready | ready |
 * | pending | only a file is there, before the deadline | - | pending |
 * | pending | only a file is there, after the deadline | `created` not ready | notReady |
 * | pending | vanished | `created` not ready, `vanished`; `deleted` | absent |
 * | ready | the same namespace is there | - | ready |
 * | ready | another namespace is there | `deleted`; `created` ready | ready |
 * | ready | only a file is there | - | ready, unmountPending |
 * | ready, unmountPending | the namespace is there again | - | ready |
 * | ready, unmountPending | only a file, after {@link UNMOUNT_GRACE} | `unmounted` | notReady |
 * | ready | vanished | `deleted` | absent |
 * | notReady | a namespace is there | `mounted` | ready |
 * | notReady, leftElsewhere | only a file is there | `unmounted` | notReady |
 * | notReady | vanished | `deleted` | absent |
 * | any | appeared again without having vanished | - (it is looked at again) | the same |
 * | any | nothing is there | - (a record reports that it vanished) | the same |
 *
 * So for one name `created` and `deleted` strictly alternate. A method returns at most one event;
 * where the table above has two, it is called again with the same fact.
 */
import type { NamespaceEntry } from '../../netns/names/entry.ts';
import { sameLiving, sameNamespace } from '../../netns/identity/identity.ts';
import type { NamespaceId } from '../../netns/identity/identity.ts';
import type { NotReadyReason, Observation } from '../../netns/identity/observe.ts';
import type { NameVerdict } from '../../netns/diagnosis/verdict.ts';
import { joinPath } from '../../reference/names.ts';
import type { NamespaceEvent } from './name-events.ts';

/**
 * For how long a name that lost its namespace stays ready, in milliseconds: `ip netns del` unmounts
 * and then unlinks, and that is one deletion.
 */
const UNMOUNT_GRACE = 250;

/**
 * For how long a name that was reported without a namespace is expected to get one, in
 * milliseconds: with `readyTimeout: 0` each name is reported before anything can be mounted on it.
 */
const EXPECTED = 1000;

export type NameState = 'pending' | 'ready' | 'notReady';

export interface WatchedName {
  readonly name: string;
  state: NameState;
  /** The namespace it has, or the last one it had. */
  namespace: NamespaceId | null;
  /** Why it is not ready, where it is not. */
  reason: NotReadyReason;
  symlink: boolean;
  /**
   * Pending: when it is reported, ready or not. Ready and {@link unmountPending}: when it is
   * reported as unmounted. Not ready: until when it is {@link NameStates.expected} to be mounted.
   */
  deadline: number;
  /** Ready, but its namespace was missing at the last look. */
  unmountPending: boolean;
  /** Why a name past its deadline is not ready; null until the propagation check says. */
  diagnosis: { reason: NotReadyReason; verdict: NameVerdict | null } | null;
  /** Not ready, and no longer mounted in the mount namespace that alone had it. */
  leftElsewhere: boolean;
  /** Whether a `resynced` waits until this name is resolved. */
  blocksResync: boolean;
  /** The mount that the last look showed on top of it; 0: unknown. See mount-table.ts. */
  mount: number;
  /** Whether it is among those to be looked at next. */
  isDue: boolean;
}

/**
 * Whether a name still has the namespace it had. A link may lead to a process's namespace that
 * nothing else refers to. The kernel makes its inode anew for each look, so that without an `id`
 * the inode's time says nothing.
 */
const isUnchanged = (last: NamespaceId, now: NamespaceId, symlink: boolean): boolean =>
  symlink ? sameLiving(last, now) : sameNamespace(last, now);

export class NameStates {
  readonly records: Map<string, WatchedName> = new Map();
  /**
   * Names that are pending or {@link WatchedName.unmountPending}: the earliest deadline first, as
   * long as all wait equally long.
   */
  readonly unresolved: Set<WatchedName> = new Set();
  /** Names that were reported without a namespace a moment ago, and are likely to get one. */
  readonly expected: Set<WatchedName> = new Set();
  /** No deadline of {@link unresolved} that is still to come is earlier. */
  nextDeadline: number = Infinity;
  /** How many of {@link unresolved} a `resynced` waits for. */
  resyncBlockers = 0;
  /** Names that are symbolic links: what they lead to can change without a sign. */
  readonly symlinks: Set<WatchedName> = new Set();
  readonly #directory: string;
  readonly #readyTimeout: number;

  constructor(directory: string, readyTimeout: number) {
    this.#directory = directory;
    this.#readyTimeout = readyTimeout;
  }

  /** Adds a name that was there before the watcher, without an event. */
  adopt(name: string, observation: Observation): WatchedName {
    const record = this.#add(name, 'notReady', 0);
    if (observation.kind === 'namespace') {
      record.state = 'ready';
      record.namespace = observation.namespace;
      this.#setSymlink(record, observation.symlink);
    } else if (observation.kind === 'file') {
      record.reason = observation.reason;
      this.#setSymlink(record, observation.symlink);
    }
    return record;
  }

  /** A name appeared. @returns its record, new or old, which the caller is to look at */
  appear(name: string, now: number): WatchedName {
    const known = this.records.get(name);
    if (known !== undefined) return known;
    const record = this.#add(name, 'pending', 0);
    this.#await(record, now + this.#readyTimeout);
    return record;
  }

  /** A name vanished: call until `undefined`. */
  vanish(name: string): NamespaceEvent | undefined {
    const record = this.records.get(name);
    if (record === undefined) return undefined;
    if (record.state === 'pending') return this.#toNotReady(record, 'vanished');
    this.#resolve(record);
    this.#setSymlink(record, false);
    this.records.delete(name);
    return { type: 'deleted', name, path: this.path(name), namespace: record.namespace };
  }

  /** A name appeared and vanished without having been added. @returns both events */
  transient(name: string): [NamespaceEvent, NamespaceEvent] {
    const path = this.path(name);
    return [
      { type: 'created', name, path, ready: false, namespace: null, reason: 'vanished' },
      { type: 'deleted', name, path, namespace: null },
    ];
  }

  /** Whether {@link observe} would change anything. */
  isNews(record: WatchedName, seen: Observation, now: number): boolean {
    if (seen.kind === 'missing' || seen.kind === 'directory') return false;
    if (seen.symlink !== record.symlink) return true;
    const { state, namespace, unmountPending } = record;
    if (seen.kind === 'namespace') {
      const isKnown = state === 'ready' && !unmountPending && namespace !== null;
      return !isKnown || !isUnchanged(namespace, seen.namespace, seen.symlink);
    }
    if (state === 'notReady') return record.leftElsewhere;
    return now >= record.deadline || (state === 'ready' && !unmountPending);
  }

  /** A look at a name at time `now` saw this: call until `undefined`. */
  observe(record: WatchedName, seen: Observation, now: number): NamespaceEvent | undefined {
    if (seen.kind === 'namespace') return this.#seeNamespace(record, seen.namespace, seen.symlink);
    if (seen.kind !== 'file') return undefined;
    this.#setSymlink(record, seen.symlink);
    if (record.state === 'ready' && !record.unmountPending) {
      record.unmountPending = true;
      this.#await(record, now + UNMOUNT_GRACE);
    }
    if (record.state === 'notReady')
      return record.leftElsewhere ? this.#unmount(record, 'unmounted') : undefined;
    if (now < record.deadline) return undefined;
    if (record.state === 'pending') {
      const event = this.#toNotReady(record, record.diagnosis?.reason ?? seen.reason);
      record.deadline = now + EXPECTED;
      this.expected.add(record);
      return event;
    }
    this.#resolve(record);
    return this.#unmount(record, seen.reason === 'not-a-namespace' ? 'unmounted' : seen.reason);
  }

  #unmount(record: WatchedName, reason: NotReadyReason): NamespaceEvent {
    record.state = 'notReady';
    record.reason = reason;
    record.leftElsewhere = false;
    return { type: 'unmounted', name: record.name, path: this.path(record.name) };
  }

  /** Until it has no more events. */
  *observeAll(record: WatchedName, seen: Observation, now: number): Iterable<NamespaceEvent> {
    for (let event = this.observe(record, seen, now); event; event = this.observe(record, seen, now))
      yield event;
  }

  #seeNamespace(record: WatchedName, namespace: NamespaceId, symlink: boolean): NamespaceEvent | undefined {
    const { name, namespace: last } = record;
    const path = this.path(name);
    this.#setSymlink(record, symlink);
    if (record.state === 'ready') {
      this.#resolve(record);
      if (last === null || isUnchanged(last, namespace, symlink)) return undefined;
      // Replaced between two looks: the next call reports the new one.
      record.state = 'pending';
      this.#await(record, record.deadline);
      return { type: 'deleted', name, path, namespace: last };
    }
    const type = record.state === 'pending' ? 'created' : 'mounted';
    this.#resolve(record);
    record.state = 'ready';
    record.leftElsewhere = false;
    record.namespace = namespace;
    if (type === 'mounted') return { type, name, path, namespace };
    return { type, name, path, ready: true, namespace };
  }

  /** Makes a `resynced` wait until the name is resolved. */
  blockResync(record: WatchedName): void {
    if (record.blocksResync || !this.unresolved.has(record)) return;
    record.blocksResync = true;
    this.resyncBlockers++;
  }

  /** The names that have been reported so far: those that are held back are left out. */
  entries(): NamespaceEntry[] {
    const entries: NamespaceEntry[] = [];
    for (const { name, state, namespace, reason } of this.records.values()) {
      const path = this.path(name);
      if (state === 'ready' && namespace !== null) entries.push({ name, path, ready: true, namespace });
      else if (state === 'notReady') entries.push({ name, path, ready: false, namespace: null, reason });
    }
    return entries;
  }

  path(name: string): string {
    return joinPath(this.#directory, name);
  }

  #add(name: string, state: NameState, deadline: number): WatchedName {
    const record: WatchedName = {
      name,
      state,
      namespace: null,
      reason: 'not-a-namespace',
      symlink: false,
      deadline,
      unmountPending: false,
      diagnosis: null,
      leftElsewhere: false,
      blocksResync: false,
      mount: 0,
      isDue: false,
    };
    this.records.set(name, record);
    return record;
  }

  #toNotReady(record: WatchedName, reason: NotReadyReason): NamespaceEvent {
    this.#resolve(record);
    record.state = 'notReady';
    record.reason = reason;
    const { name, diagnosis } = record;
    const event = {
      type: 'created',
      name,
      path: this.path(name),
      ready: false,
      namespace: null,
      reason,
    } as const;
    return diagnosis === null || diagnosis.verdict === null
      ? event
      : { ...event, verdict: diagnosis.verdict };
  }

  /** The name waits until its deadline. */
  #await(record: WatchedName, deadline: number): void {
    record.deadline = deadline;
    this.unresolved.add(record);
    if (deadline < this.nextDeadline) this.nextDeadline = deadline;
  }

  /** The name waits for nothing any more. */
  #resolve(record: WatchedName): void {
    record.unmountPending = false;
    this.unresolved.delete(record);
    this.expected.delete(record);
    if (record.blocksResync) this.resyncBlockers--;
    record.blocksResync = false;
  }

  #setSymlink(record: WatchedName, symlink: boolean): void {
    if (record.symlink === symlink) return;
    record.symlink = symlink;
    if (symlink) this.symlinks.add(record);
    else this.symlinks.delete(record);
  }
}
