/** What a reader knows of a fleet, and tells of it. Types only. */
import type { WireEvent } from '../core.ts';
import type { ConnectionState, FleetTransport } from '../transport/transport.ts';
import type { Head, HeadCounts } from '../wire/head.ts';

export type {
  Ended,
  Identity,
  LinksState,
  Owner,
  PageLink,
  PageName,
  PageNamespace,
  PagePeer,
  PeerState,
  WireEvent,
  WireLink,
  WireName,
  WirePeer,
  WireWhere,
} from '../core.ts';

/** Options of `FleetWatcher.open`. */
export interface FleetWatcherOptions {
  /** What it reads by. The watcher starts it, and stops it in the end. */
  transport: FleetTransport;
  /** Whether only heads count: a list of hosts, with nothing of what is on them. Default false. */
  heads?: boolean | undefined;
  /** How many events wait before those of the loudest hosts are dropped. Default 8192. */
  bufferSize?: number | undefined;
  /** Stops the watcher; `recv` and loops reject with `AbortError`. */
  signal?: AbortSignal | undefined;
  /** How long `open` waits for all that is kept to be read, in milliseconds. Default 10,000. */
  settleTimeout?: number | undefined;
  /** After how many milliseconds a host that is `late` or `gone` is forgotten. Default a day. */
  forgetAfter?: number | undefined;
}

/**
 * | state | means                                              |
 * | ----- | -------------------------------------------------- |
 * | live  | its agent told so not long ago                     |
 * | late  | nothing was heard of it for three of its intervals |
 * | gone  | its agent said that it ends                        |
 */
export type HostState = 'live' | 'late' | 'gone';

/**
 * | picture | what is known of what is on it                                    |
 * | ------- | ----------------------------------------------------------------- |
 * | none    | nothing yet                                                       |
 * | pending | as it was before some events were lost, or its agent started anew |
 * | current | all that was told, and it is told all there is                    |
 * | stale   | as it was last: the host is not live, or the connection is not    |
 */
export type PictureState = 'none' | 'pending' | 'current' | 'stale';

/** A host as it is at one moment: this object does not change. */
export interface FleetHost {
  /** What it is found by: its key; of the second of two under one key `KEY~EPOCH`. */
  id: string;
  /** Made of its machine id, or given to its agent. */
  key: string;
  /** Of this start of its agent. */
  epoch: string;
  /** What people call it. Anything: to be escaped before it is printed. */
  name: string;
  /** Whether it was heard of not long ago. */
  state: HostState;
  /** Since when it has been in this state: milliseconds since 1970, by the clock here. */
  since: number;
  /** How long ago its last head was kept, in milliseconds. */
  heard: number;
  /** Milliseconds between its heads, about. */
  interval: number;
  /** By which its events come. */
  shard: string;
  /** The number of the last event that is in its picture. */
  seq: number;
  /** As its last head says. */
  counts: HeadCounts;
  /** Of nlink, Node and the kernel there; empty texts: not known. */
  versions: Head['versions'];
  /** `HOST:PORT` of its own server, for scrapes; null: not told. */
  target: string | null;
  /** What its agent knows nothing of. */
  unavailable: readonly string[];
  /**
   * How far its clock is ahead of the one here, in milliseconds, by its last head; null: it told no
   * time that can be read.
   */
  skew: number | null;
  /** Whether another agent speaks under the same key. */
  duplicate: boolean;
  /** What is known of what is on it. */
  picture: PictureState;
  /** How much came of it that no agent makes. */
  malformed: number;
}

/**
 * | type            | means                                          |
 * | --------------- | ---------------------------------------------- |
 * | `hostAdded`     | it was not known                               |
 * | `hostLive`      | it is heard of again                           |
 * | `hostLate`      | nothing was heard of it for three intervals    |
 * | `hostGone`      | its agent has ended, and said so               |
 * | `hostRestarted` | its agent, or the host, has started anew       |
 * | `hostDuplicate` | another agent speaks under the same key        |
 * | `hostRemoved`   | it was late or gone for long, and is forgotten |
 */
export type HostEventType =
  'hostAdded' | 'hostLive' | 'hostLate' | 'hostGone' | 'hostRestarted' | 'hostDuplicate' | 'hostRemoved';

/** That a host is there, or how it is. */
export interface HostEvent {
  type: HostEventType;
  /** ISO 8601, by the clock here. */
  time: string;
  /** As it is now; `hostRemoved`: as it was last. */
  host: FleetHost;
}

/** What happened on a host. */
export interface HostNamespaceEvent {
  type: 'namespaceEvent';
  /** As it is now. */
  host: FleetHost;
  /**
   * The number that its agent gave it. Null: no agent told it; it was found by comparing what was
   * known with a snapshot, after events were lost. `resynced` follows.
   */
  seq: number | null;
  /** As `nlink watch --json` has it there. */
  event: WireEvent;
}

/**
 * Why events were not told one by one:
 *
 * | reason                           | means                                         |
 * | -------------------------------- | --------------------------------------------- |
 * | `first`                          | the first snapshot of a host that was added   |
 * | `restart`                        | its agent started anew                        |
 * | `lost`                           | numbers were missing                          |
 * | `overflow`, `timeout`, `refused` | its agent could not publish some: snapshot.ts |
 * | `unread`                         | they were told, and nobody took them in time  |
 */
export type ResyncedReason = 'first' | 'restart' | 'lost' | 'overflow' | 'timeout' | 'refused' | 'unread';

/** Events of a host are missing in what was told; what is known of it is right again. */
export interface ResyncedEvent {
  type: 'resynced';
  /** ISO 8601, by the clock here. */
  time: string;
  /** As it is now. */
  host: FleetHost;
  /** Why they were not told. */
  reason: ResyncedReason;
  /**
   * Whether the events before this one tell all that differs. False (`first`, `unread`): ask for
   * `namespaces()` or `snapshot()` of this host, which you may not have heard of before.
   */
  complete: boolean;
}

/** How the connection is. */
export interface ConnectionEvent {
  type: 'connection';
  /** ISO 8601, by the clock here. */
  time: string;
  /** How it is now. */
  state: ConnectionState;
  /** In a few words; null: it is live. */
  reason: string | null;
}

/** What a fleet's watcher tells. */
export type FleetEvent = HostEvent | HostNamespaceEvent | ResyncedEvent | ConnectionEvent;

/** Counters of a watcher. */
export interface FleetWatcherStats {
  /** That are known, late and gone ones as well. */
  hosts: number;
  /** Events that wait to be taken. */
  buffered: number;
  /** How often a snapshot was asked for. */
  asks: number;
  /** How often events of a host were dropped since nobody took them. */
  dropped: number;
  /** Hosts that were passed over, since there were too many. */
  refused: number;
}
