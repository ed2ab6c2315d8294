/**
 * What only a question brings: addresses and counters of the links of one namespace, asked for every
 * two seconds while it is open and seen. Rates are the difference of two answers.
 */
import type { LinkCounters, PageNamespace } from '../model/page-types.ts';

export interface LinkDetails {
  readonly addresses: readonly string[] | null;
  readonly counters: LinkCounters | null;
}

/** Asks once. @returns by the index of a link, else its name; null: nobody knows it any more */
export type AskDetails = (
  namespace: PageNamespace,
) => Promise<ReadonlyMap<number | string, LinkDetails> | null>;

export interface Reading {
  readonly at: number;
  readonly links: ReadonlyMap<number | string, LinkDetails>;
}

/** The last two answers. */
export interface Details {
  readonly last: Reading;
  readonly before: Reading | null;
}

const INTERVAL = 2000;

export class DetailsOf {
  readonly #ask: AskDetails;
  readonly #changed: () => void;
  #namespace: PageNamespace | null = null;
  #details: Details | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ask: AskDetails, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Null: there is no answer yet. */
  get details(): Details | null {
    return this.#details;
  }

  /** @param namespace null: none is open, or nobody looks */
  open(namespace: PageNamespace | null): void {
    const isSame = namespace?.key === this.#namespace?.key;
    this.#namespace = namespace;
    if (isSame) return;
    this.#details = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (namespace !== null) void this.#read(namespace.key);
  }

  async #read(key: string): Promise<void> {
    const namespace = this.#namespace;
    if (namespace === null || namespace.key !== key) return;
    const links = await this.#ask(namespace).catch(() => null);
    if (this.#namespace?.key !== key) return;
    if (links !== null) {
      this.#details = { last: { at: Date.now(), links }, before: this.#details?.last ?? null };
      this.#changed();
    }
    this.#timer = setTimeout(() => void this.#read(key), INTERVAL);
  }
}

/** From the server that the page is from. */
export const askServer: AskDetails = async (namespace) => {
  const word = wordOf(namespace);
  if (word === null) return null;
  const answer = await fetch(`/v1/namespaces/${encodeURIComponent(word)}`, {
    headers: { accept: 'application/json' },
  });
  if (!answer.ok) return null;
  const { links = [] } = (await answer.json()) as {
    links?: (Partial<LinkDetails> & { ifindex: number | null; name: string })[];
  };
  return new Map(
    links.map(
      ({ ifindex, name, addresses = null, counters = null }) =>
        [ifindex ?? name, { addresses, counters }] as const,
    ),
  );
};

/** How the server is asked for it. */
function wordOf({ identity, nsid }: PageNamespace): string | null {
  if (identity !== null) return identity.id === null ? `inode:${identity.ino}` : `id:${identity.id}`;
  return nsid === null ? null : `nsid:${nsid}`;
}
