/**
 * Looks into one host after the other: at what was told of it as it came (raw-json.ts), where words
 * are in that, at texts of it (host-text.ts), where these have them too, at a picture of it. What
 * happened since the last snapshot is looked at beside that, so that texts hold for as long as it.
 */
import { search } from '../../core.ts';
import type { PageModel, PageNamespace, Term, WireEvent, WireSnapshot } from '../../core.ts';
import { toldOf } from '../../fleet-watcher.ts';
import type { FleetWatcher } from '../../fleet-watcher.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';
import { hit } from './found.ts';
import type { FoundHost, Hit } from './found.ts';
import { HostText } from './host-text.ts';
import { RawJson } from './raw-json.ts';

/** So many of what is found on a host are told. */
const MOST_HITS = 10;

type Told = NonNullable<ReturnType<typeof toldOf>>;

export class HostLooks {
  readonly #source: FleetWatcher;
  /** Of a snapshot, for as long as that is kept. */
  readonly #texts = new WeakMap<object, HostText>();

  constructor(source: FleetWatcher) {
    this.#source = source;
  }

  /** @param words those that are not of the host itself */
  find(host: FleetHost, terms: readonly Term[], words: string): FoundHost | null {
    return this.#mayHave(host.id, terms) ? this.#hits(host, words) : null;
  }

  /** So that the next search has less to do. @returns whether there was anything to do */
  prepare(id: string): boolean {
    const told = toldOf(this.#source, id);
    if (told === null || this.#texts.has(told.of)) return false;
    this.#make(told, told.base());
    return true;
  }

  #mayHave(id: string, terms: readonly Term[]): boolean {
    const told = toldOf(this.#source, id);
    if (told === null) return false;
    const after = told.after();
    const events = after === '' || !someIn(new RawJson(after), terms) ? null : eventsOf(after);
    const rest = events === null ? terms : terms.filter((term) => !events.mayHave(term));
    if (rest.length === 0) return true;
    const text = this.#texts.get(told.of) ?? this.#text(told, rest);
    return text !== null && rest.every((term) => text.mayHave(term));
  }

  /** Null: it has surely not all of these. */
  #text(told: Told, terms: readonly Term[]): HostText | null {
    const json = told.base();
    return new RawJson(json).mayHave(terms) ? this.#make(told, json) : null;
  }

  #make({ of }: Told, json: string): HostText {
    const text = HostText.ofSnapshot(JSON.parse(json) as WireSnapshot);
    this.#texts.set(of, text);
    return text;
  }

  #hits(host: FleetHost, words: string): FoundHost | null {
    const namespaces = this.#source.namespaces(host.id);
    const { namespaces: found, links } = search(modelOf(namespaces), words);
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
      if (hits.length >= MOST_HITS) break;
    }
    const { id, name, state } = host;
    return { id, name, state, itself: false, hits: hits.slice(0, MOST_HITS), count };
  }
}

const someIn = (json: RawJson, terms: readonly Term[]): boolean => terms.some((term) => json.mayHave([term]));

const eventsOf = (json: string): HostText => HostText.ofEvents(JSON.parse(`[${json}]`) as WireEvent[]);

const modelOf = (namespaces: readonly PageNamespace[]): PageModel => ({
  namespaces: new Map(namespaces.map((box) => [box.key, box])),
  events: [],
  unavailable: [],
  resynced: null,
  revision: 0,
});
