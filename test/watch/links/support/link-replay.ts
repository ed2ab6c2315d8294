/**
 * What a list of namespaces with their links, and the events after it, come to. Fails at the first
 * event that cannot follow the others:
 *
 * | event         | before                 | after                                       |
 * | ------------- | ---------------------- | ------------------------------------------- |
 * | `linkAdded`   | not there              | there                                       |
 * | `linkChanged` | there                  | what `changed` names differs, nothing else  |
 * | `linkMoved`   | there; nothing at `to` | there, at `to`; nothing at `from`           |
 * | `linkRemoved` | there, as it says      | not there                                   |
 * | `destroyed`   | -                      | none of its links is there                  |
 */
import { strict as assert } from 'node:assert';
import type { Link, LinkEvent, LinkNamespace } from '../../../../src/watch/links/link-types.ts';
import type { InventoryEntry, UnifiedEvent } from '../../../../src/watch/unified/unified-events.ts';

export type EntryWithLinks = InventoryEntry & { links?: readonly Link[] };

/** By what a namespace is told from all others, in entries and events. */
export function keyOf(
  one: Pick<LinkNamespace, 'namespace' | 'nsid' | 'own'> & { number?: number | null },
): string {
  if (one.own) return 'own';
  if (typeof one.number === 'number') return `n${one.number}`;
  return one.namespace === null ? `nsid ${one.nsid}` : `id ${one.namespace.id}`;
}

type Flat = Record<string, string>;

/** Field by field, as text; of the namespace of the far end only which one it is. */
function flat({ peer, ...rest }: Link): Flat {
  const fields: Flat = {};
  for (const [key, value] of Object.entries(rest)) fields[key] = JSON.stringify(value);
  fields['peer'] = peer === null ? 'null' : `${keyOf(peer.netns)}:${peer.ifindex}:${peer.name}`;
  return fields;
}

const spell = (netns: string, fields: Flat): string =>
  `${netns}: ${Object.keys(fields)
    .sort()
    .map((key) => `${key} ${fields[key]}`)
    .join(', ')}`;

/** An inventory's links as sorted lines. */
export const describeLinks = (entries: readonly EntryWithLinks[]): string[] =>
  entries.flatMap((entry) => (entry.links ?? []).map((link) => spell(keyOf(entry), flat(link)))).sort();

export class LinkReplay {
  readonly #links = new Map<string, Flat>();
  /** What was told last, in few words. */
  readonly #told: string[] = [];

  constructor(snapshot: readonly EntryWithLinks[]) {
    for (const entry of snapshot)
      for (const link of entry.links ?? []) this.#put(keyOf(entry), link, 'in the snapshot');
  }

  /** As {@link describeLinks}. */
  describe(): string[] {
    return [...this.#links].map(([key, fields]) => spell(netnsOf(key), fields)).sort();
  }

  /** The last events, a line each. */
  get toldLast(): string {
    return this.#told.slice(-80).join('\n');
  }

  forget(): void {
    this.#told.length = 0;
  }

  apply(event: UnifiedEvent | LinkEvent): void {
    const words = brief(event);
    this.#told.push(words);
    switch (event.type) {
      case 'linkAdded':
        this.#put(keyOf(event.netns), event.link, words);
        break;
      case 'linkChanged':
        this.#change(keyOf(event.netns), event.link, event.changed, words);
        break;
      case 'linkMoved': {
        const { name } = this.#take(keyOf(event.from.netns), event.from.ifindex, words);
        assert.equal(name, JSON.stringify(event.from.name), words);
        assert.equal(event.to.ifindex, event.link.ifindex, words);
        assert.equal(event.to.name, event.link.name, words);
        this.#put(keyOf(event.to.netns), event.link, words);
        break;
      }
      case 'linkRemoved':
        assert.deepEqual(this.#take(keyOf(event.netns), event.link.ifindex, words), flat(event.link), words);
        break;
      case 'destroyed': {
        const netns = keyOf({ own: false, ...event });
        for (const key of this.#links.keys()) if (netnsOf(key) === netns) this.#links.delete(key);
        break;
      }
      default:
    }
  }

  #put(netns: string, link: Link, words: string): void {
    const key = `${netns}:${link.ifindex}`;
    assert(!this.#links.has(key), `${words}: it was there`);
    this.#links.set(key, flat(link));
  }

  #take(netns: string, ifindex: number, words: string): Flat {
    const key = `${netns}:${ifindex}`;
    const fields = this.#links.get(key);
    assert(fields !== undefined, `${words}: it was not there`);
    this.#links.delete(key);
    return fields;
  }

  #change(netns: string, link: Link, changed: readonly string[], words: string): void {
    const before = this.#take(netns, link.ifindex, words);
    const after = flat(link);
    const differ = Object.keys(after).filter((field) => after[field] !== before[field]);
    assert.deepEqual([...changed].sort(), differ.sort(), words);
    this.#put(netns, link, words);
  }
}

const netnsOf = (key: string): string => key.slice(0, key.lastIndexOf(':'));

const spellEnd = (netns: LinkNamespace, { ifindex, name }: { ifindex: number; name: string }): string =>
  `${keyOf(netns)} (${netns.names.map((one) => one.name).join(' ')}):${ifindex}:${name}`;

const spellLink = (netns: LinkNamespace, link: Link): string =>
  `${spellEnd(netns, link)} ${link.kind} ${link.peerState} -> ${flat(link)['peer']}`;

/** An event in few words. */
function brief(event: UnifiedEvent | LinkEvent): string {
  switch (event.type) {
    case 'linkMoved':
      return `linkMoved ${spellEnd(event.from.netns, event.from)} to ${spellLink(event.to.netns, event.link)}`;
    case 'linkChanged':
      return `linkChanged ${event.changed.join(' ')} ${spellLink(event.netns, event.link)}`;
    case 'linkAdded':
    case 'linkRemoved':
      return `${event.type} ${spellLink(event.netns, event.link)}`;
    default: {
      const number = 'number' in event ? ` n${event.number}` : '';
      return `${event.type} ${'name' in event ? event.name : ''}${number}`;
    }
  }
}
