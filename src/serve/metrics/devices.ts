/** The series of the interfaces in one namespace. */
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import type { Matcher } from '../../reference/glob.ts';
import type { Link } from '../../watch/links/link-types.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';
import type { Families, FamilyName } from './families.ts';
import { flat, labels, withLabels } from './family.ts';
import type { NetnsLabels } from './netns-labels.ts';

type Counter = (counters: LinkStatistics) => number | undefined;
type Counters = readonly (readonly [FamilyName, Counter])[];

/** By the stems of node_exporter, which adds up what /proc/net/dev does. */
const COUNTERS: Counters = [
  ['network_receive_bytes', ({ rxBytes }) => rxBytes],
  ['network_receive_packets', ({ rxPackets }) => rxPackets],
  ['network_receive_errs', ({ rxErrors }) => rxErrors],
  ['network_receive_drop', ({ rxDropped, rxMissed = 0 }) => rxDropped + rxMissed],
  ['network_transmit_bytes', ({ txBytes }) => txBytes],
  ['network_transmit_packets', ({ txPackets }) => txPackets],
  ['network_transmit_errs', ({ txErrors }) => txErrors],
  ['network_transmit_drop', ({ txDropped }) => txDropped],
  ['network_carrier_changes', ({ carrierChanges }) => carrierChanges],
];
const ALL: Counters = [
  ...COUNTERS,
  ['network_receive_fifo', ({ rxFifoErrors }) => rxFifoErrors],
  ['network_receive_frame', ({ rxFrameErrors }) => rxFrameErrors],
  ['network_receive_compressed', ({ rxCompressed }) => rxCompressed],
  ['network_receive_multicast', ({ multicast }) => multicast],
  ['network_receive_nohandler', ({ rxNohandler }) => rxNohandler],
  ['network_transmit_fifo', ({ txFifoErrors }) => txFifoErrors],
  ['network_transmit_colls', ({ collisions }) => collisions],
  ['network_transmit_carrier', ({ txCarrierErrors }) => txCarrierErrors],
  ['network_transmit_compressed', ({ txCompressed }) => txCompressed],
];

/** What a scrape tells of interfaces. */
export interface DeviceSettings {
  isWanted: Matcher;
  /** All stems that are known. */
  all: boolean;
}

/** The interfaces that are told of. One that left may still be among those that are there. */
export function wantedDevices({ links = [] }: InventoryEntry, { isWanted }: DeviceSettings): Link[] {
  const seen = new Set<number>();
  return links.filter(({ ifindex, name }) => {
    // Without an index it is known by its name alone: there is no number to tell.
    if (ifindex === 0 || seen.has(ifindex) || !isWanted(name)) return false;
    seen.add(ifindex);
    return true;
  });
}

/** @param statistics by index; null: they may not be read */
export function addDevices(
  families: Families,
  entry: InventoryEntry,
  devices: readonly Link[],
  statistics: ReadonlyMap<number, LinkStatistics> | null,
  netnsLabels: NetnsLabels,
  { all }: DeviceSettings,
): void {
  const netns = labels({ netns: netnsLabels.ofEntry(entry) });
  const names = deviceLabels(devices);
  const isLimited = entry.linksState === 'limited';
  for (const link of devices) {
    const device = flat(withLabels(netns, { device: names.get(link) as string }));
    if (!isLimited) addState(families, link, device, entry, netnsLabels);
    const counters = statistics?.get(link.ifindex);
    if (counters === undefined) continue;
    for (const [family, of] of all ? ALL : COUNTERS) {
      const value = of(counters);
      if (value !== undefined) families.add(family, device, value);
    }
  }
}

/** Two that differ in bytes that are no UTF-8, or of which one was renamed just now, look alike. */
function deviceLabels(devices: readonly Link[]): ReadonlyMap<Link, string> {
  const taken = new Set<string>();
  const all = new Map<Link, string>();
  for (const link of devices) {
    // No name has a space (`dev_valid_name` in net/core/dev.c).
    const label = taken.has(link.name) ? `${link.name} ifindex:${link.ifindex}` : link.name;
    taken.add(label);
    all.set(link, label);
  }
  return all;
}

function addState(
  families: Families,
  link: Link,
  device: string,
  entry: InventoryEntry,
  netnsLabels: NetnsLabels,
): void {
  const master = entry.links?.find(({ ifindex }) => ifindex === link.master);
  const more = {
    ifindex: String(link.ifindex),
    kind: link.kind ?? '',
    operstate: link.state,
    address: link.address ?? '',
    ifalias: link.alias ?? '',
    master: link.master === null ? '' : (master?.name ?? `ifindex:${link.master}`),
  };
  families.add('network', withLabels(device, more), 1);
  families.add('network_up', device, link.state === 'up' ? 1 : 0);
  families.add('network_mtu_bytes', device, link.mtu);
  if (link.peer === null) return;
  const peer = { peer_netns: netnsLabels.of(link.peer.netns), peer_device: link.peer.name ?? '' };
  families.add('link_peer', withLabels(device, peer), 1);
}
