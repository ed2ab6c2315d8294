/**
 * Numbers of the netlink protocol and of nsids: `include/uapi/linux/netlink.h`,
 * `rtnetlink.h`, `net_namespace.h`. The same on every architecture. Explained in netlink(7) and
 * rtnetlink(7).
 */

/**
 * The protocol of links, addresses, routes and nsids, and the only one that nlink itself
 * speaks.
 */
export const NETLINK_ROUTE = 0;

/** Types of messages below {@link NLMSG_MIN_TYPE} are netlink's own. */
export const NLMSG_NOOP = 1;
/** An error, or an acknowledgement where its number is 0. */
export const NLMSG_ERROR = 2;
/** The end of a dump. */
export const NLMSG_DONE = 3;
/** Data was lost; the kernel never sends it. */
export const NLMSG_OVERRUN = 4;
/** The lowest type that a protocol may use. */
export const NLMSG_MIN_TYPE = 0x10;

/** It is a request. */
export const NLM_F_REQUEST = 0x1;
/** One of several messages that end with {@link NLMSG_DONE}. */
export const NLM_F_MULTI = 0x2;
/** Answer with an acknowledgement where there is no error. */
export const NLM_F_ACK = 0x4;
/** Send the requester the notifications that its request causes. */
export const NLM_F_ECHO = 0x8;
/** What is dumped changed meanwhile: the dump is not consistent. */
export const NLM_F_DUMP_INTR = 0x10;
/** NLM_F_ROOT | NLM_F_MATCH: all there is. */
export const NLM_F_DUMP = 0x300;
/** In an {@link NLMSG_ERROR}: the request is not repeated whole (`NETLINK_CAP_ACK`). */
export const NLM_F_CAPPED = 0x100;
/** In an {@link NLMSG_ERROR}: attributes follow (`NETLINK_EXT_ACK`). */
export const NLM_F_ACK_TLVS = 0x200;

/** Set in an attribute's type: its value is attributes. */
export const NLA_F_NESTED = 0x8000;
/** Set in an attribute's type: its value is in network byte order. */
export const NLA_F_NET_BYTEORDER = 0x4000;
/** What remains of an attribute's type without these flags. */
export const NLA_TYPE_MASK = 0x3fff;

/** Extended acknowledgement: what was wrong, in English. */
export const NLMSGERR_ATTR_MSG = 1;
/** Extended acknowledgement: where in the request, in bytes from its header. */
export const NLMSGERR_ATTR_OFFS = 2;

/** A namespace was assigned an nsid; also the answer to {@link RTM_GETNSID}, since Linux 4.x. */
export const RTM_NEWNSID = 88;
/** The kernel freed a namespace and removed its nsid. Never a request. */
export const RTM_DELNSID = 89;
/** Which nsid does a namespace have? Up to about Linux 4.2 also the type of the answer. */
export const RTM_GETNSID = 90;

/** s32: the nsid; -1 (`NETNSA_NSID_NOT_ASSIGNED`) for none. */
export const NETNSA_NSID = 1;
/** u32: a process in the namespace that is meant, in the PID namespace of the sender. */
export const NETNSA_PID = 2;
/** u32: a descriptor of the sender that is open on the namespace that is meant. */
export const NETNSA_FD = 3;
/** s32: the nsid of the namespace whose nsids are asked for (Linux 5.0). */
export const NETNSA_TARGET_NSID = 4;
/** s32: in answers to such a request, the nsid in the asking namespace (Linux 5.0). */
export const NETNSA_CURRENT_NSID = 5;
/** What {@link NETNSA_NSID} holds where no nsid is assigned. */
export const NETNSA_NSID_NOT_ASSIGNED = -1;

/** The multicast group of {@link RTM_NEWNSID} and {@link RTM_DELNSID} (Linux 4.1). */
export const RTNLGRP_NSID = 28;

/** The level of netlink's own options in setsockopt(2). */
export const SOL_NETLINK = 270;
/** Options of netlink sockets, netlink(7). */
export const NETLINK_ADD_MEMBERSHIP = 1;
/** Leaves a multicast group. */
export const NETLINK_DROP_MEMBERSHIP = 2;
/** Notifications of all namespaces that have an nsid here (Linux 4.2). Needs CAP_NET_BROADCAST. */
export const NETLINK_LISTEN_ALL_NSID = 8;
/** Errors do not repeat the request's payload (Linux 4.3). */
export const NETLINK_CAP_ACK = 10;
/** Errors say in words what was wrong (Linux 4.12). */
export const NETLINK_EXT_ACK = 11;
/** Requests are checked in full, dumps too (Linux 4.20). */
export const NETLINK_GET_STRICT_CHK = 12;
