/**
 * What a watcher of links tells, as short lines in which each namespace has the label of its
 * marker: `added blue-1:eth0 -> own:v0`, `moved own:a -> blue-1:b`, `destroyed blue-1`.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import { freshTable } from '../../../support/nsids.ts';
import { waitFor } from '../../../support/wait.ts';
import type { Link, LinkEvent, LinkNamespace } from '../../../../src/watch/links/link-types.ts';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../../src/watch/unified/unified-events.ts';
import type { UnifiedIo } from '../../../../src/watch/unified/unified-options.ts';
import { MARKER } from './graph-view.ts';
import { LinkFollower, settle } from './link-follower.ts';
import { LinkHost } from './link-host.ts';
import type { Place } from './link-host.ts';
import { keyOf } from './link-replay.ts';
import { LinkRequests } from './link-requests.ts';

/** Long enough for a slow and busy machine: reached only by a failure. */
const PATIENCE = 20_000;

type Told = UnifiedEvent | LinkEvent;

export class LinkStory {
  readonly host: LinkHost;
  readonly follower: LinkFollower;
  readonly events: Told[] = [];
  readonly #labels = new Map<string, string>();
  #at = 0;

  private constructor(host: LinkHost, follower: LinkFollower) {
    this.host = host;
    this.follower = follower;
    this.#label();
    follower.onEvent = (event) => {
      this.events.push(event);
      if (event.type === 'linkAdded' && event.link.name.startsWith(MARKER))
        this.#labels.set(keyOf(event.netns), event.link.name.slice(MARKER.length));
    };
  }

  /** Until the end of the test. */
  static async open(
    t: TestContext,
    host: LinkHost,
    options: UnifiedNamespaceWatcherOptions = {},
    io?: UnifiedIo,
  ): Promise<LinkStory> {
    const follower = await LinkFollower.open(options, io);
    t.after(() => follower.watcher.stop());
    return new LinkStory(host, follower);
  }

  /** Waits until it shows what is. @returns what was told since the last time */
  async settle(): Promise<string[]> {
    const wrong = await settle(() => this.host.places, [this.follower], PATIENCE);
    assert.deepEqual(wrong, [], this.follower.toldLast);
    return this.told();
  }

  /** Waits for a line. @returns what was told since the last time */
  async until(line: string): Promise<string[]> {
    const lines: string[] = [];
    await waitFor(`${line}; told: ${lines.join(', ')}`, () => {
      this.follower.take();
      lines.push(...this.told());
      return lines.includes(line);
    }).catch((error: unknown) => {
      throw new Error(`no ${line}; told: ${lines.join(', ')}`, { cause: error });
    });
    return lines;
  }

  /** What was told since the last time. */
  told(): string[] {
    const events = this.events.slice(this.#at);
    this.#at = this.events.length;
    return events.flatMap((event) => this.#line(event) ?? []);
  }

  /** A link by the label of its namespace and its name. */
  link(label: string, name: string): Link {
    const link = this.entry(label).links?.find((one) => one.name === name);
    assert(link !== undefined, `no ${label}:${name}`);
    return link;
  }

  /** Where a link leads, in short. */
  peer(label: string, name: string): string {
    return this.#peer(this.link(label, name));
  }

  entry(label: string): InventoryEntry {
    this.#label();
    const entry = this.follower.watcher.namespaces().find((one) => this.#labelOf(one) === label);
    assert(entry !== undefined, `no ${label}`);
    return entry;
  }

  #label(): void {
    for (const entry of this.follower.watcher.namespaces()) {
      const marker = entry.links?.find(({ name }) => name.startsWith(MARKER));
      if (marker !== undefined) this.#labels.set(keyOf(entry), marker.name.slice(MARKER.length));
    }
  }

  #labelOf(one: Parameters<typeof keyOf>[0]): string {
    return this.#labels.get(keyOf(one)) ?? keyOf(one);
  }

  #end(netns: LinkNamespace, { name }: { name: string | null }): string {
    return `${this.#labelOf(netns)}:${name}`;
  }

  #peer({ peer, peerState }: Link): string {
    if (peer !== null) return `-> ${this.#end(peer.netns, peer)}`;
    return peerState ?? 'alone';
  }

  /** Null: a marker, or a name. */
  #line(event: Told): string | null {
    switch (event.type) {
      case 'linkAdded':
      case 'linkRemoved': {
        const { netns, link, type } = event;
        if (link.name.startsWith(MARKER) || link.name === 'lo') return null;
        const end = this.#end(netns, link);
        return type === 'linkAdded' ? `added ${end} ${this.#peer(link)}` : `removed ${end}`;
      }
      case 'linkChanged':
        return `changed ${this.#end(event.netns, event.link)} ${event.changed.toSorted().join(' ')} ${this.#peer(event.link)}`;
      case 'linkMoved':
        return `moved ${this.#end(event.from.netns, event.from)} to ${this.#end(event.to.netns, event.to)}`;
      case 'destroyed':
        return `destroyed ${this.#labelOf({ own: false, ...event })}`;
      case 'found':
        return 'found';
      case 'resynced':
        return `resynced ${event.lost.join(' ')}`;
      case 'linksUnavailable':
        return 'linksUnavailable';
      default:
        return null;
    }
  }
}

/** A host with nothing in it but the test's own namespace. */
export function freshHost(t: TestContext): LinkHost {
  freshTable(t);
  return new LinkHost(t);
}

/** Asks the kernel, in the namespace of a place. */
export const inside = <T>(place: Place, use: (requests: LinkRequests) => T): T =>
  LinkRequests.inside(place.path, use);

/** One end, and where it is. */
export interface At {
  place: Place;
  name: string;
  index: number;
}

export function veth(near: At, far: At): void {
  inside(near.place, (requests) =>
    requests.add('veth', near, { peer: { name: far.name, index: far.index, path: far.place.path } }),
  );
}

export const move = (from: At, to: Place, name: string | null = null, index: number | null = null): void =>
  inside(from.place, (requests) => requests.move(from.index, { path: to.path, name, index }));
