/**
 * The search, which the server does: asked for when somebody has stopped writing for a moment,
 * again soon while the server has not looked into all hosts, and now and then while it is shown.
 */
import type { Found } from './fleet-types.ts';

export interface SearchIo {
  after(milliseconds: number, callback: () => void): () => void;
  /** Null: there is no answer. */
  find(query: string): Promise<Found | null>;
}

const WRITING = 150;
const PENDING = 500;
const SHOWN = 5000;

export class HostSearch {
  readonly #io: SearchIo;
  readonly #changed: () => void;
  #query = '';
  #found: Found | null = null;
  #cancel: () => void = () => {};

  constructor(io: SearchIo, changed: () => void) {
    this.#io = io;
    this.#changed = changed;
  }

  get query(): string {
    return this.#query;
  }

  /** Of this query, or of the one before while it is asked for; null: nothing is searched. */
  get found(): Found | null {
    return this.#found;
  }

  search(query: string): void {
    if (query === this.#query) return;
    this.#query = query;
    this.#cancel();
    if (query.trim() === '') this.#found = null;
    else this.#cancel = this.#io.after(WRITING, () => void this.#ask());
    this.#changed();
  }

  async #ask(): Promise<void> {
    const query = this.#query;
    const found = await this.#io.find(query).catch(() => null);
    if (query !== this.#query) return;
    if (found !== null) this.#found = found;
    this.#cancel = this.#io.after((found?.pending ?? 0) > 0 ? PENDING : SHOWN, () => void this.#ask());
    this.#changed();
  }
}
