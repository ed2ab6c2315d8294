/**
 * Follows a subscriber and holds what it tells against the replay invariant: the snapshot plus the
 * events in order equals the subscriber's own state and a fresh listing whenever all is quiet, and
 * for one id `newNsid` and `delNsid` strictly alternate.
 */
import { strict as assert } from 'node:assert';
import type { TestContext } from 'node:test';
import type { Connection } from '../../../src/netlink/index.ts';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import type { SubscriberIo } from '../../../src/watch/ids/nsid-engine.ts';
import type {
  NamespaceEventSubscriberOptions,
  NamespaceIdEvent,
} from '../../../src/watch/ids/nsid-events.ts';
import { Follower } from './follower.ts';
import { brief } from './nsid-brief.ts';
import { BARRIER, closingIfRefused, connect, passBatches } from '../../support/nsids.ts';

/**
 * What a snapshot and the events after it come to. Fails at the first event that cannot follow the
 * others.
 */
export class NsidModel {
  readonly ids: Set<number>;
  /** Those whose end was the last that was told of them. */
  readonly #ended = new Set<number>();
  /** For each id in another namespace, whether it is assigned, as far as has been told. */
  readonly #others = new Map<number, Map<number, boolean>>();

  constructor(snapshot: readonly number[]) {
    this.ids = new Set(snapshot);
    assert.equal(this.ids.size, snapshot.length, 'an id stands twice in the snapshot');
  }

  /**
   * @param complete whether the subscriber knows all ids, so that it cannot tell the end of one
   * that it never told
   */
  apply(event: NamespaceIdEvent, complete: boolean): void {
    if (event.type === 'resynced') return;
    const { type, nsid, origin } = event;
    const isNew = type === 'newNsid';
    const what = `${brief(event)}: newNsid and delNsid must alternate`;
    if (origin !== undefined) {
      const table = this.#others.get(origin) ?? new Map<number, boolean>();
      this.#others.set(origin, table);
      assert.notEqual(table.get(nsid), isNew, what);
      table.set(nsid, isNew);
      return;
    }
    if (isNew || complete) assert.equal(this.ids.has(nsid), !isNew, what);
    if (isNew) {
      this.ids.add(nsid);
      this.#ended.delete(nsid);
      return;
    }
    assert.equal(this.#ended.has(nsid), false, what);
    this.ids.delete(nsid);
    this.#ended.add(nsid);
    // A namespace that has gone takes its own table with it.
    this.#others.delete(nsid);
  }
}

/** A subscriber, its snapshot, and all that it told since. */
export class NsidReplay extends Follower<NamespaceIdEvent> {
  readonly subscriber: NamespaceEventSubscriber;
  /** To the namespace that is listened in. */
  readonly connection: Connection;
  readonly snapshot: readonly number[];
  readonly model: NsidModel;
  #expected: readonly number[] | null = null;

  /** Starts to listen; stops at the end of the test. */
  static async open(
    t: TestContext,
    options: NamespaceEventSubscriberOptions = {},
    io?: SubscriberIo,
  ): Promise<NsidReplay> {
    const { namespace, directory } = options;
    const connection = await connect(t, { namespace, directory });
    const subscriber = await closingIfRefused(connection, NamespaceEventSubscriber.open(options, io));
    t.after(() => subscriber.stop());
    return new NsidReplay(subscriber, connection);
  }

  private constructor(subscriber: NamespaceEventSubscriber, connection: Connection) {
    super(subscriber, brief);
    this.subscriber = subscriber;
    this.connection = connection;
    this.snapshot = subscriber.nsids();
    this.model = new NsidModel(this.snapshot);
  }

  /** Stops before the end of the test. */
  async close(): Promise<void> {
    await this.subscriber.stop();
    this.connection.close();
  }

  /**
   * As {@link settle}, once these are the ids that are assigned: the kernel frees namespaces when
   * it gets round to it.
   */
  async settleAt(...ids: number[]): Promise<string[]> {
    this.#expected = ids.toSorted((a, b) => a - b);
    const told = await this.settle();
    this.#expected = null;
    return told;
  }

  /** Assigns an id, by a connection in the namespace that is listened in. */
  assign(path: string, nsid: number | 'auto' = 'auto'): Promise<number> {
    return this.connection.setNsid({ path }, nsid);
  }

  /**
   * Waits until the kernel has freed what nothing holds by now, and the end of each of them has
   * been told.
   * @returns what was told meanwhile, in brief, without what served for this
   */
  async barrier(): Promise<string[]> {
    const told: string[] = [];
    await passBatches(this.connection, async () => {
      told.push(...(await this.until(`del ${BARRIER}`)));
    });
    return told.filter((line) => !line.endsWith(` ${BARRIER}`));
  }

  protected apply(event: NamespaceIdEvent): void {
    this.model.apply(event, this.subscriber.stats().complete);
  }

  protected async holds(late: boolean): Promise<boolean> {
    const { buffered, events } = this.subscriber.stats();
    const own = this.subscriber.nsids();
    const { entries } = await this.connection.listNsids({ known: own });
    const fresh = entries.map(({ nsid }) => nsid);
    const replayed = [...this.model.ids].sort((a, b) => a - b);
    const state = { buffered, events, own, replayed, fresh };
    const quiet = { buffered: 0, events: this.events.length, own: fresh, replayed: fresh };
    const wanted = { ...quiet, fresh: this.#expected ?? fresh };
    if (late) assert.deepEqual(state, wanted, 'the subscriber, its events and a listing differ');
    return JSON.stringify(state) === JSON.stringify(wanted);
  }
}
