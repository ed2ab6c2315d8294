/**
 * The request for all addresses, IPv4 and IPv6, as an `Exchange`. Another namespace is meant by
 * IFA_TARGET_NETNSID, which the kernel heeds on a strict socket only (Linux 4.20); on any other it
 * answers for one's own namespace, whoever asks. `inet_dump_ifaddr` in net/ipv4/devinet.c.
 */
import { littleEndian } from '../sys/endian.ts';
import { acknowledgementAt } from './acknowledgement.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { IFADDRMSG_SIZE, readAddressMessage } from './address-message.ts';
import type { AddressMessage } from './address-message.ts';
import { NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from './constants.ts';
import { IFA_TARGET_NETNSID, RTM_GETADDR, RTM_NEWADDR } from './link-constants.ts';
import { NLMSG_HDRLEN } from './message.ts';
import type { MessageCursor } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { writeAttribute } from './nsid-request.ts';
import type { RawSocket } from './raw-socket.ts';
import type { Exchange, WriteBuffer } from './requester.ts';
import { targetIgnored } from './target.ts';

const BODY: number = NLMSG_HDRLEN + IFADDRMSG_SIZE;

/** The addresses of a namespace. */
export interface DumpedAddresses {
  addresses: AddressMessage[];
  /** Something changed meanwhile, and it is to be done again (`NLM_F_DUMP_INTR`). */
  interrupted: boolean;
}

/** Asks for all addresses, in this namespace or in that of an nsid here. */
export class AddressDump implements Exchange<DumpedAddresses> {
  readonly count = 1;
  readonly #target: number | null;
  readonly #addresses: AddressMessage[] = [];
  #interrupted = false;
  #isIgnored = false;
  #refusal: Acknowledgement | null = null;

  /**
   * @param socket the one that it is sent by
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL` a target, and the socket is not strict
   */
  constructor(target: number | null, socket: Pick<RawSocket, 'strict'>) {
    if (target !== null && !socket.strict) throw targetIgnored('addresses', '4.20');
    this.#target = target;
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    view.setUint32(0, BODY, littleEndian);
    view.setUint16(4, RTM_GETADDR, littleEndian);
    view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, littleEndian);
    view.setUint32(8, sequence, littleEndian);
    view.setUint32(12, 0, littleEndian);
    view.setUint32(NLMSG_HDRLEN, 0, littleEndian);
    view.setUint32(NLMSG_HDRLEN + 4, 0, littleEndian);
    const length =
      this.#target === null ? BODY : writeAttribute(view, 0, BODY, IFA_TARGET_NETNSID, this.#target);
    return { bytes, length };
  }

  take(message: MessageCursor): boolean {
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true;
    if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
      const end = acknowledgementAt(message);
      if (end.error !== 0) this.#refusal = end;
      return true;
    }
    if (message.type !== RTM_NEWADDR) return false;
    const address = readAddressMessage(message);
    if (address.targetNsid !== this.#target) this.#isIgnored = true;
    this.#addresses.push(address);
    return false;
  }

  /**
   * @throws NetlinkError `EINVAL` (the nsid is not assigned, or its namespace has ended), `EACCES`
   *   (one may not look into it)
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`
   */
  result(): DumpedAddresses {
    if (this.#refusal !== null) throw new NetlinkError(RTM_GETADDR, this.#refusal);
    if (this.#isIgnored) throw targetIgnored('addresses', '4.20');
    return { addresses: this.#addresses, interrupted: this.#interrupted };
  }
}
