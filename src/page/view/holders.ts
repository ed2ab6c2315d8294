/**
 * What keeps the open namespace alive: looked at once when it is opened, and when somebody asks.
 */
import type { Holders } from '../layout/holder-words.ts';
import type { PageNamespace } from '../../replay/replay-types.ts';

/** @returns null: it is gone, or too many ask */
export type AskHolders = (namespace: PageNamespace) => Promise<Holders | null>;

export type Looked =
  | { readonly state: 'looking' }
  | { readonly state: 'failed' }
  | { readonly state: 'found'; readonly holders: Holders; readonly at: number };

export class HoldersOf {
  readonly #ask: AskHolders;
  readonly #changed: () => void;
  #namespace: PageNamespace | null = null;
  #looked: Looked | null = null;

  constructor(ask: AskHolders, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Null: nobody asked. */
  get looked(): Looked | null {
    return this.#looked;
  }

  /** @param namespace null: none is open */
  open(namespace: PageNamespace | null): void {
    const isSame = namespace?.key === this.#namespace?.key;
    this.#namespace = namespace;
    if (isSame) return;
    this.#looked = null;
    if (namespace !== null && namespace.ended === null) void this.look();
  }

  async look(): Promise<void> {
    const namespace = this.#namespace;
    if (namespace === null) return;
    this.#looked = { state: 'looking' };
    this.#changed();
    const holders = await this.#ask(namespace).catch(() => null);
    if (this.#namespace?.key !== namespace.key) return;
    this.#looked = holders === null ? { state: 'failed' } : { state: 'found', holders, at: Date.now() };
    this.#changed();
  }
}
