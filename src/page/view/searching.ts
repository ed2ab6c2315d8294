/**
 * Keeps the matches as the query and the model are; a model that changes fast is searched at times.
 */
import type { PageModel } from '../../replay/replay-types.ts';
import type { Matches, Store } from './state.ts';

export type Search = (model: PageModel, query: string) => Matches;

/** Between searches for one query, in milliseconds. */
const INTERVAL = 250;
/** So many found boxes are taken out of their folds, at most. */
const MOST_KEPT = 50;

export class Searching {
  readonly #search: Search;
  readonly #store: Store;
  #query = '';
  #revision = -1;
  #at = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #kept: { readonly of: readonly unknown[]; readonly keys: ReadonlySet<string> } = {
    of: [],
    keys: new Set(),
  };

  constructor(search: Search, store: Store) {
    this.#search = search;
    this.#store = store;
  }

  update(): void {
    const { model, query, matches } = this.#store.state;
    const isSame = query === this.#query;
    if (model === null || (isSame && (matches === null || model.revision === this.#revision))) return;
    const now = performance.now();
    if (isSame && now - this.#at < INTERVAL) {
      if (this.#timer === null)
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#store.set({});
        }, INTERVAL);
      return;
    }
    this.#query = query;
    this.#revision = model.revision;
    this.#at = now;
    if (query.trim() === '') this.#store.set({ matches: null, matchAt: -1 });
    else this.#store.set({ matches: this.#search(model, query), ...(isSame ? {} : { matchAt: -1 }) });
  }

  /** More is known than when it was searched. */
  again(): void {
    this.#revision = -1;
    this.#store.set({});
  }

  /** Who is not to be folded: the same set while it is the same. */
  kept(): ReadonlySet<string> {
    const { matches, selection } = this.#store.state;
    const of = [matches, selection?.namespace];
    if (of.every((one, at) => one === this.#kept.of[at]) && this.#kept.of.length > 0) return this.#kept.keys;
    const keys = new Set<string>(selection === null ? [] : [selection.namespace]);
    const found = matches === null ? [] : this.#found();
    if (found.length <= MOST_KEPT) for (const key of found) keys.add(key);
    this.#kept = { of, keys };
    return keys;
  }

  #found(): string[] {
    const { model, matches } = this.#store.state;
    if (model === null || matches === null) return [];
    const found = [...matches.namespaces.keys()];
    if (matches.links.size === 0) return found;
    for (const [key, { links }] of model.namespaces) {
      if (matches.namespaces.has(key)) continue;
      for (const link of links.keys())
        if (matches.links.has(link)) {
          found.push(key);
          break;
        }
    }
    return found;
  }
}
