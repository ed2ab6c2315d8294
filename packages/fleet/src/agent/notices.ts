/** What an agent tells of itself. */
import type { ResyncReason } from '../wire/snapshot.ts';
import type { UplinkState } from './uplink.ts';

/** Each is told once, not at each attempt. `stream` is the name of one, or `connection`. */
export type AgentNotice =
  | { type: 'connected'; server: string }
  | { type: 'disconnected'; reason: string }
  /** Nobody answers for it: it is not there, or, in a cluster, has no leader just now. */
  | { type: 'streamMissing'; stream: string }
  /** The server stands still, or the stream is missing: through an import that looks alike. */
  | { type: 'unanswered'; stream: string }
  | { type: 'refused'; what: string; reason: string }
  | { type: 'restored'; what: string }
  | { type: 'resync'; reason: ResyncReason };

/** How an agent is. */
export interface AgentState {
  /** Whether it has a connection. */
  connection: UplinkState;
  /** What the host is told by. */
  key: string;
  /** Of this start. */
  epoch: string;
  /** The number of the last event. */
  seq: number;
  /** The number of the last one that is kept for sure. */
  kept: number;
  /** Messages that were acknowledged. */
  published: { heads: number; deltas: number; snapshots: number };
  /** How often a snapshot took the place of events. */
  resyncs: number;
  /** Streams for which nobody answers. */
  missing: string[];
  /** The stream, or the connection, that is refused or not answered, and why. */
  refused: string | null;
}
