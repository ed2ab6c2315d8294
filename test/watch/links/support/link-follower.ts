/**
 * Follows a `UnifiedNamespaceWatcher` with `links`: takes its events as late as it is told to, holds
 * them against its own list, and shows that list as a graph whose namespaces have the labels of
 * their markers.
 */
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../../support/random.ts';
import type { LinkEvent, LinkNamespace } from '../../../../src/watch/links/link-types.ts';
import type {
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../../src/watch/unified/unified-events.ts';
import type { UnifiedIo } from '../../../../src/watch/unified/unified-options.ts';
import { UnifiedNamespaceWatcher } from '../../../../src/watch/unified/unified-namespace-watcher.ts';
import { differences, MARKER, reachable } from './graph-view.ts';
import type { GraphView, ViewedLink, ViewedPeer } from './graph-view.ts';
import { isKnown } from './link-host.ts';
import type { PlaceView } from './link-host.ts';
import { describeLinks, keyOf, LinkReplay } from './link-replay.ts';
import type { EntryWithLinks } from './link-replay.ts';
import { readTruth } from './link-truth.ts';

/** Before the first look, and between two. Milliseconds. */
const PAUSE = 15;

export class LinkFollower implements GraphView {
  readonly watcher: UnifiedNamespaceWatcher;
  /** Called with each event that is taken. */
  onEvent: (event: UnifiedEvent | LinkEvent) => void = () => {};
  readonly #replay: LinkReplay;
  readonly #processes: boolean;

  static async open(options: UnifiedNamespaceWatcherOptions, io?: UnifiedIo): Promise<LinkFollower> {
    const wanted = { links: true, ...options };
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch(wanted, io);
    return new LinkFollower(watcher, namespaces, options.unnamed === true);
  }

  private constructor(
    watcher: UnifiedNamespaceWatcher,
    snapshot: readonly EntryWithLinks[],
    processes: boolean,
  ) {
    this.watcher = watcher;
    this.#replay = new LinkReplay(snapshot);
    this.#processes = processes;
  }

  get toldLast(): string {
    return this.#replay.toldLast;
  }

  /** What was told by now is not to be in {@link toldLast}. */
  forget(): void {
    this.#replay.forget();
  }

  /** Takes what there is. @param most how many events */
  take(most: number = Infinity): void {
    for (let taken = 0; taken < most; taken++) {
      const event: UnifiedEvent | LinkEvent | undefined = this.watcher.tryRecv();
      if (event === undefined) return;
      this.#replay.apply(event);
      this.onEvent(event);
    }
  }

  links(): ViewedLink[] {
    const entries: readonly EntryWithLinks[] = this.watcher.namespaces();
    const labels = new Map(entries.map((entry) => [keyOf(entry), labelOf(entry)]));
    const peerOf = ({ netns, ifindex, name }: { netns: LinkNamespace } & ViewedEnd): ViewedPeer => ({
      netns: labels.get(keyOf(netns)) ?? `no entry ${keyOf(netns)}`,
      ifindex,
      name,
    });
    return entries.flatMap((entry) =>
      (entry.links ?? []).map(({ ifindex, name, kind, state, up, mtu, master, altNames, peer }) => ({
        netns: labelOf(entry),
        ...{ ifindex, name, kind, state, up, mtu, master },
        altNames: [...altNames].sort(),
        peer: peer === null ? null : peerOf(peer),
      })),
    );
  }

  /** How it differs from a full read, and from what it told. */
  wrong(places: readonly PlaceView[], truth: readonly ViewedLink[]): string[] {
    this.take();
    const roots = places.filter((place) => isKnown(place, this.#processes)).map(({ label }) => label);
    const wrong = differences(truth, this, reachable(roots, truth));
    const { buffered } = this.watcher.stats();
    const told = new Set(this.#replay.describe());
    const own = new Set(describeLinks(this.watcher.namespaces()));
    for (const line of own) if (!told.has(line)) wrong.push(`in the list, not told: ${line}`);
    for (const line of told) if (!own.has(line)) wrong.push(`told, not in the list: ${line}`);
    if (buffered > 0) wrong.push(`${buffered} events are to come`);
    return wrong;
  }
}

interface ViewedEnd {
  ifindex: number | null;
  name: string | null;
}

/** What its marker says, or who knows it by what. */
const labelOf = (entry: EntryWithLinks): string =>
  entry.links?.find(({ name }) => name.startsWith(MARKER))?.name.slice(MARKER.length) ??
  `${keyOf(entry)} without a marker`;

/**
 * Waits until all followers show what a full read shows.
 * @param patience how long, in milliseconds
 * @returns how they still differ; empty: not at all
 */
export async function settle(
  places: () => readonly PlaceView[],
  followers: readonly LinkFollower[],
  patience: number,
): Promise<string[]> {
  const end = performance.now() + patience;
  for (;;) {
    await setTimeout(PAUSE);
    for (const follower of followers) follower.take();
    const truth = await readTruth(places());
    const wrong =
      truth === null ? ['no full read'] : followers.flatMap((follower) => follower.wrong(places(), truth));
    if (wrong.length === 0 || performance.now() > end) return wrong;
  }
}

/** Some of the followers take some of what they were told. */
export function takeSome(followers: readonly LinkFollower[], random: Random): void {
  for (const follower of followers) if (random.below(3) === 0) follower.take(1 + random.below(8));
}
