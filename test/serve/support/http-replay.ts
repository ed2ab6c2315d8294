/**
 * What a snapshot and the events after it, as they came over HTTP, come to: names, namespaces and
 * links. Each event says how something is, so that one told once more does no harm.
 */
import type { Fields } from './stream-reader.ts';

interface Link extends Fields {
  ifindex: number;
  name: string;
}

const keyOf = ({ own, number }: Fields): string => (own === true ? 'own' : `n${String(number)}`);
const idOf = (namespace: unknown): string | null => (namespace as { id: string | null } | null)?.id ?? null;

/** Of a link, by which it is compared. */
function linkLine({ name, kind, state, up, mtu, address, master, peerState, peer }: Fields): string {
  const far = peer as { ifindex: number | null; name: string | null } | null;
  return JSON.stringify([name, kind, state, up, mtu, address, master, peerState, far?.ifindex, far?.name]);
}

export class HttpReplay {
  readonly #names = new Map<string, string>();
  readonly #namespaces = new Set<string>();
  readonly #links = new Map<string, string>();

  readonly snapshot = ({ namespaces, links }: Fields): void => {
    this.#names.clear();
    this.#namespaces.clear();
    this.#links.clear();
    for (const row of namespaces as Fields[]) {
      this.#add(row['namespace']);
      if (row['name'] !== null) this.#name(row);
    }
    for (const row of links as Link[]) this.#links.set(`${keyOf(row)}:${row.ifindex}`, linkLine(row));
  };

  readonly event = (event: Fields): void => {
    switch (event['type']) {
      case 'created':
      case 'mounted':
        this.#add(event['namespace']);
        this.#name({ ready: true, ...event });
        break;
      case 'unmounted':
        this.#name({ ...event, ready: false, namespace: null });
        break;
      case 'deleted':
        this.#names.delete(String(event['path']));
        break;
      case 'found':
        this.#add(event['namespace']);
        break;
      case 'destroyed':
        this.#namespaces.delete(idOf(event['namespace']) ?? '');
        break;
      case 'linkAdded':
      case 'linkChanged':
        this.#links.set(linkKey(event), linkLine(event['link'] as Link));
        break;
      case 'linkMoved': {
        const from = event['from'] as Fields;
        this.#links.delete(`${keyOf(from)}:${String(from['ifindex'])}`);
        this.#links.set(linkKey(event), linkLine(event['link'] as Link));
        break;
      }
      case 'linkRemoved':
        this.#links.delete(linkKey(event));
        break;
      default:
    }
  };

  /**
   * Namespaces that are not there, and of which no end was told. One that was found by a link alone may
   * be told of without its identity, so others may be missing here.
   */
  deadIn(truth: HttpReplay): string[] {
    return [...this.#namespaces].filter((id) => !truth.#namespaces.has(id));
  }

  /** Names and links, a line for each, sorted. */
  describe(): string[] {
    return [
      ...[...this.#names].map(([path, rest]) => `${path} ${rest}`),
      ...[...this.#links].map(([key, rest]) => `${key} ${rest}`),
    ].sort();
  }

  #add(namespace: unknown): void {
    const id = idOf(namespace);
    if (id !== null) this.#namespaces.add(id);
  }

  #name({ path, ready, namespace }: Fields): void {
    this.#names.set(String(path), `${String(ready)} ${idOf(namespace)}`);
  }
}

const linkKey = (event: Fields): string => `${keyOf(event)}:${(event['link'] as Link).ifindex}`;
