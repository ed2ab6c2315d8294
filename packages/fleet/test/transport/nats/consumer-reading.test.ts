/** A consumer that is read until something is not as it should be, by one whose every word is given. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { ConsumerReading } from '../../../src/transport/nats/consumer-reading.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Script {
  readonly told: string[] = [];
  removed = 0;
  stops = 0;
  readonly reading: ConsumerReading;
  #callback: (message: JsMsg) => void = () => {};
  #consumed: () => void = () => {};
  #close: (error: Error | undefined) => void = () => {};
  #status: (type: string | null) => void = () => {};
  #refuse: (error: Error) => void = () => {};

  constructor() {
    const messages = {
      stop: () => void this.stops++,
      closed: () => new Promise<Error | undefined>((resolve) => (this.#close = resolve)),
      status: () => this.#statuses(),
    } as unknown as ConsumerMessages;
    const consumer = {
      consume: ({ callback }: { callback: (message: JsMsg) => void }) => {
        this.#callback = callback;
        return new Promise((resolve, reject) => {
          this.#consumed = () => resolve(messages);
          this.#refuse = reject;
        });
      },
    } as unknown as Consumer;
    this.reading = new ConsumerReading(
      { created: 'c', last: 9, time: 0 },
      consumer,
      10,
      {
        message: ({ seq }) => this.told.push(`message ${seq}`),
        ended: (reason) => this.told.push(`ended: ${reason}`),
      },
      () => void this.removed++,
    );
    this.reading.begin();
  }

  async consumed(): Promise<void> {
    this.#consumed();
    await settled();
  }

  async refused(): Promise<void> {
    this.#refuse(new Error('no such consumer'));
    await settled();
  }

  async closes(error?: Error): Promise<void> {
    this.#close(error);
    await settled();
  }

  async says(type: string): Promise<void> {
    this.#status(type);
    await settled();
  }

  /** @param delivered its number by the consumer's own count */
  message(delivered: number, seq: number): void {
    const info = { deliverySequence: delivered, streamSequence: seq };
    this.#callback({ info, subject: 's', data: Buffer.alloc(0), timestampNanos: 1n } as unknown as JsMsg);
  }

  async *#statuses(): AsyncGenerator<{ type: string }> {
    for (;;) {
      const type = await new Promise<string | null>((resolve) => (this.#status = resolve));
      if (type === null) return;
      yield { type };
    }
  }
}

test('holes in the numbers of the stream are none of the consumer', async () => {
  const script = new Script();
  await script.consumed();
  for (const [delivered, seq] of [
    [1, 4],
    [2, 9],
    [3, 700],
  ] as const)
    script.message(delivered, seq);
  assert.deepEqual(script.told, ['message 4', 'message 9', 'message 700']);
});

for (const [what, numbers] of Object.entries({ 'left out': [1, 3, 4], 'told twice': [1, 1, 2] }))
  test(`a message that is ${what} ends it, once, and nothing is told after it`, async () => {
    const script = new Script();
    await script.consumed();
    for (const number of numbers) script.message(number, number);
    await script.says('consumer_deleted');
    await script.closes();
    assert.deepEqual(script.told, ['message 1', 'ended: a message was lost on the way']);
    assert.deepEqual([script.stops, script.removed], [1, 1]);
  });

test('what the client says of the consumer ends it, but not what it says of its pulls', async () => {
  const script = new Script();
  await script.consumed();
  await script.says('next');
  script.message(1, 1);
  await script.says('heartbeats_missed');
  assert.deepEqual(script.told, ['message 1', 'ended: heartbeats missed']);
  assert.equal(script.removed, 1);
});

test('closed while it is asked for: what comes of that is stopped, and nothing is told', async () => {
  const script = new Script();
  script.reading.close();
  script.reading.close();
  await script.consumed();
  script.message(1, 1);
  assert.deepEqual([script.told, script.stops, script.removed], [[], 1, 1]);
});

test('refused, or ended by itself: said', async () => {
  const refused = new Script();
  await refused.refused();
  assert.deepEqual(refused.told, ['ended: no such consumer']);
  const ended = new Script();
  await ended.consumed();
  await ended.closes();
  assert.deepEqual(ended.told, ['ended: the consumer ended']);
  const failed = new Script();
  await failed.consumed();
  await failed.closes(new Error('stream not found'));
  assert.deepEqual(failed.told, ['ended: stream not found']);
});
