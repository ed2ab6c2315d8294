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
  /** Packets for which the receiver's queue had no room. */
  rxFifoErrors: number;
  /** Packets of a wrong length, frame or checksum, and those too long for the ring. */
  rxFrameErrors: number;
  /** Packets received compressed. */
  rxCompressed: number;
  /** Packets for which the sender's queue failed. */
  txFifoErrors: number;
  /** Packets that were lost for want of a carrier, or aborted. */
  txCarrierErrors: number;
  /** Packets sent compressed. */
  txCompressed: number;
  /** Packets for which the device had no room. Left out: they are among `rxDropped`, in /proc. */
  rxMissed?: number;
  /** Packets that no protocol wanted. Left out: not told, as in /proc. Linux 4.6. */
  rxNohandler?: number;
  /**
   * `IFLA_CARRIER_CHANGES`: how often its carrier came or went. Left out: not told, as by
   * `/proc/PID/net/dev`.
   */
  carrierChanges?: number;
}

/** Of the 23 numbers that it had at first; `rx_nohandler` came after them. */
const SIZE = 184;

/** @throws NlinkError `ERR_NLINK_MALFORMED` */
export function linkStatistics(view: DataView, start: number, end: number): LinkStatistics {
  if (end - start < SIZE) throw malformed(`counters of ${end - start} bytes where ${SIZE} are needed`);
  const statistics: LinkStatistics = {
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
    rxFifoErrors: u64(view, start + 112),
    // Length, over, CRC, frame: together as in /proc (`dev_seq_printf_stats`).
    rxFrameErrors: sum(view, start + 80, 4),
    rxCompressed: u64(view, start + 168),
    txFifoErrors: u64(view, start + 144),
    // Aborted, carrier; heartbeat, window.
    txCarrierErrors: sum(view, start + 128, 2) + sum(view, start + 152, 2),
    txCompressed: u64(view, start + 176),
    rxMissed: u64(view, start + 120),
  };
  if (end - start >= SIZE + 8) statistics.rxNohandler = u64(view, start + SIZE);
  return statistics;
}

function sum(view: DataView, at: number, count: number): number {
  let total = 0;
  for (let next = 0; next < count; next++) total += u64(view, at + 8 * next);
  return total;
}

/** Not by way of a BigInt, which would be allocated. */
function u64(view: DataView, at: number): number {
  const low = view.getUint32(littleEndian ? at : at + 4, littleEndian);
  const high = view.getUint32(littleEndian ? at + 4 : at, littleEndian);
  return high * 2 ** 32 + low;
}
