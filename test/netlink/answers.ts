/**
 * What the kernel answers to requests about namespace ids, `rtnl_net_getid` and `rtnl_net_dumpid`
 * in net/core/net_namespace.c.
 */
import { NLM_F_DUMP_INTR, NLM_F_MULTI, NETNSA_NSID, RTM_NEWNSID } from '../../src/netlink/constants.ts';
import { encodeMessage } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { decodeNsidMessage, encodeNsidMessage } from '../../src/netlink/nsid-message.ts';
import { encodeAcknowledgement } from './encoder.ts';
import { PORT } from './scripted-socket.ts';

/**
 * Which id has what was asked for; -1 for none. `differing` is what a stale answer has in its
 * header.
 */
export function reply(
  { sequence }: NetlinkMessage,
  nsid: number,
  differing: Partial<NetlinkMessage> = {},
): Uint8Array {
  const payload = encodeNsidMessage({ family: 0, nsid });
  return encodeMessage({ type: RTM_NEWNSID, sequence, port: PORT, payload, ...differing });
}

/** NLMSG_ERROR, capped, with words where there are any; 0: an acknowledgement. */
export function refusal(request: NetlinkMessage, error: number, text: string | null = null): Uint8Array {
  const options = { request, capped: true, tlvs: text !== null };
  const answer = encodeAcknowledgement({ error, text, offset: null }, options);
  return encodeMessage({ ...answer, port: PORT });
}

/** An entry of a dump. */
export interface Entry {
  nsid: number;
  /** Left out: NETNSA_CURRENT_NSID is not in it. */
  current?: number;
}

/** Entries of a dump, for one datagram. */
export function dumped(
  { sequence }: NetlinkMessage,
  entries: readonly Entry[],
  { interrupted = false, type = RTM_NEWNSID }: { interrupted?: boolean; type?: number } = {},
): Uint8Array {
  const flags = NLM_F_MULTI | (interrupted ? NLM_F_DUMP_INTR : 0);
  return Buffer.concat(
    entries.map(({ nsid, current }) => {
      const message = { family: 0, nsid, ...(current !== undefined && { currentNsid: current }) };
      return encodeMessage({ type, flags, sequence, port: PORT, payload: encodeNsidMessage(message) });
    }),
  );
}

/** The end of a dump. */
export function done({ sequence }: NetlinkMessage, error = 0, flags = 0): Uint8Array {
  const end = encodeAcknowledgement({ error, text: null, offset: null }, {});
  return encodeMessage({ ...end, flags: end.flags | flags, sequence, port: PORT });
}

/** The id that a request asks about by NETNSA_NSID. */
export function askedNsid({ payload }: NetlinkMessage): number {
  const { nsid } = decodeNsidMessage(payload);
  if (nsid === undefined) throw new Error(`a request without attribute ${NETNSA_NSID}`);
  return nsid;
}
