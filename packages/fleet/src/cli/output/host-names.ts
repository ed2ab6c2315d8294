/** What hosts are called where people read it, and which of them are meant. */
import { globs, shown } from '../../core.ts';
import type { FleetHost } from '../../reader/fleet-types.ts';

type Called = Pick<FleetHost, 'id' | 'key' | 'name'>;

/** As much of a key as tells it from others, most of the time. */
const KEY_DIGITS = 8;

/** What hosts are called, as long as they are known: a line costs no look at all of them. */
export class HostNames {
  /** By their ids. */
  readonly #names = new Map<string, string>();
  /** How many have it. */
  readonly #counts = new Map<string, number>();

  constructor(hosts: readonly Called[]) {
    for (const host of hosts) this.know(host);
  }

  know({ id, name }: Called): void {
    if (this.#names.get(id) === name) return;
    this.forget({ id });
    this.#names.set(id, name);
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  forget({ id }: Pick<Called, 'id'>): void {
    const name = this.#names.get(id);
    if (name === undefined) return;
    this.#names.delete(id);
    const left = (this.#counts.get(name) ?? 1) - 1;
    if (left === 0) this.#counts.delete(name);
    else this.#counts.set(name, left);
  }

  /** Its name, and where several have that one, a part of its id too. */
  of({ id, key, name }: Called): string {
    if ((this.#counts.get(name) ?? 0) < 2) return shown(name);
    return `${shown(name)}~${id === key ? key.slice(0, KEY_DIGITS) : id.slice(-KEY_DIGITS)}`;
  }
}

/** @param words names, keys, ids, or patterns of them; none: all */
export function hostMatcher(words: readonly string[]): (host: Called) => boolean {
  if (words.length === 0) return () => true;
  const isMeant = globs(words);
  return ({ id, key, name }) => isMeant(name) || isMeant(key) || isMeant(id);
}
