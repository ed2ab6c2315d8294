/**
 * A lane's stream over JetStream, read by a pull consumer of the lane's own (ADR-17's ordered one,
 * but for what happens after a loss: the client's begins again by itself at its old number, also in
 * a stream that was made anew; with nats-server 2.15 it is silent until that number is passed).
 *
 * The consumer is made first, then the stream is looked at: a stream that is made anew between the
 * two takes the consumer with it, and the reading ends.
 */
import { AckPolicy, DeliverPolicy, ReplayPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { ConsumerConfig, JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { markSubject, streamOf } from '../../wire/subjects.ts';
import { answerOf, hasNoResponders, silent } from './answers.ts';
import { ConsumerReading } from './consumer-reading.ts';
import type { LaneStore, Position, Reading, ReadingHandlers, StoredMessage } from './lane-types.ts';

/** How long the server keeps a consumer that nobody pulls from. */
const INACTIVE = 30_000;
const NANOS = 1e6;
/** Of an answer of the server. */
export const API_TIMEOUT = 3000;

/**
 * Of a reader's id, what its markers' subject has: the last marker of each subject is kept for
 * long, and a fleet may see very many readers that live for seconds. Which of those with the same
 * digits it is, the marker itself says; one that another pushed out is followed by the next.
 */
const SUBJECT_DIGITS = 3;

export interface JetStreamStoreOptions {
  lane: string;
  /** Of each subject only the last, or all. */
  isLast: boolean;
  /** Messages on the way at once. */
  batch: number;
  /** Who reads: 16 hexadecimal digits, at random. */
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
    this.#markSubject = markSubject(options.lane, options.reader.slice(0, SUBJECT_DIGITS));
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
      await js.publish(this.#markSubject, `${this.#options.reader} ${number}`, { timeout: API_TIMEOUT });
    } catch (error) {
      // In a cluster also while a leader is elected: the stream may be there.
      if (hasNoResponders(error)) throw silent(this.#stream, error);
      throw answerOf(error, this.#stream) ?? error;
    }
  }

  ownMark({ subject, data }: StoredMessage): number | null {
    if (subject !== this.#markSubject) return null;
    const [reader, number] = Buffer.from(data).toString('latin1').split(' ');
    return reader === this.#options.reader ? Number(number) : null;
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
