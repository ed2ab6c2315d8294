/**
 * One host by its list and the events after it: what is there, and what was wrong in what was told.
 * Nothing may be told twice, or be lost without a word.
 */
import { Replay } from '../../../src/core.ts';
import type { PageNamespace, WireEvent, WireSnapshot, WireWhere } from '../../../src/core.ts';
import { toldLines } from '../told-lines.ts';
import { identityText } from './names.ts';

type Which = Pick<WireWhere, 'namespace'>;

/** What a watcher holds of a host. */
export interface Listed {
  seq: number;
  namespaces: readonly PageNamespace[];
  json: string | null;
}

export class Account {
  readonly wrong: string[] = [];
  /** By its name, the identity. */
  #names = new Map<string, string>();
  /** By the identity of their namespaces and their index. */
  #links = new Set<string>();
  #replay = new Replay();
  /** The last number that was told; null: any may follow, since `resynced` was told. */
  #seq: number | null = null;
  #count = 0;
  /** Not in the replay yet: one at a time they would cost more than a reader. */
  #waiting: WireEvent[] = [];

  /** All that is there, in place of what was told. */
  list({ seq, namespaces, json }: Listed): void {
    this.#names = new Map(
      namespaces.flatMap(({ names, identity }) => names.map(({ name }) => [name, identityText(identity)])),
    );
    this.#links = new Set(
      namespaces.flatMap(({ links, identity }) =>
        [...links.values()].map(({ ifindex }) => `${identityText(identity)}/${ifindex}`),
      ),
    );
    this.#replay = new Replay();
    this.#waiting = [];
    if (json !== null) this.#replay.snapshot(JSON.parse(json) as WireSnapshot, 0);
    this.#seq = seq;
  }

  /** Any number may follow. */
  resynced(): void {
    this.#seq = null;
  }

  /** @param seq null: it was found by comparing */
  event(seq: number | null, event: WireEvent): void {
    if (seq !== null) {
      if (this.#seq !== null && seq !== this.#seq + 1)
        this.wrong.push(`${seq} after ${this.#seq} without a word`);
      this.#seq = seq;
    }
    this.#heed(event);
    this.#waiting.push(event);
  }

  get names(): ReadonlyMap<string, string> {
    return this.#names;
  }

  /** All of it, with links and what has no name. */
  get lines(): string[] {
    this.#count += this.#waiting.length;
    this.#replay.events(this.#waiting, this.#count, 0);
    this.#replay.tick(Infinity);
    this.#waiting = [];
    return toldLines(this.#replay.model);
  }

  #heed(event: WireEvent): void {
    const { type, name = '', namespace, link } = event;
    const which = identityText(namespace);
    if (type === 'created' || type === 'mounted') {
      if (this.#names.get(name ?? '') === which) this.wrong.push(`${name} ${type} twice`);
      this.#names.set(name ?? '', which);
    } else if (type === 'unmounted') this.#names.set(name ?? '', identityText(null));
    else if (type === 'deleted' && !this.#names.delete(name ?? ''))
      this.wrong.push(`${name} deleted, which was not there`);
    else if (link !== undefined) this.#heedLink(event, link.ifindex);
  }

  #heedLink({ type, namespace, from }: WireEvent, ifindex: number | null): void {
    const key = keyOf({ namespace }, ifindex);
    if (type === 'linkRemoved') {
      if (!this.#links.delete(key)) this.wrong.push(`link ${key} removed, which was not there`);
      return;
    }
    const isNew = type === 'linkAdded' || type === 'linkMoved';
    if (isNew && this.#links.has(key)) this.wrong.push(`link ${key} ${type} twice`);
    if (from !== undefined && !this.#links.delete(keyOf(from, from.ifindex)))
      this.wrong.push(`link ${key} moved from where it was not`);
    if (isNew) this.#links.add(key);
    else if (!this.#links.has(key)) this.wrong.push(`link ${key} changed, which was not there`);
  }
}

const keyOf = ({ namespace }: Which, ifindex: number | null): string =>
  `${identityText(namespace)}/${ifindex}`;
