/**
 * IP addresses of all links, for a search by them. No event tells them, so they are asked for when
 * somebody searches for what may be one, and again after a while.
 */
import type { PageIo } from './page-client.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import type { Addresses } from '../../search/search.ts';
import { identityKey } from '../../replay/wire.ts';
import type { WireLink, WireWhere } from '../../replay/wire.ts';

/** `ip:10.`, `192.0`, `fe80:`, `::1`. */
const MAYBE = /(?:^|\s)(?:ip:\S|\d{1,3}\.\d{0,3}|[0-9a-f]{0,4}:[0-9a-f]{0,4}:|[0-9a-f]{3,4}:)/i;
/** Until then they are taken as they were. */
const FRESH = 5000;

type Row = WireWhere & WireLink & { addresses: readonly string[] | null };

export const mayBeAddress = (query: string): boolean => MAYBE.test(query);

export class AddressBook {
  readonly #io: Pick<PageIo, 'now' | 'rows'>;
  readonly #changed: () => void;
  #addresses: Addresses | undefined = undefined;
  #isAsking = false;
  #askedAt = -Infinity;

  /** @param changed they are there, or others */
  constructor(io: Pick<PageIo, 'now' | 'rows'>, changed: () => void) {
    this.#io = io;
    this.#changed = changed;
  }

  /** @returns what is known by now; undefined: nothing, or none are searched for */
  for(query: string, model: PageModel): Addresses | undefined {
    if (!mayBeAddress(query)) return undefined;
    if (!this.#isAsking && this.#io.now() - this.#askedAt >= FRESH) void this.#ask(model);
    return this.#addresses;
  }

  async #ask(model: PageModel): Promise<void> {
    this.#isAsking = true;
    const answer = await this.#io.rows('/v1/links?addresses', null);
    this.#isAsking = false;
    this.#askedAt = this.#io.now();
    if (answer === null) return;
    this.#addresses = addressesOf(model, answer.rows as readonly Row[]);
    this.#changed();
  }
}

/** By the keys of links. */
function addressesOf({ namespaces }: PageModel, rows: readonly Row[]): Addresses {
  const keys = new Map<string, string>();
  for (const { key, own, number, identity, ended } of namespaces.values()) {
    if (ended !== null) continue;
    if (own) keys.set('own', key);
    if (number !== null) keys.set(`number ${number}`, key);
    if (identity !== null) keys.set(identityKey(identity), key);
  }
  const found = new Map<string, readonly string[]>();
  for (const { number = null, namespace, own, ifindex, addresses } of rows) {
    const key =
      (own === true ? keys.get('own') : undefined) ??
      (namespace === null ? undefined : keys.get(identityKey(namespace))) ??
      keys.get(`number ${number}`);
    if (key !== undefined && addresses !== null) found.set(`${key}/${ifindex}`, addresses);
  }
  return found;
}
