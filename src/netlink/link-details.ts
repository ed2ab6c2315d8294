/**
 * What is particular to a kind of link: the attributes in `IFLA_INFO_DATA`, whose numbers each
 * kind has of its own (`include/uapi/linux/if_link.h`, `if_tunnel.h`, and the `fill_info` of each
 * driver). Only what tells where a link leads, or what it is for, is read.
 */
import type { AttributeCursor } from './attribute.ts';
import { ipTextOrNone } from './address-text.ts';
import { TUNNELS, tunnelDetails } from './tunnel-details.ts';
import type { TunnelDetails } from './tunnel-details.ts';

/** What is particular to a kind. What the kernel does not say is null. */
export type LinkDetails =
  | {
      /** A VLAN of its lower device. */
      kind: 'vlan';
      /** The VLAN's id, 0 to 4094. */
      id: number;
      /** Null: the kernel does not say, or says something else. */
      protocol: '802.1Q' | '802.1ad' | null;
    }
  | {
      /** A VXLAN tunnel. */
      kind: 'vxlan';
      /** The VNI, 0 to 2^24-1. */
      id: number;
      /** The IP address that it sends from. */
      local: string | null;
      /** The IP address that it sends to; it may be that of a multicast group. */
      remote: string | null;
      /** The UDP port that it sends to. */
      port: number | null;
      /** The ifindex of the device that it sends by, in the namespace where it was made. */
      lower: number | null;
    }
  | {
      /** A Geneve tunnel. */
      kind: 'geneve';
      /** The VNI, 0 to 2^24-1. */
      id: number;
      /** The IP address that it sends to. */
      remote: string | null;
      /** The UDP port that it sends to. */
      port: number | null;
    }
  | {
      /** A device with an address of its own on a lower one. */
      kind: 'macvlan' | 'macvtap';
      /** `private`, `vepa`, `bridge`, `passthru`, `source`. */
      mode: string | null;
    }
  | {
      /** A device with the address of its lower one. */
      kind: 'ipvlan' | 'ipvtap';
      /** `l2`, `l3`, `l3s`. */
      mode: string | null;
    }
  | {
      /** Several devices as one. */
      kind: 'bond';
      /** `balance-rr`, `active-backup`, `802.3ad`, … */
      mode: string | null;
    }
  | {
      /** A bridge. */
      kind: 'bridge';
      /** Whether it heeds VLANs. */
      vlanFiltering: boolean | null;
      /** Whether it speaks the spanning tree protocol, by the kernel or a program. */
      stp: boolean | null;
    }
  | {
      /** A routing table of its own for its ports. */
      kind: 'vrf';
      /** The number of its routing table. */
      table: number;
    }
  | {
      /** One end of a pair, with programs of BPF. */
      kind: 'netkit';
      /** `l2`, `l3`. */
      mode: string | null;
      /** Whether it is the end that has control of both. */
      primary: boolean | null;
    }
  | {
      /** An IPsec tunnel. */
      kind: 'xfrm';
      /** The id that policies and states name it by. */
      id: number | null;
      /** The ifindex of the device that it is bound to, in the namespace of `IFLA_LINK`. */
      lower: number | null;
    }
  | TunnelDetails;

type Reader = (attributes: AttributeCursor, bytes: Uint8Array) => LinkDetails | null;

const MACVLAN_MODES: Readonly<Record<number, string>> = {
  1: 'private',
  2: 'vepa',
  4: 'bridge',
  8: 'passthru',
  16: 'source',
};
const IPVLAN_MODES = ['l2', 'l3', 'l3s'];
const NETKIT_MODES = ['l2', 'l3'];
const BOND_MODES = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
];

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['vlan', vlan],
  ['vxlan', vxlan],
  ['geneve', geneve],
  ['macvlan', (data) => ({ kind: 'macvlan', mode: macvlanMode(data) })],
  ['macvtap', (data) => ({ kind: 'macvtap', mode: macvlanMode(data) })],
  ['ipvlan', (data) => ({ kind: 'ipvlan', mode: ipvlanMode(data) })],
  ['ipvtap', (data) => ({ kind: 'ipvtap', mode: ipvlanMode(data) })],
  ['bond', bond],
  ['bridge', bridge],
  ['vrf', vrf],
  ['netkit', netkit],
  ['xfrm', xfrm],
  ...[...TUNNELS].map(([kind, numbers]): [string, Reader] => [
    kind,
    (data, bytes) => tunnelDetails(data, bytes, numbers),
  ]),
]);

/**
 * The details of a link of this kind.
 * @param attributes at the start of `IFLA_INFO_DATA`
 * @param bytes what the attributes lie in
 * @returns null: nothing that is read, or not in the form that it has in Linux (a driver from
 *   elsewhere may have the same name)
 */
export function linkDetails(
  kind: string,
  attributes: AttributeCursor,
  bytes: Uint8Array,
): LinkDetails | null {
  const read = READERS.get(kind);
  if (read === undefined) return null;
  try {
    return read(attributes, bytes);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_NLINK_MALFORMED') return null;
    throw error;
  }
}

/** `IFLA_VLAN_*`. */
function vlan(data: AttributeCursor): LinkDetails | null {
  let id: number | null = null;
  let protocol: '802.1Q' | '802.1ad' | null = null;
  while (data.next()) {
    if (data.type === 1) id = data.u16();
    else if (data.type === 5) {
      const number = data.be16();
      protocol = number === 0x8100 ? '802.1Q' : number === 0x88a8 ? '802.1ad' : null;
    }
  }
  return id === null ? null : { kind: 'vlan', id, protocol };
}

/** `IFLA_VXLAN_*`. */
function vxlan(data: AttributeCursor, bytes: Uint8Array): LinkDetails | null {
  let id: number | null = null;
  let local: string | null = null;
  let remote: string | null = null;
  let port: number | null = null;
  let lower: number | null = null;
  while (data.next()) {
    const { type, start, end } = data;
    if (type === 1) id = data.u32();
    else if (type === 2 || type === 16) remote = ipTextOrNone(bytes, start, end) ?? remote;
    else if (type === 3) lower = orNone(data.u32());
    else if (type === 4 || type === 17) local = ipTextOrNone(bytes, start, end) ?? local;
    else if (type === 15) port = data.be16();
  }
  return id === null ? null : { kind: 'vxlan', id, local, remote, port, lower };
}

/** `IFLA_GENEVE_*`. */
function geneve(data: AttributeCursor, bytes: Uint8Array): LinkDetails | null {
  let id: number | null = null;
  let remote: string | null = null;
  let port: number | null = null;
  while (data.next()) {
    const { type, start, end } = data;
    if (type === 1) id = data.u32();
    else if (type === 2 || type === 7) remote = ipTextOrNone(bytes, start, end) ?? remote;
    else if (type === 5) port = data.be16();
  }
  return id === null ? null : { kind: 'geneve', id, remote, port };
}

/** `IFLA_MACVLAN_MODE`. */
function macvlanMode(data: AttributeCursor): string | null {
  while (data.next()) if (data.type === 1) return MACVLAN_MODES[data.u32()] ?? null;
  return null;
}

/** `IFLA_IPVLAN_MODE`. */
function ipvlanMode(data: AttributeCursor): string | null {
  while (data.next()) if (data.type === 1) return IPVLAN_MODES[data.u16()] ?? null;
  return null;
}

/** `IFLA_BOND_MODE`. */
function bond(data: AttributeCursor): LinkDetails {
  while (data.next()) if (data.type === 1) return { kind: 'bond', mode: BOND_MODES[data.u8()] ?? null };
  return { kind: 'bond', mode: null };
}

/** `IFLA_BR_*`, of which there are some 50. */
function bridge(data: AttributeCursor): LinkDetails {
  let vlanFiltering: boolean | null = null;
  let stp: boolean | null = null;
  while (data.next() && (vlanFiltering === null || stp === null)) {
    if (data.type === 5) stp = data.u32() !== 0;
    else if (data.type === 7) vlanFiltering = data.u8() !== 0;
  }
  return { kind: 'bridge', vlanFiltering, stp };
}

/** `IFLA_VRF_TABLE`. */
function vrf(data: AttributeCursor): LinkDetails | null {
  while (data.next()) if (data.type === 1) return { kind: 'vrf', table: data.u32() };
  return null;
}

/** `IFLA_NETKIT_*`. */
function netkit(data: AttributeCursor): LinkDetails {
  let mode: string | null = null;
  let primary: boolean | null = null;
  while (data.next()) {
    if (data.type === 2) primary = data.u8() !== 0;
    else if (data.type === 5) mode = NETKIT_MODES[data.u32()] ?? null;
  }
  return { kind: 'netkit', mode, primary };
}

/** `IFLA_XFRM_*`. */
function xfrm(data: AttributeCursor): LinkDetails {
  let id: number | null = null;
  let lower: number | null = null;
  while (data.next()) {
    if (data.type === 1) lower = orNone(data.u32());
    else if (data.type === 2) id = data.u32();
  }
  return { kind: 'xfrm', id, lower };
}

/** 0 is no ifindex. */
const orNone = (ifindex: number): number | null => (ifindex === 0 ? null : ifindex);
