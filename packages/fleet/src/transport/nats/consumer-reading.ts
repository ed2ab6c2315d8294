/**
 * A pull consumer that was made, read until something is not as it should be: then it ends, once.
 *
 * Pulls expire after 2 s, so that a consumer that is gone, or a server that has crashed, is seen
 * soon: the client 3.4.0 misses heartbeats after as long, and a pull that a crash took with it
 * would be missed after one and a half times as long.
 */
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { Reading, ReadingHandlers } from './lane-types.ts';

const EXPIRES = 2000;

/** What the client tells of a consumer that is no good any more. */
const ENDS: ReadonlySet<string> = new Set([
  'consumer_deleted',
  'consumer_not_found',
  'stream_not_found',
  'no_responders',
  'heartbeats_missed',
  'exceeded_limits',
]);

export class ConsumerReading implements Reading {
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
