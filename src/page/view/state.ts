/** All that decides what is drawn, and how it is changed. Objects are made anew, never changed. */
import type { Sorting } from '../layout/table-rows.ts';
import type { ConnectionState } from '../model/page-stream.ts';
import type { PageModel } from '../../replay/replay-types.ts';

export interface Connection {
  readonly state: ConnectionState;
  /** Since when, in milliseconds since 1970; null: it was never otherwise. */
  readonly since: number | null;
}

/** What is open in the panel. */
export interface Selection {
  readonly namespace: string;
  /** Null: the namespace itself. */
  readonly link: string | null;
}

export interface Matches {
  readonly namespaces: ReadonlyMap<string, string>;
  readonly links: ReadonlyMap<string, string>;
}

export interface State {
  /** Null: nothing has come yet. */
  readonly model: PageModel | null;
  readonly connection: Connection;
  readonly view: 'picture' | 'table';
  readonly query: string;
  /** Null: nothing is searched for. */
  readonly matches: Matches | null;
  readonly onlyMatches: boolean;
  /** Which of the matches was gone to; -1: none. */
  readonly matchAt: number;
  readonly selection: Selection | null;
  /** The namespace, or the fold, that the keyboard is at. */
  readonly current: { readonly box: string; readonly link: string | null } | null;
  /** Shapes that are unfolded. */
  readonly open: ReadonlySet<string>;
  readonly sorting: Sorting;
  readonly help: boolean;
}

export const START: State = {
  model: null,
  connection: { state: 'connecting', since: null },
  view: 'picture',
  query: '',
  matches: null,
  onlyMatches: false,
  matchAt: -1,
  selection: null,
  current: null,
  open: new Set(),
  sorting: { column: 'namespace', down: false },
  help: false,
};

/** Holds the state, and tells that it is another one. */
export class Store {
  readonly #changed: () => void;
  #state: State;

  constructor(state: State, changed: () => void) {
    this.#state = state;
    this.#changed = changed;
  }

  get state(): State {
    return this.#state;
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    this.#changed();
  }
}
