/**
 * Follows a `UnifiedNamespaceWatcher` and holds what it tells against the replay invariant: the
 * snapshot plus the events in order equals the watcher's own inventory, and that of a watcher
 * opened anew, whenever all is quiet.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import type { Connection } from '../../../src/netlink/index.ts';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../src/watch/unified/unified-events.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { knowsTheDead } from '../../support/old-kernels.ts';
import { Follower } from './follower.ts';
import { BARRIER, closingIfRefused, connect, passBatches } from '../../support/nsids.ts';
import { brief, describe, UnifiedModel } from './unified-model.ts';

export class UnifiedReplay extends Follower<UnifiedEvent> {
  readonly watcher: UnifiedNamespaceWatcher;
  readonly snapshot: readonly InventoryEntry[];
  readonly model: UnifiedModel;
  /** In the watcher's namespace. */
  readonly connection: Connection;
  readonly #options: UnifiedNamespaceWatcherOptions;
  /** The ids that are to be assigned for it to be quiet. */
  #expected: string | null = null;

  /** What the watcher that is opened anew works with. */
  #freshIo: UnifiedIo | undefined;

  /**
   * Starts to watch; stops at the end of the test.
   * @param freshIo for the watcher that is opened anew: default the real one
   */
  static async open(
    t: TestContext,
    options: UnifiedNamespaceWatcherOptions = {},
    io?: UnifiedIo,
    freshIo?: UnifiedIo,
  ): Promise<UnifiedReplay> {
    const connection = await connect(t);
    // What most tests are of has to hold without the deaths, as for those who may not watch them.
    const opening = UnifiedNamespaceWatcher.listAndWatch({ deaths: 'off', ...options }, io);
    const { namespaces, watcher } = await closingIfRefused(connection, opening);
    t.after(() => watcher.stop());
    const replay = new UnifiedReplay(options, namespaces, watcher, connection);
    replay.#freshIo = freshIo;
    return replay;
  }

  private constructor(
    options: UnifiedNamespaceWatcherOptions,
    snapshot: readonly InventoryEntry[],
    watcher: UnifiedNamespaceWatcher,
    connection: Connection,
  ) {
    super(watcher, brief);
    // Watching anew must change nothing, whatever this one does.
    this.#options = { ...options, assignNsids: false, deaths: 'off', signal: undefined };
    this.snapshot = snapshot;
    this.watcher = watcher;
    this.model = new UnifiedModel(snapshot, watcher.isWatchingDeaths);
    this.model.knowsLives = knowsTheDead(netlinkSystem());
    this.connection = connection;
  }

  /** Stops before the end of the test. */
  async close(): Promise<void> {
    await this.watcher.stop();
    this.connection.close();
  }

  /** Fails if anything else is told than these, in this order, until all is quiet. In brief. */
  async tells(...expected: string[]): Promise<void> {
    const told: string[] = [];
    while (told.length < expected.length)
      told.push(brief(await this.next(`${expected.join(', ')} after ${told.join(', ')}`)));
    assert.deepEqual([...told, ...(await this.settle())], expected);
  }

  /**
   * As {@link settle}, once these are the ids that are assigned, and nothing that lost its names
   * lives on: the kernel frees namespaces when it gets round to it.
   */
  async settleAt(...ids: number[]): Promise<string[]> {
    this.#expected = String(ids.toSorted((a, b) => a - b));
    const told = await this.settle();
    this.#expected = null;
    return told;
  }

  /**
   * Waits until the kernel has freed what nothing holds by now, and that has been told.
   * @returns what was told meanwhile, in brief, without what served for this
   */
  async barrier(): Promise<string[]> {
    const told: string[] = [];
    await passBatches(this.connection, async () => {
      told.push(...(await this.until(`destroyed #${BARRIER}`)));
    });
    return told.filter((line) => !line.endsWith(` #${BARRIER}`));
  }

  /**
   * The names of the inventory that a watcher opened now has, and their ids; as {@link
   * UnifiedModel.describe}.
   */
  async fresh(): Promise<string[]> {
    const netlink = this.watcher.isWatchingNsids ? 'require' : 'off';
    const options = { ...this.#options, netlink } as const;
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch(options, this.#freshIo);
    await watcher.stop();
    return describe(namespaces);
  }

  protected apply(event: UnifiedEvent): void {
    this.model.apply(event);
  }

  protected async holds(late: boolean): Promise<boolean> {
    const { buffered, pending, events } = this.watcher.stats();
    const own = describe(this.watcher.namespaces());
    const replayed = this.model.describe();
    const fresh = await this.fresh();
    const ids = fresh.map((line) => line.split('#')[1]).filter((nsid) => nsid !== undefined);
    const { ending } = this.model;
    const state = {
      buffered,
      pending,
      events,
      own,
      replayed,
      ids: String(ids.sort((a, b) => +a - +b)),
      ending,
    };
    const quiet = { buffered: 0, pending: 0, events: this.events.length, own: fresh, replayed: fresh };
    const wanted = {
      ...quiet,
      ids: this.#expected ?? state.ids,
      ending: this.#expected === null ? ending : 0,
    };
    if (late) assert.deepEqual(state, wanted, 'the watcher, its events and a watcher opened anew differ');
    return JSON.stringify(state) === JSON.stringify(wanted);
  }
}
