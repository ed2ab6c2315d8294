/** What agents publish, one message at a time, as the wire has it. */
import { jetstream } from '@nats-io/jetstream';
import type { JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { encodeDelta } from '../../../../src/wire/delta.ts';
import { encodeHead } from '../../../../src/wire/head.ts';
import type { Head } from '../../../../src/wire/head.ts';
import { encodeSnapshot } from '../../../../src/wire/snapshot.ts';
import { deltaSubject, headSubject, snapshotSubject } from '../../../../src/wire/subjects.ts';
import { connectNats } from '../../../../src/nats/connect.ts';
import { makeStreams } from '../../../../src/nats/streams.ts';
import { headOf } from '../../../support/head.ts';
import type { NatsServer } from '../../../support/nats-server.ts';

const EPOCH = '0123456789abcdef';

export class Publisher {
  readonly connection: NatsConnection;
  readonly #js: JetStreamClient;

  constructor(connection: NatsConnection) {
    this.connection = connection;
    this.#js = jetstream(connection);
  }

  static async connect(
    server: NatsServer,
    user: { user?: string; password?: string } = {},
  ): Promise<Publisher> {
    return new Publisher(
      await connectNats(
        { servers: server.url, ...user },
        { name: 'test', inbox: '_INBOX', patience: 30_000 },
      ),
    );
  }

  makeStreams(shards: readonly string[] = ['0']): Promise<unknown> {
    return makeStreams(this.connection, { shards, maxBytes: { heads: 1e6, deltas: 4e6, snapshots: 8e6 } });
  }

  /** Done when it is kept. */
  async raw(subject: string, payload: string | Uint8Array): Promise<void> {
    await this.#js.publish(subject, payload);
  }

  head(key: string, seq: number, more: Partial<Head> = {}): Promise<void> {
    return this.raw(headSubject(key), encodeHead(headOf(EPOCH, { seq, ...more })));
  }

  delta(key: string, first: number, count = 1, shard = '0'): Promise<void> {
    const events = Array.from({ length: count }, (_, at) => JSON.stringify({ type: 'test', time: '', at }));
    return this.raw(deltaSubject(shard, key), encodeDelta(EPOCH, first, events));
  }

  async snapshot(key: string, seq: number, json: string): Promise<number> {
    const parts = encodeSnapshot(EPOCH, seq, json, null);
    for (const [part, bytes] of parts.entries()) await this.raw(snapshotSubject(key, part), bytes);
    return parts.length;
  }
}
