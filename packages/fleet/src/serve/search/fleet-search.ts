/**
 * A search over all hosts. Words are those of the page's search (core, search/search.ts); a word
 * that is of the host itself (part of its name, the start of its id, `kernel:6.12`) counts for all
 * that is on it.
 *
 * An answer waits a moment, and is of what is known by then: `pending` says how many hosts have not
 * been looked into as they are now. Whoever asks again is told more. Work is done in pieces, so
 * that the rest of the process goes on. When a search has found what it can, texts are made of
 * hosts that have none (host-text.ts): half of the time at most, as long as somebody searches.
 */
import { setTimeout } from 'node:timers/promises';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import { wordsOf } from '../../page/model/of-host.ts';
import type { Found } from './found.ts';
import { HostLooks } from './host-looks.ts';
import { Query } from './query.ts';

const MOST = { query: 200, queries: 8 };
/**
 * Milliseconds: that an answer waits, that texts are made in one piece, and after which nobody is
 * taken to search any more.
 */
const TIME = { wait: 300, piece: 20, idle: 30_000 };

export class FleetSearch {
  readonly #source: FleetWatcher;
  readonly #now: () => number;
  readonly #looks: HostLooks;
  /** The one that was asked last is the last one. */
  readonly #queries = new Map<string, Query>();
  #isPreparing = false;
  #askedAt = 0;

  /** @param now milliseconds that only grow */
  constructor(source: FleetWatcher, now: () => number) {
    this.#source = source;
    this.#now = now;
    this.#looks = new HostLooks(source);
  }

  async find(given: string): Promise<Found> {
    const text = given.slice(0, MOST.query);
    if (wordsOf(text).length === 0) return { query: text, hosts: [], more: false, pending: 0 };
    this.#askedAt = this.#now();
    const query = this.#queryOf(text);
    const looked = query.look();
    // Who waits for it hears of an error.
    void looked.then(
      () => this.#prepare(),
      () => {},
    );
    await Promise.race([looked, setTimeout(TIME.wait, undefined, { ref: false })]);
    return query.answer();
  }

  #queryOf(text: string): Query {
    const query = this.#queries.get(text) ?? new Query(text, this.#source, this.#looks, this.#now);
    this.#queries.delete(text);
    this.#queries.set(text, query);
    for (const oldest of this.#queries.keys()) {
      if (this.#queries.size <= MOST.queries) break;
      this.#queries.delete(oldest);
    }
    return query;
  }

  async #prepare(): Promise<void> {
    if (this.#isPreparing) return;
    this.#isPreparing = true;
    let piece = this.#now() + TIME.piece;
    for (const { id } of this.#source.hosts()) {
      if (!this.#looks.prepare(id) || this.#now() < piece) continue;
      await setTimeout(TIME.piece, undefined, { ref: false });
      // Where somebody waits, this goes on after that.
      if (this.#isLooking || this.#now() - this.#askedAt > TIME.idle) break;
      piece = this.#now() + TIME.piece;
    }
    this.#isPreparing = false;
  }

  get #isLooking(): boolean {
    return [...this.#queries.values()].some(({ isLooking }) => isLooking);
  }
}
