/**
 * What a reader is told by, whatever it comes over: a broker, or the servers of single hosts. Types
 * only.
 *
 * A transport tells all heads and snapshots that are kept, and all deltas, each in the order of its
 * own stream; which of two streams is ahead is not known ({@link FleetTransport.barrier}). It may
 * tell one twice, and may lose some: then it says so by `connection`, or nobody knows, and the
 * numbers of events tell. It looks after its connection for ever, until it is stopped.
 */
import type { Delta } from '../wire/delta.ts';
import type { Head } from '../wire/head.ts';
import type { Snapshot } from '../wire/snapshot.ts';

/**
 * | state      | means                                                             |
 * | ---------- | ----------------------------------------------------------------- |
 * | connecting | not all that was there at the start has been read                 |
 * | live       | what is told is what is so                                        |
 * | stale      | nothing comes, or it is not known whether what comes is the latest |
 */
export type ConnectionState = 'connecting' | 'live' | 'stale';

/** Who is told. May not throw. */
export interface TransportTarget {
  /**
   * A host lives, or ends.
   * @param age milliseconds since it was kept, by clocks of the transport's own: neither that of
   *   the host nor the time of day here counts
   */
  head(key: string, head: Head, age: number): void;
  /** What happened on a host: maybe told before, maybe after others that were lost. */
  delta(key: string, delta: Delta): void;
  /** All that was on a host. */
  snapshot(key: string, snapshot: Snapshot): void;
  /** Of a host came what no agent makes. */
  malformed(key: string, error: Error): void;
  /**
   * How the connection is, at each change.
   * @param reason in a few words; null: it is live
   */
  connection(state: ConnectionState, reason: string | null): void;
}

/** What a reader is told by. */
export interface FleetTransport {
  /**
   * Begins; told as `connecting`, then `live` when all that was kept by then has been told.
   * @throws what cannot be right later: a missing stream, wrong credentials, an address without a
   *   server (a server that goes away later is waited for)
   */
  start(target: TransportTarget): Promise<void>;
  /** Asks a host for a head and a snapshot. Nobody may be there to answer. */
  ask(key: string): void;
  /**
   * Calls back when all deltas of this host that were kept before now have been told; never, if the
   * connection is lost before: `connection` then says `stale`, and `live` again.
   */
  barrier(key: string, done: () => void): void;
  /** Idempotent; nothing is told after it. */
  stop(): Promise<void>;
}
