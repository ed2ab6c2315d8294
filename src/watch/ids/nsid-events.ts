/** The options, events and counters of a `NamespaceEventSubscriber`. Types only. */
import type { NsidLoss } from '../../netlink/nsid-group-reader.ts';
import type { NsidEvent } from '../../netlink/nsid-event.ts';
import type { NamespaceReference } from '../../reference/reference.ts';
import type { StreamStats } from '../stream/event-stream.ts';

/** Options of `NamespaceEventSubscriber.open`. */
export interface NamespaceEventSubscriberOptions {
  /**
   * The network namespace to listen in. Default: that of this process. Another one needs
   * CAP_SYS_ADMIN.
   */
  namespace?: NamespaceReference | undefined;
  /** The directory of a name in `namespace`. Default `/var/run/netns`. */
  directory?: string | undefined;
  /**
   * Whether to listen also in all namespaces that have an nsid in that one
   * (`NETLINK_LISTEN_ALL_NSID`, Linux 4.2). Their events have an `origin`. Needs CAP_NET_BROADCAST.
   * Default false.
   */
  allNamespaces?: boolean | undefined;
  /**
   * How many events may wait for the consumer before reading from the kernel pauses: 1 to 2^20.
   * Default 100.
   */
  bufferSize?: number | undefined;
  /**
   * How many bytes of notifications may wait in the kernel: 4096 to 2^30-1. Each takes about 416.
   * Default 4 MiB: about 10,000 notifications. Without CAP_NET_ADMIN the sysctl net.core.rmem_max
   * is the limit.
   */
  receiveBufferSize?: number | undefined;
  /** Stops the subscriber when aborted; a pending `recv` then rejects with `AbortError`. */
  signal?: AbortSignal | undefined;
}

/** Notifications were lost. The events before this one have made up for them. */
export interface NsidResyncedEvent {
  type: 'resynced';
  /** The kernel's receive buffer was full (`overflow`), or a notification could not be read. */
  reason: NsidLoss;
  /**
   * Whether all nsids could be listed. False: some may have caused no event (see
   * `Connection.listNsids`).
   */
  complete: boolean;
}

/** An event of a `NamespaceEventSubscriber`. */
export type NamespaceIdEvent = NsidEvent | NsidResyncedEvent;

/** Counters of a `NamespaceEventSubscriber`. */
export interface NamespaceEventSubscriberStats extends StreamStats {
  /** Notifications from the kernel. */
  datagrams: number;
  /** Datagrams from other processes, which were ignored. */
  foreign: number;
  /** Times that the kernel's receive buffer was full. */
  overflows: number;
  /** Notifications that could not be read. */
  unreadable: number;
  /** `resynced` events. */
  resyncs: number;
  /** Whether all nsids could be listed at the start, or at the last `resynced`. */
  complete: boolean;
}
