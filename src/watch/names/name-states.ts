/**
 * What a watcher knows of each name, and the events that follow from what it learns: a state
 * machine without I/O.
 *
 * | state | learns | event | next |
 * | --- | --- | --- | --- |
 * | absent | appeared | - | pending |
 * | pending | a namespace is there | `created` ready | ready |
 * | pending | only a file is there, before the deadline | - | pending |
 * | pending | only a file is there, after the deadline | `created` not ready, the reason | bare |
 * | pending | vanished | `created` not ready, `vanished`; `deleted` | absent |
 * | ready | the same namespace is there | - | ready |
 * | ready | another namespace is there | `deleted`; `created` ready | ready |
 * | ready | only a file is there | - , once {@link UNMOUNT_GRACE} has passed: `unmounted` | ready, bare |
 * | ready | vanished | `deleted` | absent |
 * | bare | a namespace is there | `mounted` | ready |
 * | bare, mounted elsewhere only | it is mounted there no more | `unmounted` | bare |
 * | bare | vanished | `deleted` | absent |
 * | any | appeared again without having vanished | - (whoever drives the table looks again) | the same |
 * | any | nothing is there | - (that it vanished is told by its own event) | the same |
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
 * For how long a name whose namespace was unmounted is given the benefit of the doubt, in
 * milliseconds: `ip netns del` unmounts and then unlinks, and that is one deletion.
 */
const UNMOUNT_GRACE = 250;

/**
 * For how long the namespace of a name that was told of without one is expected, in milliseconds:
 * with `readyTimeout: 0` each name is told of before anything can be mounted on it.
 */
const EXPECTED = 1000;

export type NameState = 'pending' | 'ready' | 'bare';

export interface WatchedName {
  readonly name: string;
  state: NameState;
  /** The namespace it has, or the last one it had. */
  namespace: NamespaceId | null;
  /** Why it is not ready, where it is bare. */
  reason: NotReadyReason;
  symlink: boolean;
  /**
   * When a pending name is told of, ready or not; when a ready one that lost its namespace is
   * called unmounted; until when that of a bare one is {@link NameStates.expected}.
   */
  deadline: number;
  /** Ready, but was seen without its namespace. */
  suspect: boolean;
  /** Why a name past its deadline is not ready; null before that was asked. */
  diagnosis: { reason: NotReadyReason; verdict: NameVerdict | null } | null;
  /** Bare, and was mounted in another mount namespace only, in which it is no more. */
  left: boolean;
  /** Whether a `resynced` waits for this name to be settled. */
  resync: boolean;
}

/**
 * Whether a name still has the namespace it had. A link may lead to a process's namespace that
 * nothing else refers to: its inode is made anew for each look, so that without an `id` the time of
 * that says nothing.
 */
const isSame = (last: NamespaceId, now: NamespaceId, symlink: boolean): boolean =>
  symlink ? sameLiving(last, now) : sameNamespace(last, now);

export class NameStates {
  readonly records: Map<string, WatchedName> = new Map();
  /** Pending names and suspects, the earliest deadline first as long as all wait equally long. */
  readonly unsettled: Set<WatchedName> = new Set();
  /**
   * Bare names that were told of a moment ago, whose namespace is likely to come; those whose time
   * is over are taken out by who looks.
   */
  readonly expected: Set<WatchedName> = new Set();
  /** How many of {@link unsettled} a `resynced` waits for. */
  awaited = 0;
  /** Names that are symbolic links: what they lead to can change without a sign. */
  readonly symlinks: Set<WatchedName> = new Set();
  readonly #directory: string;
  readonly #readyTimeout: number;

  constructor(directory: string, readyTimeout: number) {
    this.#directory = directory;
    this.#readyTimeout = readyTimeout;
  }

  /** A name that was there before anyone watched: known without an event. */
  adopt(name: string, observation: Observation): void {
    const record = this.#add(name, 'bare', 0);
    if (observation.kind === 'namespace') {
      record.state = 'ready';
      record.namespace = observation.namespace;
      this.#link(record, observation.symlink);
    } else if (observation.kind === 'file') {
      record.reason = observation.reason;
      this.#link(record, observation.symlink);
    }
  }

  /** A name appeared. Returns its record, new or old: it is to be looked at. */
  appear(name: string, now: number): WatchedName {
    const known = this.records.get(name);
    if (known !== undefined) return known;
    const record = this.#add(name, 'pending', now + this.#readyTimeout);
    this.unsettled.add(record);
    return record;
  }

  /** A name vanished: call until `undefined`. */
  vanish(name: string): NamespaceEvent | undefined {
    const record = this.records.get(name);
    if (record === undefined) return undefined;
    if (record.state === 'pending') return this.#toBare(record, 'vanished');
    this.#settle(record);
    this.#link(record, false);
    this.records.delete(name);
    return { type: 'deleted', name, path: this.path(name), namespace: record.namespace };
  }

  /** A name that is not known appeared and vanished: both events. */
  fleeting(name: string): [NamespaceEvent, NamespaceEvent] {
    const path = this.path(name);
    return [
      { type: 'created', name, path, ready: false, namespace: null, reason: 'vanished' },
      { type: 'deleted', name, path, namespace: null },
    ];
  }

  /** Something was seen at a name at time `now`: call until `undefined`. */
  observe(record: WatchedName, seen: Observation, now: number): NamespaceEvent | undefined {
    if (seen.kind === 'namespace') return this.#seeNamespace(record, seen.namespace, seen.symlink);
    if (seen.kind !== 'file') return undefined;
    this.#link(record, seen.symlink);
    if (record.state === 'ready' && !record.suspect) {
      record.suspect = true;
      record.deadline = now + UNMOUNT_GRACE;
      this.unsettled.add(record);
    }
    if (record.state === 'bare') return record.left ? this.#unmount(record, 'unmounted') : undefined;
    if (now < record.deadline) return undefined;
    if (record.state === 'pending') {
      const event = this.#toBare(record, record.diagnosis?.reason ?? seen.reason);
      record.deadline = now + EXPECTED;
      this.expected.add(record);
      return event;
    }
    this.#settle(record);
    return this.#unmount(record, seen.reason === 'not-a-namespace' ? 'unmounted' : seen.reason);
  }

  #unmount(record: WatchedName, reason: NotReadyReason): NamespaceEvent {
    record.state = 'bare';
    record.reason = reason;
    record.left = false;
    return { type: 'unmounted', name: record.name, path: this.path(record.name) };
  }

  /** As {@link observe}, until there is no more. */
  *observed(record: WatchedName, seen: Observation, now: number): Generator<NamespaceEvent, void> {
    for (let event = this.observe(record, seen, now); event; event = this.observe(record, seen, now))
      yield event;
  }

  #seeNamespace(record: WatchedName, namespace: NamespaceId, symlink: boolean): NamespaceEvent | undefined {
    const { name, namespace: last } = record;
    const path = this.path(name);
    this.#link(record, symlink);
    if (record.state === 'ready') {
      this.#settle(record);
      if (last === null || isSame(last, namespace, symlink)) return undefined;
      // Replaced behind our back: one name ends here and another begins, which the next call tells.
      record.state = 'pending';
      this.unsettled.add(record);
      return { type: 'deleted', name, path, namespace: last };
    }
    const type = record.state === 'pending' ? 'created' : 'mounted';
    this.#settle(record);
    record.state = 'ready';
    record.left = false;
    record.namespace = namespace;
    if (type === 'mounted') return { type, name, path, namespace };
    return { type, name, path, ready: true, namespace };
  }

  /** Makes a `resynced` wait until the name is settled. */
  await(record: WatchedName): void {
    if (record.resync || !this.unsettled.has(record)) return;
    record.resync = true;
    this.awaited++;
  }

  /** What has been told so far, names that are held back left out. */
  entries(): NamespaceEntry[] {
    const entries: NamespaceEntry[] = [];
    for (const { name, state, namespace, reason } of this.records.values()) {
      const path = this.path(name);
      if (state === 'ready' && namespace !== null) entries.push({ name, path, ready: true, namespace });
      else if (state === 'bare') entries.push({ name, path, ready: false, namespace: null, reason });
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
      suspect: false,
      diagnosis: null,
      left: false,
      resync: false,
    };
    this.records.set(name, record);
    return record;
  }

  #toBare(record: WatchedName, reason: NotReadyReason): NamespaceEvent {
    this.#settle(record);
    record.state = 'bare';
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

  /** Nothing is waited for any more. */
  #settle(record: WatchedName): void {
    record.suspect = false;
    this.unsettled.delete(record);
    this.expected.delete(record);
    if (record.resync) this.awaited--;
    record.resync = false;
  }

  #link(record: WatchedName, symlink: boolean): void {
    if (record.symlink === symlink) return;
    record.symlink = symlink;
    if (symlink) this.symlinks.add(record);
    else this.symlinks.delete(record);
  }
}
