/**
 * The names of links in namespaces that may not be looked into, by the processes in them: /proc
 * shows them to everybody (net-devices.ts), but tells of no change. So they are read at intervals.
 *
 * | a namespace | fact                                  | then                            |
 * | ----------- | ------------------------------------- | ------------------------------- |
 * | unknown     | processes are in it                   | known: `linkAdded` for each     |
 * | known       | is read again                         | known: `linkAdded`, `…Removed`  |
 * | known       | its processes may not be read, or end | known: as it was last           |
 * | known       | it died, or is read by a table now    | unknown: `linkRemoved` for each |
 */
import { netDevices } from '../../netns/processes/net-devices.ts';
import type { NetDevice } from '../../netns/processes/net-devices.ts';
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import type { Link, LinkEvent } from '../links/link-types.ts';
import type { Clock } from '../stream/clock.ts';
import type { Inventory } from './inventory.ts';
import { namespaceOf } from './link-events.ts';
import type { NamespaceRecord } from './namespace-record.ts';

/** In milliseconds. A namespace takes some 40 microseconds of CPU. */
const PERIOD = 5000;

/** What is told of by /proc. */
export interface ProcFilter {
  /** Whether a link with this name is. */
  isVisible: (name: string) => boolean;
  /** Whether a namespace is read in another way. */
  isElsewhere: (record: NamespaceRecord) => boolean;
}

export class ProcLinks {
  readonly #inventory: Inventory;
  readonly #proc: string;
  readonly #clock: Clock;
  readonly #isVisible: (name: string) => boolean;
  readonly #isElsewhere: (record: NamespaceRecord) => boolean;
  readonly #known = new Map<NamespaceRecord, Map<string, Link>>();
  readonly #events: LinkEvent[] = [];
  #isDue = true;
  #cancel: (() => void) | null = null;
  #wake: () => unknown = () => {};

  /** @param proc where the procfs is mounted */
  constructor(inventory: Inventory, proc: string, clock: Clock, { isVisible, isElsewhere }: ProcFilter) {
    this.#inventory = inventory;
    this.#proc = proc;
    this.#clock = clock;
    this.#isVisible = isVisible;
    this.#isElsewhere = isElsewhere;
  }

  /** From now on `wake` is called when {@link read} has something to do. */
  start(wake: () => unknown): void {
    this.#wake = wake;
    this.#wait();
  }

  /** Reads what is due. Nothing is emitted of what is read before the start. */
  load(): void {
    this.#read();
    this.#events.length = 0;
  }

  /** What is emitted next. */
  next(): LinkEvent | undefined {
    if (this.#isDue) this.#read();
    return this.#events.shift();
  }

  /** Null: nothing is known of its links. */
  linksOf(record: NamespaceRecord): Link[] | null {
    const links = this.#known.get(record);
    return links === undefined ? null : [...links.values()];
  }

  /** Counters, by index; null: nobody in it can be read. */
  statisticsOf(record: NamespaceRecord): Map<number, LinkStatistics> | null {
    const devices = this.#devicesIn(record);
    if (devices === null) return null;
    const all = new Map<number, LinkStatistics>();
    for (const { ifindex, counters } of devices) if (ifindex !== null) all.set(ifindex, statistics(counters));
    return all;
  }

  /** What is read in another way by now is told of by that. */
  forget(): void {
    for (const record of this.#known.keys())
      if (this.#isElsewhere(record)) this.#events.push(...this.died(record));
  }

  /** A namespace died. @returns what is emitted of its links */
  died(record: NamespaceRecord): LinkEvent[] {
    const links = this.#known.get(record);
    if (links === undefined) return [];
    this.#known.delete(record);
    const netns = namespaceOf(record);
    return [...links.values()].map((link) => ({ type: 'linkRemoved', netns, link }));
  }

  close(): void {
    this.#cancel?.();
  }

  #wait(): void {
    this.#cancel = this.#clock.after(PERIOD, () => {
      this.#isDue = true;
      this.#wake();
      this.#wait();
    });
  }

  #read(): void {
    this.#isDue = false;
    for (const record of this.#inventory.inhabited.records()) {
      if (record.kind === 'own' || this.#isElsewhere(record)) continue;
      const devices = this.#devicesIn(record);
      if (devices !== null) this.#take(record, devices);
    }
  }

  /** Null: nobody in it can be read. */
  #devicesIn({ inhabitants }: NamespaceRecord): NetDevice[] | null {
    const target = inhabitants?.target?.() ?? null;
    if (target === null || !('pid' in target)) return null;
    const devices = netDevices(target.pid, this.#proc);
    // It may have moved, or ended, and its number be another one's.
    return target.isInside() ? devices : null;
  }

  #take(record: NamespaceRecord, devices: readonly NetDevice[]): void {
    const before = this.#known.get(record) ?? new Map<string, Link>();
    const after = new Map<string, Link>();
    const netns = namespaceOf(record);
    for (const device of devices) {
      if (!this.#isVisible(device.name)) continue;
      const known = before.get(device.name);
      const link = known?.ifindex === (device.ifindex ?? 0) ? known : linkOf(device);
      after.set(link.name, link);
    }
    for (const [name, link] of before)
      if (after.get(name) !== link) this.#events.push({ type: 'linkRemoved', netns, link });
    for (const [name, link] of after)
      if (before.get(name) !== link) this.#events.push({ type: 'linkAdded', netns, link });
    this.#known.set(record, after);
  }
}

/** As /proc/net/dev has them (`dev_seq_printf_stats` in net/core/net-procfs.c). */
function statistics(counters: readonly number[]): LinkStatistics {
  const at = (index: number): number => counters[index] ?? 0;
  return {
    rxBytes: at(0),
    rxPackets: at(1),
    rxErrors: at(2),
    rxDropped: at(3),
    rxFifoErrors: at(4),
    rxFrameErrors: at(5),
    rxCompressed: at(6),
    multicast: at(7),
    txBytes: at(8),
    txPackets: at(9),
    txErrors: at(10),
    txDropped: at(11),
    txFifoErrors: at(12),
    collisions: at(13),
    txCarrierErrors: at(14),
    txCompressed: at(15),
  };
}

/** All that is known is its name, and mostly its index. */
const linkOf = ({ name, ifindex }: NetDevice): Link => ({
  ifindex: ifindex ?? 0,
  name,
  altNames: [],
  alias: null,
  kind: null,
  slaveKind: null,
  state: 'unknown',
  up: false,
  flags: 0,
  mtu: 0,
  address: null,
  master: null,
  details: null,
  peer: null,
  peerState: name === 'lo' ? null : 'unknown',
});
