/**
 * The codec of RTM_NEWADDR: `struct ifaddrmsg { u8 family, prefixlen, flags, scope; u32 index; }`
 * and attributes `IFA_*` (rtnetlink(7); `inet_fill_ifaddr` in net/ipv4/devinet.c,
 * `inet6_fill_ifaddr` in net/ipv6/addrconf.c).
 */
import { littleEndian } from '../sys/endian.ts';
import { ipText } from './address-text.ts';
import { AttributeCursor } from './attribute.ts';
import {
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_FLAGS,
  IFA_LABEL,
  IFA_LOCAL,
  IFA_TARGET_NETNSID,
} from './link-constants.ts';
import { malformed } from './malformed.ts';
import { MessageCursor } from './message.ts';
import { shortText } from './short-text.ts';

/** What a message says of an address. What it does not say is null. */
export interface AddressMessage {
  /** 2 (`AF_INET`) or 10 (`AF_INET6`). */
  family: number;
  /** Bits of the network's part, 0 to 32 or 128. */
  prefixLength: number;
  /** `RT_SCOPE_*`: 0 global, 253 link, 254 host. */
  scope: number;
  /** `IFA_F_*`: all 32 bits where the kernel says them. */
  flags: number;
  /** The link that it belongs to. */
  ifindex: number;
  /** `IFA_ADDRESS`, as `192.0.2.1` or `fe80::1`; on a point-to-point link the other end's. */
  address: string | null;
  /** `IFA_LOCAL`: one's own, where it is not `address`; IPv4 says both always. */
  local: string | null;
  /** `IFA_BROADCAST`. */
  broadcast: string | null;
  /** `IFA_LABEL`. */
  label: string | null;
  /** `IFA_TARGET_NETNSID`, the namespace that was asked about; null: the asking one. */
  targetNsid: number | null;
}

/** Bytes of `struct ifaddrmsg`. */
export const IFADDRMSG_SIZE = 8;

/** It remembers nothing from one message to the next. */
const attributes = new AttributeCursor();

/**
 * What the message says that a cursor stands at. Nothing of its bytes is kept.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function readAddressMessage({ view, bytes, start, end }: MessageCursor): AddressMessage {
  if (end - start < IFADDRMSG_SIZE)
    throw malformed(`a payload of ${end - start} bytes in an address message`);
  const message: AddressMessage = {
    family: bytes[start] as number,
    prefixLength: bytes[start + 1] as number,
    scope: bytes[start + 3] as number,
    flags: bytes[start + 2] as number,
    ifindex: view.getUint32(start + 4, littleEndian),
    address: null,
    local: null,
    broadcast: null,
    label: null,
    targetNsid: null,
  };
  attributes.reset(view, start + IFADDRMSG_SIZE, end);
  while (attributes.next()) {
    const { type } = attributes;
    if (type === IFA_ADDRESS) message.address = ipText(bytes, attributes.start, attributes.end);
    else if (type === IFA_LOCAL) message.local = ipText(bytes, attributes.start, attributes.end);
    else if (type === IFA_BROADCAST) message.broadcast = ipText(bytes, attributes.start, attributes.end);
    else if (type === IFA_LABEL) message.label = shortText(bytes, attributes.start, attributes.end);
    else if (type === IFA_FLAGS) message.flags = attributes.u32();
    else if (type === IFA_TARGET_NETNSID) message.targetNsid = attributes.s32();
  }
  return message;
}

/**
 * What a payload of type RTM_NEWADDR says.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function decodeAddressMessage(payload: Uint8Array): AddressMessage {
  const cursor = new MessageCursor(payload);
  cursor.end = payload.byteLength;
  return readAddressMessage(cursor);
}
