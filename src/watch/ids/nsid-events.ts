/**
 * What a `NamespaceEventSubscriber` takes and tells: its options, events and counters. Types only.
 */
import type { NsidLoss } from '../../netlink/nsid-group-reader.ts';
import type { NsidEvent } from '../../netlink/nsid-event.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import type { StreamStats } from '../stream/event-stream.ts';

/** Options of `NamespaceEventSubscriber.open`. */
export interface NamespaceEventSubscriberOptions {
  /**
   * The network namespace to listen in. Default: that of this process. Another one takes
   * CAP_SYS_ADMIN.
   */
  namespace?: NamespaceReference | undefined;
  /** Where a name in `namespace` is looked for. Default `/var/run/netns`. */
  directory?: string | undefined;
  /**
   * Whether to listen also to all namespaces that have an id in that one
   * (`NETLINK_LISTEN_ALL_NSID`, Linux 4.2); their events say so (`origin`). Needs
   * CAP_NET_BROADCAST. Default false.
   */
  allNamespaces?: boolean | undefined;
  /**
   * How many events may wait for the consumer before reading from the kernel pauses; 1 to 2^20.
   * Default 100.
   */
  bufferSize?: number | undefined;
  /**
   * Bytes of notifications that may wait in the kernel, 4096 to 2^30-1; each takes some 416 of
   * them. Default 4 MiB: some 10,000. More than the sysctl net.core.rmem_max takes CAP_NET_ADMIN;
   * without, it is as much as that.
   */
  receiveBufferSize?: number | undefined;
  /** Stops the subscriber when aborted; a pending `recv` then rejects with `AbortError`. */
  signal?: AbortSignal | undefined;
}

/** Notifications were lost; what differed has been told by the events before this one. */
export interface NsidResyncedEvent {
  type: 'resynced';
  /** The kernel's receive buffer was full (`overflow`), or a notification could not be read. */
  reason: NsidLoss;
  /**
   * Whether all ids could be listed. False: there may be ids that have not been told (see
   * `Connection.listNsids`).
   */
  complete: boolean;
}

/** What a `NamespaceEventSubscriber` tells. */
export type NamespaceIdEvent = NsidEvent | NsidResyncedEvent;

/** Counters of a `NamespaceEventSubscriber`. */
export interface NamespaceEventSubscriberStats extends StreamStats {
  /** Notifications from the kernel. */
  datagrams: number;
  /** Datagrams from other processes, ignored. */
  foreign: number;
  /** Times that the kernel's receive buffer was full. */
  overflows: number;
  /** Notifications that could not be read. */
  unreadable: number;
  /** `resynced` events told. */
  resyncs: number;
  /** Whether all ids that were assigned at the start, or at the last `resynced`, were found. */
  complete: boolean;
}
