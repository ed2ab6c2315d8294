/**
 * Keeps the address as what is looked at, and the other way round. A step back is one from what was
 * opened before, or from table to picture; what is written into the search is no step.
 */
import { placeIn, placeOf, selectionAt } from './permalink.ts';
import type { Place } from './permalink.ts';
import type { State, Store } from './state.ts';

export class Address {
  readonly #store: Store;
  readonly #go: (namespace: string, link: string | null) => void;
  /** What the address asks for, and is not there yet. */
  #wanted: Place | null;
  #written: string;
  #last: Pick<State, 'view' | 'selection'>;

  constructor(store: Store, go: (namespace: string, link: string | null) => void) {
    this.#store = store;
    this.#go = go;
    this.#written = location.hash;
    this.#wanted = placeIn(location.hash);
    const { view, query } = this.#wanted;
    const isNarrow = window.matchMedia('(max-width: 480px)').matches;
    store.set({ view: view ?? (isNarrow ? 'table' : 'picture'), query });
    this.#last = store.state;
    window.addEventListener('popstate', () => this.#read());
    window.addEventListener('hashchange', () => this.#read());
  }

  /** After a change of the state. */
  update(): void {
    const { state } = this.#store;
    if (this.#wanted !== null && state.model !== null) return this.#apply(this.#wanted);
    const hash = placeOf(state);
    const isStep = this.#last.view !== state.view || this.#last.selection !== state.selection;
    this.#last = state;
    if (hash === this.#written) return;
    this.#written = hash;
    const url = `${location.pathname}${location.search}${hash}`;
    if (isStep) history.pushState(null, '', url);
    else history.replaceState(null, '', url);
  }

  #read(): void {
    if (location.hash === this.#written) return;
    this.#written = location.hash;
    const place = placeIn(location.hash);
    this.#store.set({ view: place.view ?? 'picture', query: place.query });
    this.#wanted = place;
  }

  #apply(place: Place): void {
    this.#wanted = null;
    const { model } = this.#store.state;
    const selection = model === null ? null : selectionAt(place, model);
    if (selection === null) this.#store.set({ selection: null });
    else this.#go(selection.namespace, selection.link);
    this.#last = this.#store.state;
  }
}
