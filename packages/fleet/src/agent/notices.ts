/** What an agent tells of itself. */
import type { ResyncReason } from '../wire/snapshot.ts';
import type { UplinkState } from './uplink.ts';

/** Each is told once, not at each attempt. `stream` is the name of one, or `connection`. */
export type AgentNotice =
  | {
      type: 'connected';
      /** Its address. */
      server: string;
    }
  | {
      type: 'disconnected';
      /** In a few words. */
      reason: string;
    }
  | {
      type: 'streamMissing';
      /** Nobody answers for it: it is not there, or in a cluster has no leader just now. */
      stream: string;
    }
  | {
      /** The server stands still, or the stream is missing: through an import that looks alike. */
      type: 'unanswered';
      /** Its name. */
      stream: string;
    }
  | {
      type: 'refused';
      /** The stream, or `connection`. */
      what: string;
      /** In the words of the server. */
      reason: string;
    }
  | {
      type: 'restored';
      /** The stream, or `connection`. */
      what: string;
    }
  | {
      type: 'resync';
      /** Why a snapshot takes the place of events. */
      reason: ResyncReason;
    };

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
