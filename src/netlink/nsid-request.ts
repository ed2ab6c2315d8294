/**
 * How requests about nsids are written: header, struct rtgenmsg, and attributes that are
 * all numbers of 32 bits. Into memory that is there, number by number, since nsids are asked for by
 * the hundred thousand.
 */
import { littleEndian } from '../sys/endian.ts';
import { NLMSG_HDRLEN } from './message.ts';
import { RTGENMSG_SIZE } from './nsid-message.ts';

/** Bytes of a request without attributes, and of an attribute. */
export const BODY: number = NLMSG_HDRLEN + RTGENMSG_SIZE;
export const ATTRIBUTE_SIZE = 8;

/** Writes a struct nlmsghdr to the kernel (netlink(7)), over whatever stood there. */
export function writeHeader(
  view: DataView,
  at: number,
  length: number,
  type: number,
  flags: number,
  sequence: number,
): void {
  view.setUint32(at, length, littleEndian);
  view.setUint16(at + 4, type, littleEndian);
  view.setUint16(at + 6, flags, littleEndian);
  view.setUint32(at + 8, sequence, littleEndian);
  view.setUint32(at + 12, 0, littleEndian);
}

/** Writes header and struct rtgenmsg, over whatever stood there. @returns the message's length */
export function writeHead(view: DataView, at: number, type: number, flags: number, sequence: number): number {
  writeHeader(view, at, BODY, type, flags, sequence);
  view.setUint32(at + NLMSG_HDRLEN, 0, littleEndian);
  return BODY;
}

/** Adds an attribute to the message at `at`, which has this length. @returns its length now */
export function writeAttribute(
  view: DataView,
  at: number,
  length: number,
  type: number,
  value: number,
): number {
  view.setUint16(at + length, ATTRIBUTE_SIZE, littleEndian);
  view.setUint16(at + length + 2, type, littleEndian);
  view.setInt32(at + length + 4, value, littleEndian);
  view.setUint32(at, length + ATTRIBUTE_SIZE, littleEndian);
  return length + ATTRIBUTE_SIZE;
}
