/**
 * Asks which nsid one namespace has in the table of another, where both have an nsid in the asking
 * one: `NETNSA_TARGET_NSID` in a request for one (`rtnl_net_getid` in net/core/net_namespace.c,
 * Linux 5.0). Assigns none. Needs CAP_NET_ADMIN over the other one.
 */
import { acknowledgementAt } from './acknowledgement.ts';
import { AttributeCursor } from './attribute.ts';
import { NETNSA_NSID, NETNSA_TARGET_NSID, NLM_F_REQUEST, NLMSG_ERROR, RTM_GETNSID } from './constants.ts';
import type { MessageCursor } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { RTGENMSG_SIZE } from './nsid-message.ts';
import { writeAttribute, writeHead } from './nsid-request.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

export class NsidHere implements Exchange<number | null> {
  readonly count = 1;
  readonly #nsid: number;
  readonly #target: number;
  #answer: number | null = null;
  #refusal: NetlinkError | null = null;

  /**
   * @param nsid of the namespace whose nsid is wanted, in the asking one
   * @param target of the namespace in whose table it is, in the asking one
   */
  constructor(nsid: number, target: number) {
    this.#nsid = nsid;
    this.#target = target;
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    let length = writeHead(view, 0, RTM_GETNSID, NLM_F_REQUEST, sequence);
    length = writeAttribute(view, 0, length, NETNSA_NSID, this.#nsid);
    length = writeAttribute(view, 0, length, NETNSA_TARGET_NSID, this.#target);
    return { bytes, length };
  }

  take(message: MessageCursor): true {
    if (message.type === NLMSG_ERROR) {
      this.#refusal = new NetlinkError(RTM_GETNSID, acknowledgementAt(message));
      return true;
    }
    const cursor = new AttributeCursor(message.view, message.start + RTGENMSG_SIZE, message.end);
    while (cursor.next()) if (cursor.type === NETNSA_NSID) this.#answer = cursor.s32();
    return true;
  }

  /** @returns null: it has none there @throws NetlinkError `EINVAL` one of them is gone */
  result(): number | null {
    if (this.#refusal !== null) throw this.#refusal;
    return this.#answer === null || this.#answer < 0 ? null : this.#answer;
  }
}
