/** EventSources, a clock and answers that the test holds in its hands. */
import type { Source, StreamIo } from '../../../src/page/model/page-stream.ts';
import { FakeClock } from '../../watch/support/fake-clock.ts';

export class FakeSource implements Source {
  readonly url: string;
  isClosed = false;
  readonly #listeners = new Map<string, (event: { data?: string; lastEventId?: string }) => void>();

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: { data?: string; lastEventId?: string }) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  /** A message comes, also where it was closed. */
  send(type: string, data: unknown = {}, lastEventId = ''): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(data), lastEventId });
  }
}

export class FakeIo implements StreamIo {
  readonly clock: FakeClock = new FakeClock();
  readonly sources: FakeSource[] = [];
  /** What is answered. */
  answer: number | null = 200;
  asked = 0;

  now(): number {
    return this.clock.now();
  }

  after(milliseconds: number, callback: () => void): () => void {
    return this.clock.after(milliseconds, callback);
  }

  open(url: string): FakeSource {
    const source = new FakeSource(url);
    this.sources.push(source);
    return source;
  }

  async status(): Promise<number | null> {
    this.asked++;
    return this.answer;
  }

  random(): number {
    return 0.5;
  }

  get last(): FakeSource {
    return this.sources.at(-1) as FakeSource;
  }

  /** How many are open. */
  get opened(): number {
    return this.sources.filter(({ isClosed }) => !isClosed).length;
  }
}
