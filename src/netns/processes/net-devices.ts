/**
 * The interfaces of a network namespace as a process in it shows them to everybody:
 * /proc/PID/net/dev has all names and counters, /proc/PID/net/dev_mcast the indexes of those that
 * can multicast (proc_pid_net(5), `dev_mc_seq_show` in net/core/net-procfs.c). No right is needed;
 * with hidepid they cannot be read. While such a file is open the namespace lives: each is closed
 * at once.
 */
import { readFileSync } from 'node:fs';

/** What a namespace shows of an interface. */
export interface NetDevice {
  name: string;
  /** Null: it cannot multicast, and nothing tells. */
  ifindex: number | null;
  /** Received: bytes, packets, errors, drops, fifo, frame, compressed, multicast; then sent. */
  counters: readonly number[];
}

/** `lo` is the first of each namespace (`loopback_net_init`). */
const LOOPBACK = 1;

/**
 * @param proc where the procfs is mounted
 * @returns null: the process has ended, or may not be looked at
 */
export function netDevices(pid: number, proc: string): NetDevice[] | null {
  try {
    const indexes = indexesOf(readFileSync(`${proc}/${pid}/net/dev_mcast`, 'latin1'));
    return devicesOf(readFileSync(`${proc}/${pid}/net/dev`, 'latin1'), indexes);
  } catch {
    return null;
  }
}

/** Two lines of titles, then one for each. A name has no colon and no space. */
export function devicesOf(text: string, indexes: ReadonlyMap<string, number>): NetDevice[] {
  const devices: NetDevice[] = [];
  for (const line of text.split('\n').slice(2)) {
    const [, name, numbers] = /^\s*([^\s:]+):\s*([\d\s]+)$/.exec(line) ?? [];
    if (name === undefined || numbers === undefined) continue;
    const ifindex = indexes.get(name) ?? (name === 'lo' ? LOOPBACK : null);
    devices.push({ name, ifindex, counters: numbers.trim().split(/\s+/).map(Number) });
  }
  return devices;
}

/** A line for each address that is listened to: index, name, … */
export function indexesOf(text: string): Map<string, number> {
  const indexes = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, index, name] = /^(\d+)\s+(\S+)/.exec(line) ?? [];
    if (index !== undefined && name !== undefined) indexes.set(name, Number(index));
  }
  return indexes;
}
