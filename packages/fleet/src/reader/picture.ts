/**
 * What is on one host: a snapshot and the events after it, come to by the core's replay. Made when
 * somebody looks, and told what came since when somebody looks again.
 */
import { identityKey, Replay, safeJson } from '../core.ts';
import type { PageLink, PageNamespace, WireEvent, WireSnapshot } from '../core.ts';
import { linkRows, namespaceRows } from './rows.ts';

type Where = Pick<WireEvent, 'namespace' | 'number'>;
type WithFlags = { ifindex: number | null; flags?: number | null };

export class Picture {
  readonly #replay = new Replay();
  readonly #head: Pick<WireSnapshot, 'epoch' | 'directory'>;
  /** `IFF_*` of each link, which the replay passes over. */
  readonly #flags = new Map<string, number>();
  #seq: number;

  constructor(base: WireSnapshot) {
    const { epoch, directory, seq, links } = base;
    this.#head = { epoch, directory };
    this.#seq = seq;
    for (const row of links) this.#note(row, row);
    this.#replay.snapshot(base, 0);
  }

  get epoch(): string {
    return this.#head.epoch;
  }

  /** The number of the last event that is in it. */
  get seq(): number {
    return this.#seq;
  }

  /** @param last the number of the last of them */
  add(events: readonly WireEvent[], last: number): void {
    for (const event of events) if (event.link !== undefined) this.#note(event, event.link);
    this.#replay.events(events, last, 0);
    this.#seq = last;
  }

  /** Those that are there now. */
  get namespaces(): ReadonlyMap<string, PageNamespace> {
    // What ended is greyed on a page for a while, and no part of a list.
    this.#replay.tick(Infinity);
    return this.#replay.model.namespaces;
  }

  /** What it knows nothing of. */
  get unavailable(): readonly string[] {
    return this.#replay.model.unavailable;
  }

  flagsOf(one: PageNamespace, { ifindex }: PageLink): number | null {
    for (const key of keysOf({ namespace: one.identity, number: one.number })) {
      const flags = this.#flags.get(`${key}/${ifindex}`);
      if (flags !== undefined) return flags;
    }
    return null;
  }

  /** As JSON of a `WireSnapshot`. */
  json(): string {
    const { namespaces, unavailable } = this;
    const { epoch, directory } = this.#head;
    const seq = this.#seq;
    const head = { type: 'snapshot', epoch, seq, revision: seq + 1, directory, unavailable };
    const rows = { namespaces: namespaceRows([...namespaces.values()]) };
    const links = linkRows(namespaces, (one, link) => this.flagsOf(one, link));
    return safeJson({ ...head, ...rows, links });
  }

  #note(where: Where, { ifindex, flags }: WithFlags): void {
    if (ifindex === null || typeof flags !== 'number') return;
    for (const key of keysOf(where)) this.#flags.set(`${key}/${ifindex}`, flags);
  }
}

/** A number is no other's, an identity is known sooner. */
const keysOf = ({ namespace, number = null }: Where): string[] => [
  ...(number === null ? [] : [`number:${number}`]),
  ...(namespace === null ? [] : [identityKey(namespace)]),
];
