/**
 * Writes what only the kernel writes, `netlink_ack` and `netlink_dump_done` in
 * net/netlink/af_netlink.c: the counterpart of the codec.
 */
import type { Acknowledgement } from '../../src/netlink/acknowledgement.ts';
import { encodeAttributes } from '../../src/netlink/attribute.ts';
import type { Attribute } from '../../src/netlink/attribute.ts';
import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_MULTI,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from '../../src/netlink/constants.ts';
import { encodeMessage, NLMSG_HDRLEN } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { littleEndian } from '../../src/sys/endian.ts';

export interface AcknowledgementOptions {
  /** What is acknowledged; left out: the end of a dump is. */
  request?: Partial<NetlinkMessage> & { type: number };
  /** Whether the request stops after its header (NETLINK_CAP_ACK). */
  capped?: boolean;
  /** Whether it was asked for text and offset (NETLINK_EXT_ACK). */
  tlvs?: boolean;
}

/** An NLMSG_ERROR, or an NLMSG_DONE. Its sequence number and port are those of the request. */
export function encodeAcknowledgement(
  { error, text, offset }: Acknowledgement,
  { request, capped = false, tlvs = false }: AcknowledgementOptions,
): NetlinkMessage {
  const number = new DataView(new ArrayBuffer(4));
  number.setInt32(0, -error, littleEndian);
  const attributes: Attribute[] = [];
  if (text !== null) attributes.push({ type: NLMSGERR_ATTR_MSG, value: Buffer.from(`${text}\0`) });
  if (offset !== null) {
    const value = new DataView(new ArrayBuffer(4));
    value.setUint32(0, offset, littleEndian);
    attributes.push({ type: NLMSGERR_ATTR_OFFS, value: new Uint8Array(value.buffer) });
  }
  const repeated = request === undefined ? new Uint8Array(0) : encodeMessage(request);
  const payload = Buffer.concat([
    new Uint8Array(number.buffer),
    capped ? repeated.subarray(0, NLMSG_HDRLEN) : repeated,
    tlvs ? encodeAttributes(attributes) : new Uint8Array(0),
  ]);
  const { sequence = 0, port = 0 } = request ?? {};
  const flags = (capped ? NLM_F_CAPPED : 0) | (tlvs ? NLM_F_ACK_TLVS : 0);
  return request === undefined
    ? { type: NLMSG_DONE, flags: flags | NLM_F_MULTI, sequence, port, payload }
    : { type: NLMSG_ERROR, flags, sequence, port, payload };
}
