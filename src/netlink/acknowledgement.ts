/**
 * The codec of `NLMSG_ERROR` and `NLMSG_DONE`: a negative error number, 0 for success; then, in an
 * NLMSG_ERROR, the header of the request, and the rest of it unless `NLM_F_CAPPED`; then, with
 * `NLM_F_ACK_TLVS`, the extended acknowledgement: what was wrong and where (`netlink_ack` in
 * net/netlink/af_netlink.c, netlink(7)).
 */
import { littleEndian } from '../sys/endian.ts';
import { AttributeCursor } from './attribute.ts';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from './constants.ts';
import { malformed, viewOf } from './malformed.ts';
import { align, NLMSG_HDRLEN } from './message.ts';
import type { MessageCursor, NetlinkMessage } from './message.ts';

/** What an NLMSG_ERROR or NLMSG_DONE says. */
export interface Acknowledgement {
  /** 0: done; otherwise the positive error number. */
  error: number;
  /** The kernel's own words; null: none. */
  text: string | null;
  /** Where in the request the fault lies, in bytes from the start of its header; null: unknown. */
  offset: number | null;
}

/**
 * Reads an NLMSG_ERROR or NLMSG_DONE.
 * @throws NlinkError `ERR_NLINK_MALFORMED`, also for a message of another type
 */
export function decodeAcknowledgement({ type, flags, payload }: NetlinkMessage): Acknowledgement {
  return decode(type, flags, viewOf(payload), 0, payload.byteLength);
}

/** As {@link decodeAcknowledgement}, of the message that a cursor stands at. */
export function acknowledgementAt({ type, flags, view, start, end }: MessageCursor): Acknowledgement {
  return decode(type, flags, view, start, end);
}

/** The number alone of an NLMSG_ERROR: where thousands are refused, their words cost most. */
export const errorAt = ({ view, start, end }: MessageCursor): number => numberIn(view, start, end);

function numberIn(view: DataView, start: number, end: number): number {
  if (end - start < 4) throw malformed(`an acknowledgement of ${end - start} bytes`);
  // Not by a sign before it, which makes a 0 into -0.
  const error = 0 - view.getInt32(start, littleEndian);
  if (error < 0) throw malformed(`an acknowledgement with the number ${-error}`);
  return error;
}

function decode(type: number, flags: number, view: DataView, start: number, end: number): Acknowledgement {
  if (type !== NLMSG_ERROR && type !== NLMSG_DONE)
    throw malformed(`message type ${type} is no acknowledgement`);
  // The kernel may end a dump without a number.
  if (type === NLMSG_DONE && end === start) return { error: 0, text: null, offset: null };
  const error = numberIn(view, start, end);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { error, text: null, offset: null };
  const attributes = type === NLMSG_DONE ? start + 4 : start + 4 + requestLength(flags, view, start + 4, end);
  let text: string | null = null;
  let offset: number | null = null;
  const cursor = new AttributeCursor(view, attributes, end);
  while (cursor.next()) {
    if (cursor.type === NLMSGERR_ATTR_MSG) text = cursor.text();
    if (cursor.type === NLMSGERR_ATTR_OFFS) offset = cursor.u32();
  }
  return { error, text, offset };
}

/** How much of the request stands in an NLMSG_ERROR. */
function requestLength(flags: number, view: DataView, start: number, end: number): number {
  if (end - start < NLMSG_HDRLEN) throw malformed('an error without the header of its request');
  if ((flags & NLM_F_CAPPED) !== 0) return NLMSG_HDRLEN;
  const length = view.getUint32(start, littleEndian);
  if (length < NLMSG_HDRLEN || length > end - start)
    throw malformed(`an error with a request of ${length} bytes where ${end - start} are left`);
  return align(length);
}
