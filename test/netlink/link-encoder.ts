/**
 * Writes what only the kernel writes of links and addresses: the counterpart of the codec. The
 * widths of numbers are those of the policies of the kernel (`ifla_policy` in
 * net/core/rtnetlink.c, and that of each driver).
 */
import { encodeAttributes } from '../../src/netlink/attribute.ts';
import type { Attribute } from '../../src/netlink/attribute.ts';
import type { LinkMessage } from '../../src/netlink/link-message.ts';
import { littleEndian } from '../../src/sys/endian.ts';

const bytesOf = (size: number, set: (view: DataView) => void): Uint8Array => {
  const view = new DataView(new ArrayBuffer(size));
  set(view);
  return new Uint8Array(view.buffer);
};

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);
export const u16 = (value: number): Uint8Array =>
  bytesOf(2, (view) => view.setUint16(0, value, littleEndian));
export const u32 = (value: number): Uint8Array =>
  bytesOf(4, (view) => view.setUint32(0, value, littleEndian));
export const be16 = (value: number): Uint8Array => bytesOf(2, (view) => view.setUint16(0, value));
export const be32 = (value: number): Uint8Array => bytesOf(4, (view) => view.setUint32(0, value));
export const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(`${value}\0`));
export const hex = (digits: string): Uint8Array => new Uint8Array(Buffer.from(digits, 'hex'));

/** Attributes by their numbers, in this order. */
export type Attributes = readonly (readonly [type: number, value: Uint8Array])[];

export const nest = (attributes: Attributes): Uint8Array =>
  encodeAttributes(attributes.map(([type, value]): Attribute => ({ type, value })));

/** `struct ifinfomsg`. */
export interface Ifinfomsg {
  family?: number;
  type?: number;
  ifindex?: number;
  flags?: number;
  change?: number;
}

/** A payload of RTM_NEWLINK or RTM_DELLINK. */
export function linkPayload(
  { family = 0, type = 1, ifindex = 7, flags = 0, change = 0 }: Ifinfomsg,
  attributes: Attributes = [],
): Uint8Array {
  const head = bytesOf(16, (view) => {
    view.setUint8(0, family);
    view.setUint16(2, type, littleEndian);
    view.setInt32(4, ifindex, littleEndian);
    view.setUint32(8, flags, littleEndian);
    view.setUint32(12, change, littleEndian);
  });
  return Buffer.concat([head, nest(attributes)]);
}

/** The attribute IFLA_LINKINFO. */
export const linkInfo = (kind: string, data: Attributes): readonly [number, Uint8Array] => [
  18,
  nest([
    [1, text(kind)],
    [2, nest(data)],
  ]),
];

/** `struct ifaddrmsg`. */
export interface Ifaddrmsg {
  family?: number;
  prefixLength?: number;
  flags?: number;
  scope?: number;
  ifindex?: number;
}

/** A payload of RTM_NEWADDR. */
export function addressPayload(
  { family = 2, prefixLength = 24, flags = 0x80, scope = 0, ifindex = 7 }: Ifaddrmsg = {},
  attributes: Attributes = [],
): Uint8Array {
  return Buffer.concat([Uint8Array.of(family, prefixLength, flags, scope), u32(ifindex), nest(attributes)]);
}

/** What {@link linkPayload} says without attributes. */
export const NOTHING: LinkMessage = {
  family: 0,
  ifindex: 7,
  type: 1,
  flags: 0,
  name: '',
  altNames: [],
  alias: null,
  kind: null,
  slaveKind: null,
  details: null,
  operState: 'unknown',
  mtu: 0,
  address: null,
  master: null,
  link: null,
  linkNsid: null,
  targetNsid: null,
  newNsid: null,
  newIfindex: null,
  statistics: null,
};
