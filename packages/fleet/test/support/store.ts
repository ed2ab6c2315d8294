/** The streams of a test's server, seen by an admin. */
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '../../../../test/support/wait.ts';
import {
  DEFAULT_SHARD,
  deltasLane,
  deltaSubject,
  HEADS,
  headSubject,
  SNAPSHOTS,
  snapshotSubject,
  streamOf,
} from '../../src/wire/subjects.ts';
import { keptOf, namesOf } from './kept.ts';
import type { Kept } from './kept.ts';

export class Store {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;

  private constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.connection = connection;
    this.manager = manager;
  }

  static async open(connection: NatsConnection): Promise<Store> {
    return new Store(connection, await jetstreamManager(connection));
  }

  /** All that a lane has of a subject, oldest first. */
  async messages(lane: string, subject: string): Promise<Uint8Array[]> {
    const stream = streamOf(lane);
    const { name, num_pending: pending } = await this.manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      filter_subject: subject,
      inactive_threshold: 60e9,
      mem_storage: true,
    });
    if (pending === 0) return [];
    const consumer = await jetstream(this.connection).consumers.get(stream, name);
    const found: Uint8Array[] = [];
    for await (const message of await consumer.fetch({ max_messages: pending, expires: 5000 }))
      found.push(message.data);
    return found;
  }

  async kept(key: string, shard: string = DEFAULT_SHARD): Promise<Kept> {
    const [head = null] = await this.messages(HEADS, headSubject(key));
    const parts = await this.messages(SNAPSHOTS, snapshotSubject(key, '*'));
    return keptOf(head, parts, await this.messages(deltasLane(shard), deltaSubject(shard, key)));
  }

  /** Waits until what is kept of a host says these names. */
  async says(key: string, names: readonly string[]): Promise<void> {
    const wanted = JSON.stringify([...names].sort());
    let said = '';
    try {
      await waitFor(`the store to say of ${key} what is true`, async () => {
        // While the server is away, or a stream, that is the answer.
        const look = this.kept(key).then(namesOf);
        said = await look.then(JSON.stringify, String);
        return said === wanted;
      });
    } catch (error) {
      throw new Error(`of ${key} it says ${said.slice(0, 500)}, not ${wanted.slice(0, 500)}`, {
        cause: error,
      });
    }
  }
}
