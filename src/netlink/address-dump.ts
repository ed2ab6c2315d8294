/**
 * The request for all addresses, IPv4 and IPv6, as an `Exchange`. Another namespace is meant by
 * IFA_TARGET_NETNSID, which the kernel heeds on a strict socket only (Linux 4.20); on any other it
 * answers for one's own namespace, whoever asks. `inet_dump_ifaddr` in net/ipv4/devinet.c.
 */
import { littleEndian } from '../sys/endian.ts';
import { IFADDRMSG_SIZE, readAddressMessage } from './address-message.ts';
import type { AddressMessage } from './address-message.ts';
import { NLM_F_DUMP, NLM_F_REQUEST } from './constants.ts';
import { IFA_TARGET_NETNSID, RTM_GETADDR, RTM_NEWADDR } from './link-constants.ts';
import { NLMSG_HDRLEN } from './message.ts';
import { writeAttribute, writeHeader } from './nsid-request.ts';
import type { RawSocket } from './raw-socket.ts';
import { TargetDump, targetIgnored } from './target-dump.ts';
import type { DumpKind } from './target-dump.ts';

const BODY: number = NLMSG_HDRLEN + IFADDRMSG_SIZE;

const KIND: DumpKind<AddressMessage> = {
  request: RTM_GETADDR,
  answer: RTM_NEWADDR,
  what: 'addresses',
  since: '4.20',
  write(view, sequence, target) {
    writeHeader(view, 0, BODY, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, sequence);
    view.setUint32(NLMSG_HDRLEN, 0, littleEndian);
    view.setUint32(NLMSG_HDRLEN + 4, 0, littleEndian);
    return target === null ? BODY : writeAttribute(view, 0, BODY, IFA_TARGET_NETNSID, target);
  },
  read: readAddressMessage,
};

/** Asks for all addresses, in this namespace or in that of an nsid here. */
export class AddressDump extends TargetDump<AddressMessage> {
  /**
   * @param socket the one that it is sent by
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` a target, and the socket is not strict
   */
  constructor(target: number | null, socket: Pick<RawSocket, 'strict'>) {
    if (target !== null && !socket.strict) throw targetIgnored(KIND.what, KIND.since);
    super(KIND, target);
  }
}
