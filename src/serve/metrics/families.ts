/** All families that there are. docs/metrics.md has them with their labels and rights. */
import type { Family, FamilyInfo, FamilyType } from './family.ts';

/** Without `nlink_` and the suffix of the type. */
export type FamilyName =
  | 'namespaces'
  | 'namespaces_lingering'
  | 'namespaces_unnamed'
  | 'namespace'
  | 'namespace_processes'
  | 'namespace_created_timestamp_seconds'
  | 'network'
  | 'network_up'
  | 'network_mtu_bytes'
  | 'network_carrier_changes'
  | 'network_receive_bytes'
  | 'network_receive_packets'
  | 'network_receive_errs'
  | 'network_receive_drop'
  | 'network_transmit_bytes'
  | 'network_transmit_packets'
  | 'network_transmit_errs'
  | 'network_transmit_drop'
  | 'network_receive_fifo'
  | 'network_receive_frame'
  | 'network_receive_compressed'
  | 'network_receive_multicast'
  | 'network_receive_nohandler'
  | 'network_transmit_fifo'
  | 'network_transmit_colls'
  | 'network_transmit_carrier'
  | 'network_transmit_compressed'
  | 'link_peer'
  | 'events'
  | 'resyncs'
  | 'part_up'
  | 'scrape_duration_seconds'
  | 'build';

type Row = readonly [name: FamilyName, type: FamilyType, help: string, unit?: 'bytes' | 'seconds'];

const ROWS: readonly Row[] = [
  ['namespaces', 'gauge', 'Network namespaces that are known.'],
  ['namespaces_lingering', 'gauge', 'Network namespaces that live on although their last name is gone.'],
  ['namespaces_unnamed', 'gauge', 'Network namespaces without a name, the own one not counted.'],
  ['namespace', 'info', 'A network namespace: its inode, its nsid, and whose it is.'],
  ['namespace_processes', 'gauge', 'Processes in a network namespace, as of the last look.'],
  [
    'namespace_created_timestamp_seconds',
    'gauge',
    'When a network namespace that has or had a name was made, since 1970.',
    'seconds',
  ],
  ['network', 'info', 'An interface: its index, kind, state, address, alias and master.'],
  ['network_up', 'gauge', 'Whether the operational state of an interface is up.'],
  ['network_mtu_bytes', 'gauge', 'The longest packet that an interface takes.', 'bytes'],
  ['network_carrier_changes', 'counter', 'How often the carrier of an interface came or went.'],
  ['network_receive_bytes', 'counter', 'Bytes received.', 'bytes'],
  ['network_receive_packets', 'counter', 'Packets received.'],
  ['network_receive_errs', 'counter', 'Packets received with an error.'],
  ['network_receive_drop', 'counter', 'Packets received and dropped.'],
  ['network_transmit_bytes', 'counter', 'Bytes sent.', 'bytes'],
  ['network_transmit_packets', 'counter', 'Packets sent.'],
  ['network_transmit_errs', 'counter', 'Packets that could not be sent.'],
  ['network_transmit_drop', 'counter', 'Packets that were dropped and not sent.'],
  ['network_receive_fifo', 'counter', 'Packets for which the queue of the receiver had no room.'],
  ['network_receive_frame', 'counter', 'Packets received with a wrong length, frame or checksum.'],
  ['network_receive_compressed', 'counter', 'Packets received compressed.'],
  ['network_receive_multicast', 'counter', 'Packets received for multicast addresses.'],
  ['network_receive_nohandler', 'counter', 'Packets received that no protocol wanted.'],
  ['network_transmit_fifo', 'counter', 'Packets for which the queue of the sender failed.'],
  ['network_transmit_colls', 'counter', 'Collisions while sending.'],
  ['network_transmit_carrier', 'counter', 'Packets lost while sending: no carrier, or aborted.'],
  ['network_transmit_compressed', 'counter', 'Packets sent compressed.'],
  ['link_peer', 'info', 'Where an interface leads: the namespace of its other end or lower device.'],
  ['events', 'counter', 'Events that were told, by type.'],
  ['resyncs', 'counter', 'Losses of events that were made up for, by what was lost.'],
  ['part_up', 'gauge', 'Whether a part works; what it would tell is left out while it does not.'],
  ['scrape_duration_seconds', 'gauge', 'How long a part of this scrape took.', 'seconds'],
  ['build', 'info', 'The version of nlink and of Node.'],
];

/** @returns what is known of each family, in their order */
export const catalogue = (): FamilyInfo[] =>
  ROWS.map(([name, type, help, unit]) => ({
    name: `nlink_${name}`,
    type,
    help,
    ...(unit === undefined ? {} : { unit }),
  }));

/** The families of one scrape. */
export class Families {
  readonly #byName = new Map<FamilyName, Family>();

  constructor() {
    const infos = catalogue();
    for (const [at, [name]] of ROWS.entries())
      this.#byName.set(name, { ...(infos[at] as FamilyInfo), samples: [] });
  }

  add(name: FamilyName, labels: string, value: number): void {
    this.#byName.get(name)?.samples.push({ labels, value });
  }

  all(): Family[] {
    return [...this.#byName.values()];
  }
}
