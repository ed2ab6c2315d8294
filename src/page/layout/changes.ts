/** Which namespaces are not the same objects as last time, and which others that may concern. */
import type { PageLink, PageNamespace } from '../model/page-types.ts';

export interface Change {
  readonly changed: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  /** Those at the other end of a link that changed. */
  readonly near: ReadonlySet<string>;
}

export class Changes {
  readonly #known = new Map<string, PageNamespace>();

  get(key: string): PageNamespace | undefined {
    return this.#known.get(key);
  }

  take(namespaces: ReadonlyMap<string, PageNamespace>): Change {
    const changed = new Set<string>();
    const gone = new Set<string>();
    const near = new Set<string>();
    for (const [key, namespace] of namespaces) {
      const before = this.#known.get(key);
      if (before === namespace) continue;
      changed.add(key);
      this.#known.set(key, namespace);
      nearOf(before, namespace, near);
    }
    if (this.#known.size > namespaces.size)
      for (const [key, before] of this.#known) {
        if (namespaces.has(key)) continue;
        gone.add(key);
        this.#known.delete(key);
        nearOf(before, undefined, near);
      }
    for (const key of gone) near.delete(key);
    return { changed, gone, near };
  }
}

function nearOf(
  before: PageNamespace | undefined,
  after: PageNamespace | undefined,
  near: Set<string>,
): void {
  const none: ReadonlyMap<string, PageLink> = new Map();
  const old = before?.links ?? none;
  const links = after?.links ?? none;
  const add = (link: PageLink | undefined): void => {
    const key = link?.peer?.namespace ?? null;
    if (key !== null) near.add(key);
  };
  for (const [key, link] of links) {
    const was = old.get(key);
    if (was === link) continue;
    add(link);
    add(was);
  }
  for (const [key, link] of old) if (!links.has(key)) add(link);
}
