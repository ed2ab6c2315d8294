/** The counters of a link: `struct rtnl_link_stats64` in `include/uapi/linux/if_link.h`. */
import { littleEndian } from '../sys/endian.ts';
import { malformed } from './malformed.ts';

/**
 * Counters of a link since it was made. Whole numbers of the kernel's 64 bits, exact up to 2^53.
 */
export interface LinkStatistics {
  /** Packets received. */
  rxPackets: number;
  /** Packets sent. */
  txPackets: number;
  /** Bytes received. */
  rxBytes: number;
  /** Bytes sent. */
  txBytes: number;
  /** Packets received with an error. */
  rxErrors: number;
  /** Packets that could not be sent. */
  txErrors: number;
  /** Packets received and dropped, for want of room or since nobody wanted them. */
  rxDropped: number;
  /** Packets that were dropped and not sent. */
  txDropped: number;
  /** Packets to multicast addresses among those received. */
  multicast: number;
  /** Collisions while sending. */
  collisions: number;
  /**
   * `IFLA_CARRIER_CHANGES`: how often its carrier came or went. Left out: not told, as by
   * `/proc/PID/net/dev`.
   */
  carrierChanges?: number;
}

/** What is read of it: ten numbers; later ones are finer. */
const SIZE = 80;

/** @throws NlinkError `ERR_NLINK_MALFORMED` */
export function linkStatistics(view: DataView, start: number, end: number): LinkStatistics {
  if (end - start < SIZE) throw malformed(`counters of ${end - start} bytes where ${SIZE} are needed`);
  return {
    rxPackets: u64(view, start),
    txPackets: u64(view, start + 8),
    rxBytes: u64(view, start + 16),
    txBytes: u64(view, start + 24),
    rxErrors: u64(view, start + 32),
    txErrors: u64(view, start + 40),
    rxDropped: u64(view, start + 48),
    txDropped: u64(view, start + 56),
    multicast: u64(view, start + 64),
    collisions: u64(view, start + 72),
  };
}

/** Not by way of a BigInt, which would be allocated. */
function u64(view: DataView, at: number): number {
  const low = view.getUint32(littleEndian ? at : at + 4, littleEndian);
  const high = view.getUint32(littleEndian ? at + 4 : at, littleEndian);
  return high * 2 ** 32 + low;
}
