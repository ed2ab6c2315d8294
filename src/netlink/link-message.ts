/**
 * The codec of RTM_NEWLINK and RTM_DELLINK: `struct ifinfomsg { u8 family, pad; u16 type; s32
 * index; u32 flags, change; }` and attributes `IFLA_*` (rtnetlink(7); `rtnl_fill_ifinfo` in
 * net/core/rtnetlink.c). Links are read by the ten thousand: in place, and only what is needed of
 * some 50 attributes.
 */
import { littleEndian } from '../sys/endian.ts';
import { linkAddressText } from './address-text.ts';
import { AttributeCursor } from './attribute.ts';
import {
  IFLA_ADDRESS,
  IFLA_ALT_IFNAME,
  IFLA_CARRIER_CHANGES,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NEW_IFINDEX,
  IFLA_NEW_NETNSID,
  IFLA_OPERSTATE,
  IFLA_PROP_LIST,
  IFLA_STATS64,
  IFLA_TARGET_NETNSID,
} from './link-constants.ts';
import { linkDetails } from './link-details.ts';
import type { LinkDetails } from './link-details.ts';
import { linkStatistics } from './link-statistics.ts';
import type { LinkStatistics } from './link-statistics.ts';
import { malformed } from './malformed.ts';
import { MessageCursor } from './message.ts';
import { shortText } from './short-text.ts';

export type { LinkDetails } from './link-details.ts';
export type { LinkStatistics } from './link-statistics.ts';

/** The operational state of a link, RFC 2863; `ip link` prints nearly the same words. */
export type LinkOperState =
  'unknown' | 'not-present' | 'down' | 'lower-layer-down' | 'testing' | 'dormant' | 'up';

/** What a message says of a link. What it does not say is null, or as stated. */
export interface LinkMessage {
  /** `ifi_family`: 0; 7 (`AF_BRIDGE`) in what a bridge says of its ports. */
  family: number;
  /** Its index, from 1. Only tells links of one namespace apart. */
  ifindex: number;
  /** `ifi_type`, `ARPHRD_*`: 1 Ethernet, 772 loopback, 65534 none. */
  type: number;
  /** `ifi_flags`, `IFF_*` of netdevice(7). */
  flags: number;
  /** `IFLA_IFNAME`; empty where it is missing. */
  name: string;
  /** `IFLA_ALT_IFNAME`, in the kernel's order; empty: none. */
  altNames: readonly string[];
  /** `IFLA_IFALIAS`. */
  alias: string | null;
  /** `IFLA_INFO_KIND`: `veth`, `bridge`, …; null: a real device, or `lo`. */
  kind: string | null;
  /** `IFLA_INFO_SLAVE_KIND`, the kind of its master; null: none, or one that does not say. */
  slaveKind: string | null;
  /** `IFLA_INFO_DATA`; null: nothing that is read of this kind. */
  details: LinkDetails | null;
  /** `IFLA_OPERSTATE`; `unknown` where it is missing. */
  operState: LinkOperState;
  /** `IFLA_MTU`, in bytes; 0 where it is missing. */
  mtu: number;
  /** `IFLA_ADDRESS`: `02:00:00:00:00:01`; of a tunnel over IP an IP address; null: none. */
  address: string | null;
  /** `IFLA_MASTER`, the ifindex of its bridge, bond or VRF. */
  master: number | null;
  /** `IFLA_LINK`, the ifindex that it leads to; 0: to none, or one not there (yet, or any more). */
  link: number | null;
  /**
   * `IFLA_LINK_NETNSID`, the nsid of the namespace of `link` in the table of whoever asked, or of
   * the sender of a notification; null: the same namespace; -1: one that is about to end.
   */
  linkNsid: number | null;
  /** `IFLA_TARGET_NETNSID`, the namespace that was asked about; null: the asking one. */
  targetNsid: number | null;
  /** `IFLA_NEW_NETNSID`, only in an RTM_DELLINK: where it moved to, in the table of the sender. */
  newNsid: number | null;
  /** `IFLA_NEW_IFINDEX`, only in an RTM_DELLINK: its ifindex there. */
  newIfindex: number | null;
  /** `IFLA_STATS64`; null: not there, or not read. */
  statistics: LinkStatistics | null;
}

/** Bytes of `struct ifinfomsg`. */
export const IFINFOMSG_SIZE = 16;

const NO_NAMES: readonly string[] = Object.freeze([]);
/** By `IF_OPER_*`. */
const OPER_STATES: readonly LinkOperState[] = [
  'unknown',
  'not-present',
  'down',
  'lower-layer-down',
  'testing',
  'dormant',
  'up',
];

/** One for each level: they remember nothing from one message to the next. */
const attributes = new AttributeCursor();
const inner = new AttributeCursor();
const data = new AttributeCursor();

/** What is read of a message. */
export type WantedOfLink = 'all' | 'link' | 'counters';

/**
 * What the message says that a cursor stands at. Nothing of its bytes is kept.
 * @param wanted `link`: all but the counters, which are always there; `counters`: these, the name,
 *   and which namespace is meant
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function readLinkMessage(cursor: MessageCursor, wanted: WantedOfLink): LinkMessage {
  const { view, bytes, start, end } = cursor;
  if (end - start < IFINFOMSG_SIZE) throw malformed(`a payload of ${end - start} bytes in a link message`);
  const message: LinkMessage = {
    family: bytes[start] as number,
    ifindex: view.getInt32(start + 4, littleEndian),
    type: view.getUint16(start + 2, littleEndian),
    flags: view.getUint32(start + 8, littleEndian),
    name: '',
    altNames: NO_NAMES,
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
  attributes.reset(view, start + IFINFOMSG_SIZE, end);
  let carrierChanges: number | null = null;
  while (attributes.next()) {
    const { type } = attributes;
    if (type === IFLA_CARRIER_CHANGES) carrierChanges = attributes.u32();
    else if (type === IFLA_STATS64) {
      if (wanted !== 'link') message.statistics = linkStatistics(view, attributes.start, attributes.end);
    } else if (wanted !== 'counters' || type === IFLA_IFNAME || type === IFLA_TARGET_NETNSID)
      readAttribute(message, bytes, view);
  }
  if (message.statistics !== null && carrierChanges !== null)
    message.statistics.carrierChanges = carrierChanges;
  return message;
}

/** The attribute that the cursor stands at. */
function readAttribute(message: LinkMessage, bytes: Uint8Array, view: DataView): void {
  const { start, end } = attributes;
  switch (attributes.type) {
    case IFLA_IFNAME:
      message.name = shortText(bytes, start, end);
      break;
    case IFLA_ADDRESS:
      message.address = linkAddressText(message.type, bytes, start, end);
      break;
    case IFLA_MTU:
      message.mtu = attributes.u32();
      break;
    case IFLA_LINK:
      message.link = attributes.u32();
      break;
    case IFLA_MASTER:
      message.master = attributes.u32();
      break;
    case IFLA_OPERSTATE:
      message.operState = OPER_STATES[attributes.u8()] ?? 'unknown';
      break;
    case IFLA_LINKINFO:
      inner.reset(view, start, end);
      readInfo(message, bytes, view);
      break;
    case IFLA_IFALIAS:
      message.alias = shortText(bytes, start, end);
      break;
    case IFLA_LINK_NETNSID:
      message.linkNsid = attributes.s32();
      break;
    case IFLA_NEW_NETNSID:
      message.newNsid = attributes.s32();
      break;
    case IFLA_TARGET_NETNSID:
      message.targetNsid = attributes.s32();
      break;
    case IFLA_NEW_IFINDEX:
      message.newIfindex = attributes.u32();
      break;
    case IFLA_PROP_LIST:
      inner.reset(view, start, end);
      message.altNames = readAltNames(bytes);
      break;
    default:
  }
}

/** The attributes of `IFLA_LINKINFO`. The kind stands before its data. */
function readInfo(message: LinkMessage, bytes: Uint8Array, view: DataView): void {
  while (inner.next()) {
    if (inner.type === IFLA_INFO_KIND) message.kind = shortText(bytes, inner.start, inner.end);
    else if (inner.type === IFLA_INFO_SLAVE_KIND)
      message.slaveKind = shortText(bytes, inner.start, inner.end);
    else if (inner.type === IFLA_INFO_DATA && message.kind !== null) {
      data.reset(view, inner.start, inner.end);
      message.details = linkDetails(message.kind, data, bytes);
    }
  }
}

function readAltNames(bytes: Uint8Array): readonly string[] {
  const names: string[] = [];
  while (inner.next())
    if (inner.type === IFLA_ALT_IFNAME) names.push(shortText(bytes, inner.start, inner.end));
  return names.length === 0 ? NO_NAMES : names;
}

/**
 * What a payload of type RTM_NEWLINK or RTM_DELLINK says.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function decodeLinkMessage(payload: Uint8Array): LinkMessage {
  const cursor = new MessageCursor(payload);
  cursor.end = payload.byteLength;
  return readLinkMessage(cursor, 'all');
}
