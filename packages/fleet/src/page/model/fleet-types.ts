/** What comes from the server of a fleet, as openapi.json describes it, and what is known of it. */
import type { WireEvent, WireSnapshot } from '../../../../../src/replay/wire.ts';

export type HostState = 'live' | 'late' | 'gone';
type BrokerState = 'connecting' | 'live' | 'stale';

export interface HostRow {
  readonly id: string;
  readonly key: string;
  readonly epoch: string;
  readonly name: string;
  readonly state: HostState;
  /** ISO 8601, by the clock of the server, as all times here. */
  readonly since: string;
  readonly heard: string;
  readonly interval: number;
  readonly shard: string;
  readonly counts: { readonly namespaces: number; readonly names: number; readonly links: number | null };
  readonly versions: { readonly nlink: string; readonly node: string; readonly kernel: string };
  readonly target: string | null;
  readonly unavailable: readonly string[];
  readonly skew: number | null;
  readonly duplicate: boolean;
  readonly picture: 'none' | 'pending' | 'current' | 'stale';
  readonly malformed: number;
}

export interface Broker {
  readonly state: BrokerState;
  readonly reason: string | null;
  /** Since when: milliseconds since 1970, by the clock here; null: it was never otherwise. */
  readonly since: number | null;
}

export interface FleetSnapshot {
  readonly epoch: string;
  readonly seq: number;
  readonly time: string;
  readonly connection: { readonly state: BrokerState; readonly reason: string | null };
  readonly hosts: readonly HostRow[];
}

export type FleetMessage =
  | {
      readonly type:
        | 'hostAdded'
        | 'hostLive'
        | 'hostLate'
        | 'hostGone'
        | 'hostRestarted'
        | 'hostDuplicate'
        | 'hostRemoved'
        | 'hostChanged'
        | 'resynced';
      readonly time: string;
      readonly host: HostRow;
      readonly reason?: string;
    }
  | {
      readonly type: 'connection';
      readonly time: string;
      readonly state: BrokerState;
      readonly reason: string | null;
    };

export interface HeardMessage {
  readonly time: string;
  readonly heard: Readonly<Record<string, string>>;
}

export interface HostSnapshotMessage {
  readonly host: string;
  /** Null: nothing is known now. */
  readonly snapshot: WireSnapshot | null;
}

export interface HostEventsMessage {
  readonly host: string;
  readonly events: readonly WireEvent[];
}

export interface Hit {
  readonly what: 'namespace' | 'link';
  readonly namespace: string;
  readonly at: string;
  readonly link: string | null;
  readonly why: string;
}

export interface FoundHost {
  readonly id: string;
  readonly itself: boolean;
  readonly hits: readonly Hit[];
  readonly count: number;
}

export interface Found {
  readonly query: string;
  readonly hosts: readonly FoundHost[];
  readonly more: boolean;
  readonly pending: number;
}
