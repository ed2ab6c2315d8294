/**
 * `--settle`: a hook runs for a name only after nothing has happened to it for so long, and then
 * with what has become of it. Why: a dockerd that crashed and starts again mounts new, empty
 * namespaces on the names of dead containers, for less than a second.
 *
 * `created` and `mounted` begin to wait, in one of two states by what the hook knows of the name.
 * Each further event of the name makes it wait anew; what is emitted in the end, or at once,
 * depends on the last:
 *
 * | the hook knows | last event           | emitted                |
 * | -------------- | -------------------- | ---------------------- |
 * | no such name   | `created`, `mounted` | `created`, as it is    |
 * | no such name   | `unmounted`          | `created`, not ready   |
 * | no such name   | `deleted`            | nothing, at once       |
 * | not ready      | `created`, `mounted` | `mounted`; not ready: nothing |
 * | not ready      | `unmounted`          | nothing, at once       |
 * | not ready      | `deleted`            | `deleted`, at once     |
 *
 * `nsidAssigned` and events of links wait for the name of their namespace, and are dropped with it,
 * as the end of a namespace is of which nothing was emitted (heard-namespaces.ts). All else is
 * emitted at once.
 *
 * Before `created` with a namespace or `mounted` is emitted, the name is probed: an event that says
 * otherwise may still be on its way. If something else stands there, the name waits once more; the
 * second time nothing is emitted.
 */
import { HeardNamespaces } from './heard-namespaces.ts';
import type { EventRecord } from '../../../format/event-json.ts';

/** As {@link EventRecord}, of a name. */
type NameRecord = EventRecord & { path: string; namespace?: Identity };
export type Identity = Readonly<Record<string, string | null>> | null;

export interface SettlingIo {
  /** Calls back once, after so many milliseconds. @returns forgets it */
  after: (milliseconds: number, callback: () => void) => () => void;
  /** Whether a name stands for this namespace now. Never rejects. */
  isStill: (path: string, namespace: Identity) => Promise<boolean>;
  /** Takes what is emitted. */
  emit: (record: EventRecord) => void;
}

interface Waiting {
  /** What the hook knows: no such name, or one that is not ready. */
  known: 'nothing' | 'notReady';
  last: NameRecord;
  /** OutputEvent after it. */
  behind: EventRecord[];
  looks: number;
  forget: () => void;
}

const NAME_EVENTS = new Set(['created', 'mounted', 'unmounted', 'deleted']);

export class Settling {
  readonly #milliseconds: number;
  readonly #io: SettlingIo;
  readonly #waiting = new Map<string, Waiting>();
  readonly #heard = new HeardNamespaces();
  #closed = false;
  #onEmpty: () => void = () => {};

  constructor(milliseconds: number, io: SettlingIo) {
    this.#milliseconds = milliseconds;
    this.#io = io;
  }

  /** How many names wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  take(record: EventRecord): void {
    this.#heard.seen(record);
    if (this.#heard.isOfUnheard(record)) return;
    if (isOfName(record)) this.#takeName(record);
    else if (!this.#waitsBehind(record) && !this.#closed && !this.#isOfUnheardLink(record))
      this.#emit(record);
  }

  /**
   * Takes no new names; those that wait are waited for. @param onEmpty called when none is left,
   * unless none is now
   */
  close(onEmpty: () => void): void {
    this.#closed = true;
    this.#onEmpty = onEmpty;
  }

  /** Lets go of all that waits. @returns how many names */
  drop(): number {
    const dropped = this.#waiting.size;
    for (const { forget } of this.#waiting.values()) forget();
    this.#waiting.clear();
    return dropped;
  }

  #takeName(record: NameRecord): void {
    const { type, path } = record;
    const found = this.#waiting.get(path);
    if (found === undefined) {
      if (this.#closed) return;
      if (type !== 'created' && type !== 'mounted') return this.#emit(record);
      const known = type === 'created' ? 'nothing' : 'notReady';
      const waiting: Waiting = { known, last: record, behind: [], looks: 0, forget: () => {} };
      this.#waiting.set(path, waiting);
      return this.#wait(waiting);
    }
    found.forget();
    Object.assign(found, { last: record, behind: [], looks: 0 });
    if (type === 'deleted' && found.known === 'notReady') this.#emit(record);
    if (type === 'deleted' || (type === 'unmounted' && found.known === 'notReady')) this.#end(found);
    else this.#wait(found);
  }

  #emit(record: EventRecord): void {
    this.#heard.emitted(record);
    this.#io.emit(record);
  }

  #wait(waiting: Waiting): void {
    this.#heard.waits(waiting.last);
    waiting.forget = this.#io.after(this.#milliseconds, () => void this.#look(waiting));
  }

  async #look(waiting: Waiting): Promise<void> {
    const { last, known } = waiting;
    const settled = outcomeOf(known, last);
    if (settled?.namespace) {
      const isStill = await this.#io.isStill(last.path, settled.namespace);
      // Meanwhile something happened to it, or all was let go of.
      if (waiting.last !== last || this.#waiting.get(last.path) !== waiting) return;
      if (!isStill && ++waiting.looks === 1) return this.#wait(waiting);
      if (!isStill) return this.#end(waiting);
    }
    for (const record of settled === null ? [] : [settled, ...waiting.behind]) this.#emit(record);
    this.#end(waiting);
  }

  #end({ last }: Waiting): void {
    this.#waiting.delete(last.path);
    if (this.#waiting.size === 0) this.#onEmpty();
  }

  /** Its links go when it has ended, and no name of it waits any more. */
  #isOfUnheardLink(record: EventRecord): boolean {
    return record['link'] !== undefined && this.#heard.isUnheard(record);
  }

  /** Of an id or a link whose namespace has no name but ones that wait. */
  #waitsBehind(record: EventRecord): boolean {
    if (record.type !== 'nsidAssigned' && record['link'] === undefined) return false;
    const { names } = record as unknown as { names: readonly { path: string }[] };
    const waiting = names.map(({ path }) => this.#waiting.get(path));
    const [first] = waiting;
    if (first === undefined || waiting.includes(undefined)) return false;
    first.behind.push(record);
    return true;
  }
}

function isOfName(record: EventRecord): record is NameRecord {
  return NAME_EVENTS.has(record.type) && typeof record['path'] === 'string';
}

/** What is emitted for a name that has settled; null: nothing. */
function outcomeOf(known: Waiting['known'], last: NameRecord): NameRecord | null {
  const { type, time, name, rawName, path, directory, nsid, namespace } = last;
  const isReady = type === 'mounted' || last['ready'] === true;
  if (known === 'notReady' && !isReady) return null;
  if (type === (known === 'notReady' ? 'mounted' : 'created')) return last;
  // Fields and order as in event-json.ts.
  const where = { name, ...(rawName === undefined ? {} : { rawName }), path, directory };
  if (known === 'notReady') return { type: 'mounted', time, ...where, nsid, namespace } as NameRecord;
  const state = isReady
    ? { ready: true, nsid, namespace }
    : { ready: false, reason: 'unmounted', nsid: null, namespace: null };
  return { type: 'created', time, ...where, ...state } as NameRecord;
}
