/**
 * What keeps a namespace alive, for who asks over HTTP. A look walks through all processes
 * (holders.ts), so there is one at a time, whoever asks meanwhile for the same namespace shares it,
 * and nothing is looked at again within {@link FRESH}. Sockets are not looked at: that duplicates
 * each for an instant, which nobody is to cause from afar.
 */
import { holderFields } from '../format/holder-fields.ts';
import { safeJson } from '../format/escape.ts';
import { namespaceHolders } from '../netns/holders/holders.ts';
import { namespaceKey } from '../netns/identity/identity.ts';
import type { NamespaceId } from '../netns/identity/identity.ts';

/** In milliseconds. */
const FRESH = 2000;
/** So many wait for their turn at most. */
const MOST = 32;

interface Look {
  json: Promise<string>;
  /** When it was done; null: it is under way, or waits. */
  doneAt: number | null;
}

export class HolderLooks {
  readonly #find: (namespace: NamespaceId) => Promise<object>;
  readonly #now: () => number;
  readonly #looks = new Map<string, Look>();
  #last: Promise<void> = Promise.resolve();

  /** @param now milliseconds that only grow */
  constructor(find: (namespace: NamespaceId) => Promise<object>, now: () => number) {
    this.#find = find;
    this.#now = now;
  }

  /** @returns null: too many wait already */
  of(namespace: NamespaceId): Promise<string> | null {
    const now = this.#now();
    for (const [key, { doneAt }] of this.#looks)
      if (doneAt !== null && now - doneAt >= FRESH) this.#looks.delete(key);
    const key = namespaceKey(namespace);
    const known = this.#looks.get(key);
    if (known !== undefined) return known.json;
    if (this.#waiting >= MOST) return null;
    const json = this.#after(this.#last, namespace);
    const look: Look = { json, doneAt: null };
    this.#looks.set(key, look);
    this.#last = this.#settle(key, look);
    return json;
  }

  async #after(last: Promise<void>, namespace: NamespaceId): Promise<string> {
    await last;
    return safeJson(await this.#find(namespace));
  }

  async #settle(key: string, look: Look): Promise<void> {
    try {
      await look.json;
      look.doneAt = this.#now();
    } catch {
      // The next one who asks tries again.
      this.#looks.delete(key);
    }
  }

  get #waiting(): number {
    let waiting = 0;
    for (const { doneAt } of this.#looks.values()) if (doneAt === null) waiting++;
    return waiting;
  }
}

/** @param proc where a procfs is mounted */
export const findHolders =
  (proc: string) =>
  async (namespace: NamespaceId): Promise<object> =>
    holderFields(await namespaceHolders({ namespace }, { proc, sockets: false }));
