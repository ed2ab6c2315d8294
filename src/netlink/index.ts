/**
 * nlink/netlink: the netlink layer alone. `Connection` for nsids, `NetlinkSocket` for those
 * who speak netlink themselves, and the codec.
 */
export { NlinkError } from '../errors.ts';
export type { NlinkErrorCode } from '../errors.ts';
export type { NamespaceReference } from '../reference/reference.ts';
export type { SystemError } from '../sys/errno.ts';
export { decodeAcknowledgement } from './acknowledgement.ts';
export type { Acknowledgement } from './acknowledgement.ts';
export { decodeAddressMessage } from './address-message.ts';
export type { AddressMessage } from './address-message.ts';
export { decodeAttributes, encodeAttributes } from './attribute.ts';
export type { Attribute } from './attribute.ts';
export { Connection } from './connection.ts';
export type { ConnectionOptions, ListNsidsOptions } from './connection-options.ts';
export * from './constants.ts';
export * from './link-constants.ts';
export { decodeLinkMessage } from './link-message.ts';
export type { LinkDetails, LinkMessage, LinkOperState, LinkStatistics } from './link-message.ts';
export type { TunnelDetails } from './tunnel-details.ts';
export type { NamespaceNetlinkEvent, OverrunEvent } from './raw-events.ts';
export type { RequestMessage } from './general-request.ts';
export { decodeMessages, encodeMessage } from './message.ts';
export type { NetlinkMessage } from './message.ts';
export { NetlinkError } from './netlink-error.ts';
export type { NsidLoss } from './nsid-group-reader.ts';
export { decodeNsidEvents } from './nsid-event.ts';
export type { DelNsidEvent, NewNsidEvent, NsidEvent } from './nsid-event.ts';
export type { NsidOrError } from './nsid-by-reference.ts';
export type { IncompleteReason, NsidEntry, NsidListing } from './nsid-listing.ts';
export { decodeNsidMessage, decodeRtGenMsg, encodeNsidMessage, encodeRtGenMsg } from './nsid-message.ts';
export type { NsidMessage, RtGenMsg } from './nsid-message.ts';
export { NetlinkSocket } from './socket.ts';
export type { Datagram, NetlinkSocketOptions } from './socket.ts';
