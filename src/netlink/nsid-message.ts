/**
 * The payload of `RTM_NEWNSID`, `RTM_DELNSID` and `RTM_GETNSID` (`rtnl_net_*` in
 * net/core/net_namespace.c): a `struct rtgenmsg { u8 family; }`, padded to 4, and `NETNSA_*`
 * attributes. Nsids are signed: -1 is none, not 4294967295.
 */
import { littleEndian } from '../sys/endian.ts';
import { INT_MAX } from '../sys/limits.ts';
import { attributeAt, AttributeCursor, encodeAttributes } from './attribute.ts';
import type { Attribute } from './attribute.ts';
import { NETNSA_CURRENT_NSID, NETNSA_FD, NETNSA_NSID, NETNSA_PID, NETNSA_TARGET_NSID } from './constants.ts';
import { checkRange, malformed, viewOf } from './malformed.ts';

/** `struct rtgenmsg` and its padding. */
export const RTGENMSG_SIZE = 4;

/** `struct rtgenmsg` of rtnetlink(7): the head of many messages. */
export interface RtGenMsg {
  /** An address family, 0 (AF_UNSPEC) in messages of nsids. */
  family: number;
}

/** A message of nsids. What is left out is not in it. */
export interface NsidMessage extends RtGenMsg {
  /** `NETNSA_NSID`: -1 for none. */
  nsid?: number;
  /** `NETNSA_PID`. */
  pid?: number;
  /** `NETNSA_FD`. */
  fd?: number;
  /** `NETNSA_TARGET_NSID`. */
  targetNsid?: number;
  /** `NETNSA_CURRENT_NSID`. */
  currentNsid?: number;
  /** Attributes that this version does not know, as they are. */
  unknown?: Attribute[];
}

/**
 * Reads the head of a payload, which may be one byte long or padded to 4.
 * @throws NlinkError `ERR_NLINK_MALFORMED` it is empty
 */
export function decodeRtGenMsg(payload: Uint8Array): RtGenMsg {
  const family = payload[0];
  if (family === undefined) throw malformed('a payload without struct rtgenmsg');
  return { family };
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` a family that is no byte */
export function encodeRtGenMsg({ family }: RtGenMsg): Uint8Array {
  checkRange('family', family, 0xff);
  return Uint8Array.of(family, 0, 0, 0);
}

/**
 * Of an attribute that comes more than once the last one counts, as in the kernel.
 * @throws NlinkError `ERR_NLINK_MALFORMED`
 */
export function decodeNsidMessage(payload: Uint8Array): NsidMessage {
  const message: NsidMessage = decodeRtGenMsg(payload);
  const cursor = new AttributeCursor(viewOf(payload), RTGENMSG_SIZE);
  while (cursor.next()) {
    const field = FIELDS[cursor.type];
    if (field === undefined) (message.unknown ??= []).push(attributeAt(cursor));
    else message[field.name] = field.signed ? cursor.s32() : cursor.u32();
  }
  return message;
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` a number that does not fit */
export function encodeNsidMessage({ family, unknown, ...fields }: NsidMessage): Uint8Array {
  const attributes: Attribute[] = [];
  for (const [type, { name, signed }] of Object.entries(FIELDS)) {
    const number = fields[name];
    if (number === undefined) continue;
    if (signed) checkRange(name, number, INT_MAX, -INT_MAX - 1);
    else checkRange(name, number, 2 ** 32 - 1);
    const value = new Uint8Array(4);
    if (signed) viewOf(value).setInt32(0, number, littleEndian);
    else viewOf(value).setUint32(0, number, littleEndian);
    attributes.push({ type: Number(type), value });
  }
  const body = encodeAttributes([...attributes, ...(unknown ?? [])]);
  const payload = new Uint8Array(RTGENMSG_SIZE + body.byteLength);
  payload.set(encodeRtGenMsg({ family }));
  payload.set(body, RTGENMSG_SIZE);
  return payload;
}

type Field = Exclude<keyof NsidMessage, 'family' | 'unknown'>;

/** In the order of their numbers, in which they are also written. */
const FIELDS: Readonly<Record<number, { name: Field; signed: boolean }>> = {
  [NETNSA_NSID]: { name: 'nsid', signed: true },
  [NETNSA_PID]: { name: 'pid', signed: false },
  [NETNSA_FD]: { name: 'fd', signed: false },
  [NETNSA_TARGET_NSID]: { name: 'targetNsid', signed: true },
  [NETNSA_CURRENT_NSID]: { name: 'currentNsid', signed: true },
};
