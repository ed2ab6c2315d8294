/** What `serveFleet` gives back. Types only. */

/** A server of a fleet that listens. */
export interface ServingFleet extends AsyncDisposable {
  /** Where: `http://127.0.0.1:9479`, or `unix:PATH`. */
  readonly address: string;
  /** How many clients follow the stream. */
  readonly clients: number;
  /**
   * Settled when it has stopped for whatever reason: null after `stop` or an aborted signal, else
   * what ended the watcher. Never rejects.
   */
  readonly ended: Promise<Error | null>;
  /** Tells the clients, and stops the server and the watcher. Idempotent. */
  stop(): Promise<void>;
}
