/**
 * What links are called, by what was reported of them: an event has the number of a master, and of
 * a link that was renamed the new name only. No more are remembered than there are.
 */
import type { Link, LinkEvent, LinkNamespace } from '../watch/links/link-types.ts';
import { keyOf, numberKey } from '../watch/links/link-namespace-key.ts';
import type { LinkOutputEvent } from './output-event.ts';

export class LinkNames {
  readonly #names = new Map<string, Map<number, string>>();

  /** What is there at the start. @param links all of the namespace */
  present(netns: LinkNamespace, links: readonly Link[]): LinkOutputEvent[] {
    for (const link of links) this.#keep(netns, link);
    return links.map((link) => this.#known({ type: 'linkPresent', netns, link, formerName: null }));
  }

  /** The event, with names. */
  told(event: LinkEvent): LinkOutputEvent {
    const { link } = event;
    if (event.type === 'linkMoved') {
      const { from, to } = event;
      this.#drop(from.netns, from.ifindex);
      this.#keep(to.netns, link);
      return this.#known({ ...event, netns: to.netns, formerName: from.name });
    }
    const { netns } = event;
    const formerName = this.#names.get(keyOf(netns))?.get(link.ifindex) ?? null;
    const known = this.#known({ ...event, formerName });
    if (event.type === 'linkRemoved') this.#drop(netns, link.ifindex);
    else this.#keep(netns, link);
    return known;
  }

  /** A namespace ended, and all in it with it. @param number of the namespace; null: unknown */
  ended(number: number | null): void {
    if (number !== null) this.#names.delete(numberKey(number));
  }

  #known<Event extends Omit<LinkOutputEvent, 'masterName'>>(
    event: Event,
  ): Event & { masterName: string | null } {
    const { master } = event.link;
    const masterName = master === null ? null : (this.#names.get(keyOf(event.netns))?.get(master) ?? null);
    return { ...event, masterName };
  }

  #keep(netns: LinkNamespace, { ifindex, name }: Link): void {
    const key = keyOf(netns);
    const names = this.#names.get(key) ?? new Map<number, string>();
    this.#names.set(key, names.set(ifindex, name));
  }

  #drop(netns: LinkNamespace, ifindex: number): void {
    const key = keyOf(netns);
    const names = this.#names.get(key);
    names?.delete(ifindex);
    if (names?.size === 0) this.#names.delete(key);
  }
}
