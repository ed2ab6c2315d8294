/**
 * What a lane needs of the server, and what it tells. Types only; over JetStream:
 * jetstream-store.ts.
 */
import type { Clock } from '../../core.ts';

export interface Position {
  /** Of the last message that was read, in its stream. */
  seq: number;
  /** When the server kept it, in nanoseconds since 1970. */
  stamp: bigint;
}

export interface StoredMessage extends Position {
  subject: string;
  /** A view into the client's receive buffer: copied, where it is kept. */
  data: Uint8Array;
}

export interface ReadingHandlers {
  /** In the order of the stream, none left out. */
  message(message: StoredMessage): void;
  /** Once, and nothing after it. Not after `close()`. */
  ended(reason: string): void;
}

/** A consumer that was made; nothing comes before `begin()`. */
export interface Reading {
  /** When the stream was created, as the server says it: the epoch of the store. */
  readonly created: string;
  /** The last number of the stream, looked at after the consumer was made. */
  readonly last: number;
  /** When the consumer was made, by the server's clock: milliseconds since 1970. */
  readonly time: number;
  begin(): void;
  close(): void;
}

export interface LaneStore {
  /**
   * Rejects with a FleetError where that is the server's answer, with another where none came.
   * @param position the reading begins AT it, not after it; null: all that is kept, or of each
   *   subject the last
   */
  open(position: Position | null, handlers: ReadingHandlers): Promise<Reading>;
  /** Publishes a marker; done when it is kept. Rejects as `open`. */
  mark(number: number): Promise<void>;
  /** @returns its number, if it is a marker of this reader; else null */
  ownMark(message: StoredMessage): number | null;
}

export interface LaneEvents {
  /** @param age milliseconds since it was kept, by the server's clock */
  message(message: StoredMessage, age: number): void;
  /** `isLive` or `reason` is another. */
  changed(): void;
  /** What was read before is of another store. */
  anew(): void;
  /** The connection is there, and nothing comes. */
  mute(): void;
  /** A try to open, or to mark, has ended. Null: it may do what it needs. */
  tried(error: Error | null): void;
}

export interface LaneOptions {
  /** Of the stream, for reasons. */
  name: string;
  store: LaneStore;
  events: LaneEvents;
  clock: Clock;
  /** From 0 to 1, as `Math.random`. */
  random: () => number;
}
