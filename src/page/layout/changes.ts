/** Which namespaces are not the same objects as last time, and which others that may concern. */
import type { PageLink, PageNamespace } from '../../replay/replay-types.ts';

export interface Change {
  readonly changed: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  /** Those at the other end of a link that changed. */
  readonly near: ReadonlySet<string>;
}

export class Changes {
  readonly #known = new Map<string, PageNamespace>();
  /** By namespace: its links as they were, since its own map is changed in place. */
  readonly #links = new Map<string, Map<string, PageLink>>();

  /** Of each that is there: how many links it has. */
  readonly #counted = new Map<string, number>();
  #total = 0;

  /** Of those that have not ended. */
  get counts(): { readonly namespaces: number; readonly links: number } {
    return { namespaces: this.#counted.size, links: this.#total };
  }

  get(key: string): PageNamespace | undefined {
    return this.#known.get(key);
  }

  take(namespaces: ReadonlyMap<string, PageNamespace>): Change {
    const changed = new Set<string>();
    const gone = new Set<string>();
    const near = new Set<string>();
    for (const [key, namespace] of namespaces) {
      if (this.#known.get(key) === namespace) continue;
      changed.add(key);
      this.#known.set(key, namespace);
      this.#compare(key, namespace.links, near);
      this.#count(key, namespace.ended === null ? there(namespace.links) : null);
    }
    if (this.#known.size > namespaces.size)
      for (const key of this.#known.keys()) {
        if (namespaces.has(key)) continue;
        gone.add(key);
        this.#compare(key, NONE, near);
        this.#known.delete(key);
        this.#links.delete(key);
        this.#count(key, null);
      }
    for (const key of gone) near.delete(key);
    return { changed, gone, near };
  }

  #count(key: string, links: number | null): void {
    this.#total += (links ?? 0) - (this.#counted.get(key) ?? 0);
    if (links === null) this.#counted.delete(key);
    else this.#counted.set(key, links);
  }

  #compare(key: string, links: ReadonlyMap<string, PageLink>, near: Set<string>): void {
    const before = this.#links.get(key) ?? new Map<string, PageLink>();
    this.#links.set(key, before);
    for (const [name, link] of links) {
      const was = before.get(name);
      if (was === link) continue;
      before.set(name, link);
      addFar(near, link);
      addFar(near, was);
    }
    if (before.size === links.size) return;
    for (const [name, link] of before) {
      if (links.has(name)) continue;
      before.delete(name);
      addFar(near, link);
    }
  }
}

/** How many have not ended. */
function there(links: ReadonlyMap<string, PageLink>): number {
  let count = 0;
  for (const { ended } of links.values()) if (ended === null) count++;
  return count;
}

const NONE: ReadonlyMap<string, PageLink> = new Map();

function addFar(near: Set<string>, link: PageLink | undefined): void {
  const key = link?.peer?.namespace ?? null;
  if (key !== null) near.add(key);
}
