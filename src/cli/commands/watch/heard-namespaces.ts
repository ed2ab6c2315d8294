/**
 * Which namespaces a hook has heard of, where names wait until they have settled (settling.ts): of
 * the end of any other it hears nothing.
 *
 * | a namespace | its name waits | an event is emitted | a name goes, `alive` null | its end |
 * | ----------- | -------------- | ------------------- | ------------------------- | ------- |
 * | unknown     | unheard        | heard               | -                         | emitted |
 * | unheard     | -              | heard               | unknown                   | dropped |
 * | heard       | -              | -                   | unknown                   | emitted |
 *
 * `alive` null: its end will not be told. So no more are remembered than live.
 */
import type { EventRecord } from '../../../format/event-json.ts';

const ARRIVALS: ReadonlySet<string> = new Set(['present', 'found', 'created', 'mounted', 'nsidAssigned']);
const DEPARTURES: ReadonlySet<string> = new Set(['unmounted', 'deleted']);

export class HeardNamespaces {
  readonly #unheard = new Set<string>();
  readonly #heard = new Set<string>();

  /** The name of an event waits. */
  waits(record: EventRecord): void {
    const key = keyOf(record);
    if (key !== null && ARRIVALS.has(record.type) && !this.#heard.has(key)) this.#unheard.add(key);
  }

  /** An event came, before it is known what becomes of it. */
  seen(record: EventRecord): void {
    const key = keyOf(record);
    if (key === null || !DEPARTURES.has(record.type) || record['alive'] !== null) return;
    this.#unheard.delete(key);
    this.#heard.delete(key);
  }

  /** An event is emitted. */
  emitted(record: EventRecord): void {
    const key = keyOf(record);
    if (key === null) return;
    this.#unheard.delete(key);
    if (ARRIVALS.has(record.type)) this.#heard.add(key);
    if (record.type === 'destroyed') this.#heard.delete(key);
  }

  /** Whether an event is of a namespace that no hook has heard of: its name waits, or waited. */
  isUnheard(record: EventRecord): boolean {
    const key = keyOf(record);
    return key !== null && this.#unheard.has(key);
  }

  /** Whether an event is the end of a namespace that no hook has heard of. */
  isOfUnheard(record: EventRecord): boolean {
    const key = keyOf(record);
    return record.type === 'destroyed' && key !== null && this.#unheard.delete(key);
  }
}

function keyOf({ namespace }: EventRecord): string | null {
  return typeof namespace === 'object' && namespace !== null ? JSON.stringify(namespace) : null;
}
