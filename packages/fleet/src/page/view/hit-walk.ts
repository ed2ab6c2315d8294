/**
 * From one of what was found to the next. More is found while somebody walks: it goes on from where
 * it is, not from a number.
 */
import type { FoundHost, Hit, HostRow } from '../model/fleet-types.ts';

export interface Step {
  readonly id: string;
  /** Null: the host itself. */
  readonly hit: Hit | null;
}

export class HitWalk {
  #last: Step | null = null;

  /** Another search has begun. */
  reset(): void {
    this.#last = null;
  }

  /** @returns null: nothing was found */
  next(by: 1 | -1, hosts: readonly HostRow[], found: ReadonlyMap<string, FoundHost>): Step | null {
    const all = stepsOf(hosts, found);
    if (all.length === 0) return null;
    const at = this.#at(all);
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
    this.#last = all[next] ?? null;
    return this.#last;
  }

  /** Which it is at; -1: none of them. */
  at(hosts: readonly HostRow[], found: ReadonlyMap<string, FoundHost>): number {
    return this.#last === null ? -1 : this.#at(stepsOf(hosts, found));
  }

  #at(all: readonly Step[]): number {
    const last = this.#last;
    if (last === null) return -1;
    return all.findIndex(
      ({ id, hit }) => id === last.id && hit?.at === last.hit?.at && hit?.link === last.hit?.link,
    );
  }
}

const stepsOf = (hosts: readonly HostRow[], found: ReadonlyMap<string, FoundHost>): Step[] =>
  hosts.flatMap(({ id }): Step[] => {
    const { hits } = found.get(id) ?? { hits: null };
    if (hits === null) return [];
    return hits.length === 0 ? [{ id, hit: null }] : hits.map((hit) => ({ id, hit }));
  });
