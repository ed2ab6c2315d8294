/**
 * What only a question brings: addresses and counters of the links of one namespace, asked for
 * every two seconds while it is open and seen. Rates are the difference of two answers.
 */
import type { Holders } from '../layout/holder-words.ts';
import type { LinkCounters, PageNamespace } from '../../replay/replay-types.ts';

interface LinkDetails {
  readonly addresses: readonly string[] | null;
  readonly counters: LinkCounters | null;
}

/** Asks once. @returns null: nobody knows it any more */
export type AskDetails = (namespace: PageNamespace) => Promise<Reading | null>;

interface Reading {
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  /** By the index of a link, else its name. */
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
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

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
    clearTimeout(this.#timer);
    if (namespace !== null) void this.#read(namespace.key);
  }

  async #read(key: string): Promise<void> {
    const namespace = this.#namespace;
    if (namespace === null || namespace.key !== key) return;
    const last = await this.#ask(namespace).catch(() => null);
    if (this.#namespace?.key !== key) return;
    if (last !== null) {
      const before = this.#details?.last ?? null;
      this.#details = { last, before: before?.at === last.at ? (this.#details?.before ?? null) : before };
      this.#changed();
    }
    // It may have been closed and opened again meanwhile, and be read twice.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(key), INTERVAL);
  }
}

/** From the server that the page is from. */
export const askServer: AskDetails = async (namespace) => {
  const word = wordOf(namespace);
  const answer = word === null ? null : await fetch(`/v1/namespaces/${word}`);
  if (answer === null || !answer.ok) return null;
  const { links = [], read } = (await answer.json()) as Answer;
  return {
    at: read === undefined || read === null ? Date.now() : Date.parse(read),
    links: new Map(
      links.map(({ ifindex, name, addresses = null, counters = null }) => [
        ifindex ?? name,
        { addresses, counters },
      ]),
    ),
  };
};

export const askServerForHolders = async (namespace: PageNamespace): Promise<Holders | null> => {
  const word = wordOf(namespace);
  const answer = word === null ? null : await fetch(`/v1/namespaces/${word}/holders`);
  return answer === null || !answer.ok ? null : ((await answer.json()) as Holders);
};

interface Answer {
  readonly read?: string | null;
  readonly links?: readonly (Partial<LinkDetails> & { ifindex: number | null; name: string })[];
}

/** How the server is asked for it. */
function wordOf({ identity, nsid, number }: PageNamespace): string | null {
  if (identity !== null) return identity.id === null ? `inode:${identity.ino}` : `id:${identity.id}`;
  if (nsid !== null) return `nsid:${nsid}`;
  return number === null ? null : `number:${number}`;
}
