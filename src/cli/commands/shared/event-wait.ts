/** The wait for the next event of a source, which can be ended from elsewhere. */
import type { EventSource } from '../../host/io.ts';

export class EventWait<Event> {
  readonly #source: EventSource<Event>;
  #isWaiting = false;

  constructor(source: EventSource<Event>) {
    this.#source = source;
  }

  /** As {@link EventSource.recv}. */
  async recv(): Promise<Event | undefined> {
    this.#isWaiting = true;
    try {
      return await this.#source.recv();
    } finally {
      this.#isWaiting = false;
    }
  }

  /**
   * Stops the source if an event is waited for, after one turn of the event loop: a signal
   * overtakes what the kernel reported before it, and that turn lets it in.
   * @param isNeeded whether the source is still needed, asked then
   */
  interrupt(isNeeded: () => boolean = () => false): void {
    setImmediate(() => {
      if (this.#isWaiting && !isNeeded()) void this.#source.stop();
    });
  }
}
