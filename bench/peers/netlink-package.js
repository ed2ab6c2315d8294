/**
 * What the npm package `netlink` needs of its user to ask for a namespace id: it knows netlink(7)
 * and some rtnetlink messages, not those of namespace ids. Its own functions write and read the
 * attributes.
 */
import netlink from 'netlink';

export const RTM_NEWNSID = 88;
export const RTM_DELNSID = 89;
export const RTM_GETNSID = 90;
export const RTNLGRP_NSID = 28;
const NETNSA_NSID = 1;
const NETNSA_FD = 3;
/** struct rtgenmsg, padded. */
const FAMILY = Buffer.alloc(4);

/** The id of the namespace that a descriptor is open on. */
export async function ask(socket, fd) {
  const attribute = netlink.formatAttribute({ type: NETNSA_FD, data: netlink.putU32(fd) });
  const [messages] = await socket.request(RTM_GETNSID, [FAMILY, ...attribute]);
  return nsidIn(messages[0].data);
}

/** The id in the payload of a message. */
export function nsidIn(payload) {
  let nsid = -1;
  netlink.parseAttributes(payload.subarray(4), ({ type, data }) => {
    if (type === NETNSA_NSID) nsid = netlink.getS32(data);
  });
  return nsid;
}

export const open = (options) => netlink.createNetlink(netlink.Protocol.ROUTE, options);
