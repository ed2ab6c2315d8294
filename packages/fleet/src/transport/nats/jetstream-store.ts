/**
 * A lane's stream over JetStream, read by a pull consumer of the lane's own (ADR-17's ordered one,
 * but for what happens after a loss: the client's begins again by itself at its old number, also in
 * a stream that was made anew; with nats-server 2.15 it is silent until that number is passed).
 *
 * The consumer is made first, then the stream is looked at: a stream that is made anew between the
 * two takes the consumer with it, and the reading ends. Pulls end after 2 s, so that a consumer that
 * is gone, or a server that has crashed, is seen within 3 s: with client 3.4.0 after one and a half
 * times as long. Whatever is not as it should be ends the reading.
 */
import { AckPolicy, DeliverPolicy, ReplayPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type {
  Consumer,
  ConsumerConfig,
  ConsumerMessages,
  JetStreamClient,
  JetStreamManager,
  JsMsg,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { markSubject, streamOf } from '../../wire/subjects.ts';
import type { LaneStore, Position, Reading, ReadingHandlers, StoredMessage } from './lane-store.ts';
import { answerOf, hasNoResponders, missing } from './answers.ts';

const EXPIRES = 2000;
/** How long the server keeps a consumer that nobody pulls from. */
const INACTIVE = 30_000;
const NANOS = 1e6;
/** Of an answer of the server. */
export const API_TIMEOUT = 3000;

/** What the client tells of a consumer that is no good any more. */
const ENDS: ReadonlySet<string> = new Set([
  'consumer_deleted',
  'consumer_not_found',
  'stream_not_found',
  'no_responders',
  'heartbeats_missed',
  'exceeded_limits',
]);

export interface JetStreamStoreOptions {
  lane: string;
  /** Of each subject only the last, or all. */
  isLast: boolean;
  /** Messages on the way at once. */
  batch: number;
  /** Who reads: in the names of consumers and the subjects of markers. */
  reader: string;
}

export class JetStreamStore implements LaneStore {
  readonly #options: JetStreamStoreOptions;
  readonly #stream: string;
  readonly #markSubject: string;
  #count = 0;
  #client: { js: JetStreamClient; jsm: JetStreamManager } | null = null;

  constructor(options: JetStreamStoreOptions) {
    this.#options = options;
    this.#stream = streamOf(options.lane);
    this.#markSubject = markSubject(options.lane, options.reader);
  }

  /** The connection that is used from now on. */
  async use(nc: NatsConnection): Promise<void> {
    const options = { timeout: API_TIMEOUT };
    // It sends nothing.
    const jsm = await jetstreamManager(nc, { ...options, checkAPI: false });
    this.#client = { js: jetstream(nc, options), jsm };
  }

  async open(position: Position | null, handlers: ReadingHandlers): Promise<Reading> {
    const { js, jsm } = this.#connected();
    const config = this.#config(position);
    const remove = (): void => void jsm.consumers.delete(this.#stream, config.name).catch(() => {});
    try {
      const made = await jsm.consumers.add(this.#stream, config);
      const { created, state } = await jsm.streams.info(this.#stream);
      const consumer = js.consumers.getConsumerFromInfo(made);
      const info = { created, last: state.last_seq, time: Date.parse(made.created) };
      return new ConsumerReading(info, consumer, this.#options.batch, handlers, remove);
    } catch (error) {
      const answer = answerOf(error, this.#stream);
      // Without an answer it may be made yet: a server that stood still makes all it was asked for.
      if (answer?.code !== 'ERR_FLEET_STREAM_MISSING') remove();
      throw answer ?? error;
    }
  }

  async mark(number: number): Promise<void> {
    const { js } = this.#connected();
    try {
      await js.publish(this.#markSubject, String(number), { timeout: API_TIMEOUT });
    } catch (error) {
      // So the client says that nobody keeps what goes to this subject.
      if (hasNoResponders(error)) throw missing(this.#stream, error);
      throw answerOf(error, this.#stream) ?? error;
    }
  }

  ownMark({ subject, data }: StoredMessage): number | null {
    return subject === this.#markSubject ? Number(Buffer.from(data).toString('latin1')) : null;
  }

  #connected(): { js: JetStreamClient; jsm: JetStreamManager } {
    if (this.#client === null) throw new Error('not connected');
    return this.#client;
  }

  #config(position: Position | null): Partial<ConsumerConfig> & { name: string } {
    const { isLast, reader } = this.#options;
    const start: Partial<ConsumerConfig> =
      position !== null
        ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: position.seq }
        : isLast
          ? { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: '>' }
          : { deliver_policy: DeliverPolicy.All };
    return {
      ...start,
      name: `nlink-reader-${reader}-${++this.#count}`,
      ack_policy: AckPolicy.None,
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: INACTIVE * NANOS,
      num_replicas: 1,
      mem_storage: true,
    };
  }
}

class ConsumerReading implements Reading {
  readonly created: string;
  readonly last: number;
  readonly time: number;
  readonly #consumer: Consumer;
  readonly #batch: number;
  readonly #handlers: ReadingHandlers;
  readonly #remove: () => void;
  #messages: ConsumerMessages | null = null;
  /** By the consumer's own count, which has no holes. */
  #delivered = 0;
  #isOver = false;

  constructor(
    info: { created: string; last: number; time: number },
    consumer: Consumer,
    batch: number,
    handlers: ReadingHandlers,
    remove: () => void,
  ) {
    this.created = info.created;
    this.last = info.last;
    this.time = info.time;
    this.#consumer = consumer;
    this.#batch = batch;
    this.#handlers = handlers;
    this.#remove = remove;
  }

  begin(): void {
    this.#follow().then(
      () => this.#end('the consumer ended'),
      (error: unknown) => this.#end((error as Error).message),
    );
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#messages?.stop();
    this.#remove();
  }

  async #follow(): Promise<void> {
    const messages = await this.#consumer.consume({
      max_messages: this.#batch,
      expires: EXPIRES,
      // It would look for the consumer by itself, and wait for it for ever.
      bind: true,
      abort_on_missing_resource: true,
      callback: (message) => this.#take(message),
    });
    this.#messages = messages;
    if (this.#isOver) {
      messages.stop();
      return;
    }
    void this.#watch(messages);
    const error = await messages.closed();
    if (error instanceof Error) throw error;
  }

  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const status of messages.status())
      if (ENDS.has(status.type)) this.#end(status.type.replaceAll('_', ' '));
  }

  #take(message: JsMsg): void {
    if (this.#isOver) return;
    const { info } = message;
    if (info.deliverySequence !== ++this.#delivered) {
      this.#end('a message was lost on the way');
      return;
    }
    const { subject, data } = message;
    this.#handlers.message({ subject, data, seq: info.streamSequence, stamp: message.timestampNanos });
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#handlers.ended(reason);
  }
}
