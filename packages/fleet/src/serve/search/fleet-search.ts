/**
 * A search over all hosts. Words are those of the page's search (core, page/model/search.ts); a
 * word that is of the host itself (part of its name, the start of its id, `kernel:6.12`) counts
 * for all that is on it.
 *
 * Of each host there is one text of all that can be found there (host-text.ts), so that most hosts
 * are passed over by one look at it. It is made when somebody searches first, and anew when the
 * host has changed: a few hosts at a time, so that the rest of the process goes on. An answer
 * waits for it a moment, and is of what is known by then: `pending` says how many hosts have not
 * been looked into as they are now.
 */
import { setImmediate } from 'node:timers/promises';
import { search } from '../../core.ts';
import type { PageLink, PageModel, PageNamespace, WireSnapshot } from '../../core.ts';
import { isOfHost, wordsOf } from '../../page/model/of-host.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';
import { mayHave, searchText } from './host-text.ts';

/** Of one answer. */
const MOST = {
  hosts: 100,
  hits: 10,
  query: 200,
};
/**
 * Milliseconds: that an answer waits for texts, that it looks into hosts itself, that texts are
 * made in one piece, and after which nobody is taken to search any more.
 */
const TIME = { wait: 300, answer: 400, piece: 20, idle: 30_000 };

interface Hit {
  what: 'namespace' | 'link';
  /** What the namespace is called on its host. */
  namespace: string;
  /** How a page finds it: `own`, a path, `id:5120`, `inode:N`, `key:…`. */
  at: string;
  link: string | null;
  /** What matches, in a few words. */
  why: string;
}

export interface FoundHost {
  id: string;
  name: string;
  state: FleetHost['state'];
  /** Whether it is found by itself, whatever is on it. */
  itself: boolean;
  /** The first of them. */
  hits: Hit[];
  /** How many there are. */
  count: number;
}

export interface Found {
  query: string;
  hosts: FoundHost[];
  /** Whether there are more hosts with something than are told. */
  more: boolean;
  /** How many hosts have not been looked into as they are now. */
  pending: number;
}

interface Indexed {
  of: string;
  text: string;
}

export class FleetSearch {
  readonly #source: FleetWatcher;
  readonly #now: () => number;
  readonly #indexed = new Map<string, Indexed>();
  #indexing: Promise<void> | null = null;
  #askedAt = 0;

  /** @param now milliseconds that only grow */
  constructor(source: FleetWatcher, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  async find(given: string): Promise<Found> {
    const query = given.slice(0, MOST.query);
    const words = wordsOf(query);
    if (words.length === 0) return { query, hosts: [], more: false, pending: 0 };
    this.#askedAt = this.#now();
    this.#indexing ??= this.#index().finally(() => (this.#indexing = null));
    await Promise.race([this.#indexing, this.#wait()]);
    const all = this.#source.hosts();
    const pending = all.filter((host) => this.#indexed.get(host.id)?.of !== versionOf(host)).length;
    return { query, ...(await this.#look(all, words)), pending };
  }

  async #look(all: readonly FleetHost[], words: readonly string[]): Promise<Pick<Found, 'hosts' | 'more'>> {
    const hosts: FoundHost[] = [];
    const until = this.#now() + TIME.answer;
    let piece = this.#now() + TIME.piece;
    for (const host of all) {
      const rest = words.filter((word) => !isOfHost(word, host));
      if (rest.length === 0 || mayHave(this.#indexed.get(host.id)?.text ?? '', rest)) {
        if (hosts.length === MOST.hosts || this.#now() > until) return { hosts, more: true };
        const found = rest.length === 0 ? itself(host) : this.#hits(host, rest.join(' '));
        if (found !== null) hosts.push(found);
      }
      if (this.#now() < piece) continue;
      await setImmediate();
      piece = this.#now() + TIME.piece;
    }
    return { hosts, more: false };
  }

  #hits(host: FleetHost, query: string): FoundHost | null {
    const namespaces = this.#source.namespaces(host.id);
    const { namespaces: found, links } = search(modelOf(namespaces), query);
    const count = found.size + links.size;
    if (count === 0) return null;
    const hits: Hit[] = [];
    for (const box of namespaces) {
      const why = found.get(box.key);
      if (why !== undefined) hits.push(hit(box, null, why));
      for (const link of box.links.values()) {
        const because = links.get(link.key);
        if (because !== undefined) hits.push(hit(box, link, because));
      }
      if (hits.length >= MOST.hits) break;
    }
    const { id, name, state } = host;
    return { id, name, state, itself: false, hits: hits.slice(0, MOST.hits), count };
  }

  /** Makes texts of hosts that are not as they were; those of hosts that are none no more go. */
  async #index(): Promise<void> {
    const hosts = this.#source.hosts();
    const there = new Set(hosts.map(({ id }) => id));
    for (const id of this.#indexed.keys()) if (!there.has(id)) this.#indexed.delete(id);
    let piece = this.#now() + TIME.piece;
    for (const host of this.#stalest(hosts)) {
      const json = this.#source.snapshot(host.id)?.json;
      const text = json === undefined ? '' : searchText(JSON.parse(json) as WireSnapshot);
      // The one that was made last is the last one.
      this.#indexed.delete(host.id);
      this.#indexed.set(host.id, { of: versionOf(host), text });
      if (this.#now() < piece) continue;
      await setImmediate();
      if (this.#now() - this.#askedAt > TIME.idle) return;
      piece = this.#now() + TIME.piece;
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, TIME.wait).unref());
  }

  /** Those that were never looked into, then those that were the longest ago. */
  #stalest(hosts: readonly FleetHost[]): FleetHost[] {
    const order = new Map([...this.#indexed.keys()].map((id, at) => [id, at]));
    return hosts
      .filter((host) => this.#indexed.get(host.id)?.of !== versionOf(host))
      .sort((a, b) => (order.get(a.id) ?? -1) - (order.get(b.id) ?? -1));
  }
}

/** Of what is on it: another one when anything there may have changed. */
const versionOf = ({ epoch, seq, picture }: FleetHost): string => `${epoch} ${seq} ${picture}`;

const itself = ({ id, name, state }: FleetHost): FoundHost => ({
  id,
  name,
  state,
  itself: true,
  hits: [],
  count: 0,
});

const hit = (box: PageNamespace, link: PageLink | null, why: string): Hit => ({
  what: link === null ? 'namespace' : 'link',
  namespace: box.label,
  at: addressOf(box),
  link: link?.name ?? null,
  why,
});

/** As the page's permalinks have it. */
function addressOf({ own, names, identity, key }: PageNamespace): string {
  if (own) return 'own';
  const path = names[0]?.path.replace(/^\/var\/run\//, '/run/');
  if (path !== undefined) return path;
  if (identity === null) return `key:${key}`;
  return identity.id === null ? `inode:${identity.ino}` : `id:${identity.id}`;
}

const modelOf = (namespaces: readonly PageNamespace[]): PageModel => ({
  namespaces: new Map(namespaces.map((box) => [box.key, box])),
  events: [],
  unavailable: [],
  resynced: null,
  revision: 0,
});
