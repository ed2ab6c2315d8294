/** What is served: as much of a `FleetWatcher` as the server needs. Types only. */
import type { ConnectionState } from '../transport/transport.ts';
import type { PageNamespace, WireEvent } from '../core.ts';
import type { HeadCounts } from '../wire/head.ts';

export type HostState = 'live' | 'late' | 'gone';

/** A host, as its heads have it and as the reader has heard them. */
export interface FleetHost {
  id: string;
  key: string;
  epoch: string;
  name: string;
  state: HostState;
  since: number;
  heard: number;
  interval: number;
  shard: string;
  seq: number;
  counts: HeadCounts;
  versions: { nlink: string; node: string; kernel: string };
  target: string | null;
  unavailable: readonly string[];
  skew: number | null;
  duplicate: boolean;
  picture: 'none' | 'pending' | 'current' | 'stale';
  malformed: number;
}

export type FleetEvent =
  | {
      type:
        | 'hostAdded'
        | 'hostLive'
        | 'hostLate'
        | 'hostGone'
        | 'hostRestarted'
        | 'hostDuplicate'
        | 'hostRemoved';
      time: string;
      host: FleetHost;
    }
  | { type: 'namespaceEvent'; host: FleetHost; seq: number | null; event: WireEvent }
  | { type: 'resynced'; time: string; host: FleetHost; reason: string; complete: boolean }
  | { type: 'connection'; time: string; state: ConnectionState; reason: string | null };

export interface FleetSource {
  hosts(): readonly FleetHost[];
  host(id: string): FleetHost | null;
  namespaces(id: string): readonly PageNamespace[];
  snapshot(id: string): { seq: number; json: string } | null;
  readonly connection: ConnectionState;
  recv(): Promise<FleetEvent | undefined>;
  tryRecv(): FleetEvent | undefined;
  stop(): Promise<void>;
}
