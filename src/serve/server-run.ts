/**
 * A server from its start to its end: as the one consumer of its watcher, until that ends, or
 * until somebody stops both.
 *
 * | what                      | then                                                              |
 * | ------------------------- | ----------------------------------------------------------------- |
 * | events                    | taken one by one; when all that were there are, clients are woken |
 * | stop, the signal          | the watcher is stopped, by which it ends                          |
 * | the watcher has ended     | clients are told `stopped`, and the socket is closed              |
 * | - by an error             | clients are told `failed`, and the error is that of `ended`       |
 */
import { consume } from './events/consume.ts';
import type { EventSource } from './events/consume.ts';

export interface RunParts<E> {
  /** Of which it is the one consumer. */
  watcher: EventSource<E> & { stop(): Promise<void> };
  /** The socket that clients come by. */
  http: { close(): Promise<void> };
  signal: AbortSignal | undefined;
  take: (event: E) => void;
  /** All events that were there were taken. */
  wake: () => void;
  /** Tells clients, and those that come. */
  end: (reason: 'stopped' | 'failed') => void;
}

export class ServerRun<E> {
  /** Null: it was stopped. Never rejects. */
  readonly ended: Promise<Error | null>;
  readonly #parts: RunParts<E>;
  #isStopping = false;

  constructor(parts: RunParts<E>) {
    const { signal } = parts;
    this.#parts = parts;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.ended = this.#run();
    // Before there was anybody to hear it.
    if (signal?.aborted === true) this.#onAbort();
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#parts.watcher.stop();
    await this.ended;
  }

  readonly #onAbort = (): void => void this.stop();

  async #run(): Promise<Error | null> {
    const { watcher, http, signal, end } = this.#parts;
    const error = await this.#consume();
    signal?.removeEventListener('abort', this.#onAbort);
    end(error === null ? 'stopped' : 'failed');
    await watcher.stop();
    await http.close();
    return error;
  }

  async #consume(): Promise<Error | null> {
    const { watcher, take, wake } = this.#parts;
    try {
      await consume(watcher, take, wake);
      return null;
    } catch (error) {
      return this.#isStopping ? null : (error as Error);
    }
  }
}
