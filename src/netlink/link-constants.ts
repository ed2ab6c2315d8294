/**
 * Numbers of links and addresses: `include/uapi/linux/rtnetlink.h`, `if_link.h`, `if_addr.h`. The
 * same on every architecture. Explained in rtnetlink(7).
 */

/** A link was made, has changed, or came from another namespace; also the answer to a request. */
export const RTM_NEWLINK = 16;
/** A link was deleted, or moved to another namespace. Of family `AF_BRIDGE`: it left a bridge. */
export const RTM_DELLINK = 17;
/** Which links are there? */
export const RTM_GETLINK = 18;
/** An address was added or has changed; also the answer to a request. */
export const RTM_NEWADDR = 20;
/** Which addresses are there? */
export const RTM_GETADDR = 22;

/** The multicast group of {@link RTM_NEWLINK} and {@link RTM_DELLINK}. */
export const RTNLGRP_LINK = 1;

/** Bytes: the hardware address, or that of a tunnel's own end. */
export const IFLA_ADDRESS = 1;
/** Text: the name, of up to 15 bytes. */
export const IFLA_IFNAME = 3;
/** u32: the longest packet, in bytes. */
export const IFLA_MTU = 4;
/** u32: the ifindex of the other end or of the lower device, in {@link IFLA_LINK_NETNSID}. */
export const IFLA_LINK = 5;
/** u32: the ifindex of the bridge, bond or VRF that it is a port of. */
export const IFLA_MASTER = 10;
/** u8: the operational state, RFC 2863. */
export const IFLA_OPERSTATE = 16;
/** Attributes `IFLA_INFO_*`: the kind, and what is particular to it. */
export const IFLA_LINKINFO = 18;
/** Text: what the administrator calls it, of up to 255 bytes. */
export const IFLA_IFALIAS = 20;
/** `struct rtnl_link_stats64`: the counters. */
export const IFLA_STATS64 = 23;
/** u32: bits that say what an answer is to hold. */
export const IFLA_EXT_MASK = 29;
/** u32: how often the carrier came or went (Linux 3.15). */
export const IFLA_CARRIER_CHANGES = 35;
/** s32: the nsid of the namespace of {@link IFLA_LINK}; left out: the link's own (Linux 4.0). */
export const IFLA_LINK_NETNSID = 37;
/** s32: the nsid of the namespace that it moved to (Linux 4.15). */
export const IFLA_NEW_NETNSID = 45;
/** s32: the nsid of the namespace that is asked about, which answers repeat (Linux 4.15). */
export const IFLA_TARGET_NETNSID = 46;
/** u32: its ifindex in the namespace that it moved to (Linux 4.16). */
export const IFLA_NEW_IFINDEX = 49;
/** Attributes {@link IFLA_ALT_IFNAME} (Linux 5.5). */
export const IFLA_PROP_LIST = 52;
/** Text: another name, of up to 127 bytes (Linux 5.5). */
export const IFLA_ALT_IFNAME = 53;

/** Text: the kind of a link, as `ip link add type` calls it. */
export const IFLA_INFO_KIND = 1;
/** Attributes whose numbers depend on {@link IFLA_INFO_KIND}. */
export const IFLA_INFO_DATA = 2;
/** Text: the kind of its master. */
export const IFLA_INFO_SLAVE_KIND = 4;

/**
 * In {@link IFLA_EXT_MASK}: no counters of IPv6 (Linux 4.4). {@link IFLA_STATS64} is there
 * nevertheless.
 */
export const RTEXT_FILTER_SKIP_STATS = 8;

/** 4 or 16 bytes: the address; on a point-to-point link that of the other end. */
export const IFA_ADDRESS = 1;
/** 4 or 16 bytes: one's own address. */
export const IFA_LOCAL = 2;
/** Text: the link's name, or that with a suffix; IPv4 only. */
export const IFA_LABEL = 3;
/** 4 bytes: the broadcast address; IPv4 only. */
export const IFA_BROADCAST = 4;
/** u32: `IFA_F_*`, of which the header holds but the lowest 8 bits (Linux 3.14). */
export const IFA_FLAGS = 8;
/** s32: the nsid of the namespace that is asked about, which answers repeat (Linux 4.20). */
export const IFA_TARGET_NETNSID = 10;
