/**
 * Follows a `UnifiedNamespaceWatcher` with `unnamed` through what a host does to namespaces, and
 * holds the snapshot plus the events against the watcher's own inventory, and both against what is
 * (unnamed-truth.ts), whenever all is quiet and all processes have been looked at.
 */
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../src/watch/unified/unified-events.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { DEADLINE } from '../../support/wait.ts';
import { Follower } from './follower.ts';
import type { UnnamedHost } from './unnamed-host.ts';
import { UnnamedIo } from './unnamed-io.ts';
import { describeUnnamed, tell, UnnamedModel } from './unnamed-model.ts';
import { PLACES } from './unnamed-operations.ts';
import { lookAt } from './unnamed-truth.ts';
import type { LivingNamespace } from './unnamed-truth.ts';

export class UnnamedReplay extends Follower<UnifiedEvent> {
  readonly watcher: UnifiedNamespaceWatcher;
  readonly model: UnnamedModel;
  readonly io: UnnamedIo;
  readonly #host: UnnamedHost;
  /** How many thorough scans have to have begun for all to be known. */
  #wanted = 0;

  static async open(host: UnnamedHost, options: UnifiedNamespaceWatcherOptions): Promise<UnnamedReplay> {
    const io = new UnnamedIo();
    const { directories } = host;
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch(
      { deaths: 'require', netlink: 'require', unnamed: true, directories, ...options },
      io.io,
    );
    return new UnnamedReplay(host, watcher, namespaces, io);
  }

  private constructor(
    host: UnnamedHost,
    watcher: UnifiedNamespaceWatcher,
    snapshot: readonly InventoryEntry[],
    io: UnnamedIo,
  ) {
    super(watcher, tell);
    this.#host = host;
    this.watcher = watcher;
    this.model = new UnnamedModel(snapshot);
    this.io = io;
  }

  /** What was told last of the host's namespaces, and of names. */
  get toldLast(): string {
    const isHosts = (event: UnifiedEvent): boolean => {
      const id = 'namespace' in event ? (event.namespace?.id ?? null) : null;
      return id === null || this.#host.made.has(id);
    };
    return this.events.filter(isHosts).slice(-60).map(tell).join(', ');
  }

  /** Takes what events there are. */
  take(): void {
    this.drain();
  }

  /** Waits until all processes are looked at once, taking events meanwhile. */
  async scanned(): Promise<void> {
    const { scans } = this.watcher.stats().processes ?? { scans: 0 };
    const end = performance.now() + DEADLINE;
    this.io.leap();
    while (this.watcher.stats().processes?.scans === scans) {
      this.drain();
      await setTimeout(1);
      assert(performance.now() < end, 'waited in vain for a scan');
    }
  }

  /** As in the base class, once all processes were looked at. */
  override async settle(): Promise<string[]> {
    this.#wanted = this.io.thorough + 1;
    this.io.leap();
    return super.settle();
  }

  protected apply(event: UnifiedEvent): void {
    this.model.apply(event);
  }

  protected holds(late: boolean): Promise<boolean> {
    const { buffered, pending, events } = this.watcher.stats();
    const entries = this.watcher.namespaces();
    this.model.learn(entries);
    const own = describeUnnamed(entries);
    const replayed = this.model.describe();
    const looked = this.io.thorough >= this.#wanted;
    const wrong = this.#wrong(entries);
    const state = { buffered, pending, events, own, looked, wrong };
    const wanted = {
      buffered: 0,
      pending: 0,
      events: this.events.length,
      own: replayed,
      looked: true,
      wrong: [],
    };
    if (late) assert.deepEqual(state, wanted, 'the watcher, its events and what is there differ');
    return Promise.resolve(JSON.stringify(state) === JSON.stringify(wanted));
  }

  /** What differs from what is there. */
  #wrong(entries: readonly InventoryEntry[]): string[] {
    const living = lookAt(this.#host);
    if (living === null) return ['something is about to end'];
    const wrong: string[] = [];
    const listed = entries.flatMap(({ names }) => names.map(({ path }) => path)).sort();
    const there = PLACES.map((place) => this.#host.pathOf(place)).filter((path) => existsSync(path));
    if (String(listed) !== String(there.sort())) wrong.push(`names ${String(listed)}, not ${String(there)}`);
    for (const one of living.values()) wrong.push(...this.#wrongOf(one, entries));
    for (const id of this.#host.made.ids) {
      if (living.has(id)) continue;
      if (entries.some(({ namespace }) => namespace?.id === id)) wrong.push(`${id} is dead, and an entry`);
      if (this.model.isKnown(id)) wrong.push(`${id} is dead, and its end was not told`);
    }
    return wrong;
  }

  #wrongOf({ id, nsid, paths, pids }: LivingNamespace, entries: readonly InventoryEntry[]): string[] {
    const isOwn = id === this.#host.made.own.id;
    if (this.model.isGone(id)) return [`${id} lives, and its end was told`];
    const found = entries.filter(({ namespace }) => namespace?.id === id);
    if (found.length > 1) return [`${id} has ${found.length} entries`];
    const [entry] = found;
    const wrong: string[] = [];
    const isSeen = paths.length > 0 || pids.length > 0;
    if (entry === undefined)
      return isSeen ? [`${id} has no entry: ${paths.join(' ')} of ${pids.join(' ')}`] : [];
    const equal = (what: string, has: unknown, wanted: unknown): void => {
      if (JSON.stringify(has) !== JSON.stringify(wanted))
        wrong.push(`${id}: ${what} ${JSON.stringify(has)}, not ${JSON.stringify(wanted)}`);
    };
    equal('names', entry.names.map(({ path }) => path).sort(), paths);
    equal(
      'pids',
      entry.pids?.toSorted((a, b) => a - b),
      pids,
    );
    equal('own', entry.own, isOwn);
    if (!isOwn && typeof entry.number !== 'number') wrong.push(`${id} has no number`);
    // Whoever was to be asked for it may have ended, or moved, just before: then it is nobody's.
    const isNobodys = entries.some((other) => other.nsid === nsid && other.namespace === null);
    if (entry.nsid !== null || !isNobodys) equal('nsid', entry.nsid, nsid);
    if (nsid !== null && !entries.some((other) => other.nsid === nsid))
      wrong.push(`${id}: #${nsid} is not there`);
    return wrong;
  }
}
