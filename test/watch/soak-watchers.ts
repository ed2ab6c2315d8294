/**
 * The three watchers of the soak and what they told, held against what is there; and how long they
 * took to tell.
 */
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { listNamespaces } from '../../src/index.ts';
import type { Connection } from '../../src/netlink/index.ts';
import { NamespaceEventSubscriber } from '../../src/watch/ids/namespace-event-subscriber.ts';
import { NamespaceWatcher } from '../../src/watch/names/namespace-watcher.ts';
import { UnifiedNamespaceWatcher } from '../../src/watch/unified/unified-namespace-watcher.ts';
import { NsidModel } from './support/nsid-replay.ts';
import { ReplayModel } from './support/replay.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { knowsTheDead } from '../support/old-kernels.ts';
import { describe, UnifiedModel } from './support/unified-model.ts';

/** How long it may take until all is quiet, in milliseconds. */
const CALM = 60_000;

interface Followed {
  names: { watcher: NamespaceWatcher; model: ReplayModel };
  both: { watcher: UnifiedNamespaceWatcher; model: UnifiedModel };
  ids: { watcher: NamespaceEventSubscriber; model: NsidModel };
}

/** Three watchers, and what they told. */
export class Watchers {
  readonly latencies: number[] = [];
  /** When a name of the first directory got its namespace. */
  readonly made: Map<string, number> = new Map();
  events = 0;
  readonly #connection: Connection;
  readonly #directories: readonly string[];
  readonly #followed: Followed;
  #wrong: Error | null = null;

  static async open(
    t: TestContext,
    connection: Connection,
    directories: readonly string[],
  ): Promise<Watchers> {
    const [directory = ''] = directories;
    const names = await NamespaceWatcher.listAndWatch({ directory });
    const both = await UnifiedNamespaceWatcher.listAndWatch({ directories, netlink: 'require' });
    const ids = await NamespaceEventSubscriber.open();
    t.after(() => Promise.all([names.watcher.stop(), both.watcher.stop(), ids.stop()]));
    const model = new UnifiedModel(both.namespaces, both.watcher.isWatchingDeaths);
    model.knowsLives = knowsTheDead(netlinkSystem());
    return new Watchers(connection, directories, {
      names: { watcher: names.watcher, model: new ReplayModel(directory, names.namespaces) },
      both: { watcher: both.watcher, model },
      ids: { watcher: ids, model: new NsidModel(ids.nsids()) },
    });
  }

  private constructor(connection: Connection, directories: readonly string[], followed: Followed) {
    this.#connection = connection;
    this.#directories = directories;
    this.#followed = followed;
    const { names, both, ids } = followed;
    this.#follow(names.watcher, (event) => {
      if (event.type === 'created') this.#time(event.name);
      names.model.apply(event);
    });
    this.#follow(both.watcher, (event) => both.model.apply(event));
    this.#follow(ids.watcher, (event) => ids.model.apply(event, ids.watcher.stats().complete));
  }

  /** Waits until all is told, and fails with what differs. */
  async settle(): Promise<void> {
    const end = performance.now() + CALM;
    for (;;) {
      await setTimeout(20);
      const difference = await this.#difference();
      if (this.#wrong !== null) throw this.#wrong;
      if (difference === null) return;
      if (performance.now() > end) throw new Error(`not what is there after ${CALM} ms: ${difference}`);
    }
  }

  async #difference(): Promise<string | null> {
    const [directory = ''] = this.#directories;
    const { names, both, ids } = this.#followed;
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({
      directories: this.#directories,
    });
    await watcher.stop();
    const { entries } = await this.#connection.listNsids({ known: ids.watcher.nsids() });
    const state = {
      names: [...names.model.names.keys()].sort(),
      both: both.model.describe(),
      ids: [...ids.model.ids].sort((a, b) => a - b),
    };
    const there = {
      names: (await listNamespaces({ directory })).map(({ name }) => name).sort(),
      both: describe(namespaces),
      ids: entries.map(({ nsid }) => nsid),
    };
    return JSON.stringify(state) === JSON.stringify(there)
      ? null
      : `told ${JSON.stringify(state)}, there ${JSON.stringify(there)}`;
  }

  #follow<E>(watcher: AsyncIterable<E>, apply: (event: E) => void): void {
    const take = async (): Promise<void> => {
      for await (const event of watcher) {
        this.events++;
        apply(event);
      }
    };
    take().catch((error: Error) => {
      this.#wrong ??= error;
    });
  }

  #time(name: string): void {
    const since = this.made.get(name);
    if (since !== undefined) this.latencies.push(performance.now() - since);
    this.made.delete(name);
  }
}
