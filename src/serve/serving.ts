/** What `serve` gives back. Types only. */

/** A server that listens. */
export interface Serving extends AsyncDisposable {
  /** Where: `http://127.0.0.1:9478`, or `unix:PATH`. */
  readonly address: string;
  /** The start of a row of events: drawn at random for each server. */
  readonly epoch: string;
  /** How many clients follow the events. */
  readonly clients: number;
  /**
   * Settled when it has stopped for whatever reason: null after `stop` or an aborted signal, else
   * what ended the watcher. Never rejects.
   */
  readonly ended: Promise<Error | null>;
  /** Tells the clients, and stops the server and the watcher. Idempotent. */
  stop(): Promise<void>;
}
