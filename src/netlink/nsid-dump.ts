/**
 * The request for all nsids, as an `Exchange`: `rtnl_net_dumpid` in
 * net/core/net_namespace.c.
 */
import { acknowledgementAt } from './acknowledgement.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { AttributeCursor } from './attribute.ts';
import {
  NETNSA_CURRENT_NSID,
  NETNSA_NSID,
  NETNSA_TARGET_NSID,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_GETNSID,
} from './constants.ts';
import { malformed } from './malformed.ts';
import { NLMSG_HDRLEN } from './message.ts';
import type { MessageCursor } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { RTGENMSG_SIZE } from './nsid-message.ts';
import { writeAttribute, writeHead } from './nsid-request.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

/** An nsid that a dump held. */
export interface DumpedNsid {
  nsid: number;
  /** `NETNSA_CURRENT_NSID`; null: none, or not asked for. */
  current: number | null;
}

/** What a dump of nsids gave. */
export interface NsidDump {
  entries: DumpedNsid[];
  /** Something changed meanwhile, and it is to be done again (`NLM_F_DUMP_INTR`). */
  interrupted: boolean;
  /**
   * Bytes of entries in each datagram that held any; the kernel's buffer may have been too small
   * for the last.
   */
  datagrams: number[];
}

/** Asks for all nsids, in this namespace or in that of an nsid here. */
export class NsidDumpRequest implements Exchange<NsidDump> {
  readonly count = 1;
  readonly #target: number | null;
  readonly #attributes = new AttributeCursor();
  readonly #dump: NsidDump = { entries: [], interrupted: false, datagrams: [] };
  #refusal: Acknowledgement | null = null;

  constructor(target: number | null) {
    this.#target = target;
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    let length = writeHead(view, 0, RTM_GETNSID, NLM_F_REQUEST | NLM_F_DUMP, sequence);
    if (this.#target !== null) length = writeAttribute(view, 0, length, NETNSA_TARGET_NSID, this.#target);
    return { bytes, length };
  }

  take(message: MessageCursor): boolean {
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#dump.interrupted = true;
    if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
      const end = acknowledgementAt(message);
      if (end.error !== 0) this.#refusal = end;
      return true;
    }
    const { datagrams, entries } = this.#dump;
    const at = message.start - NLMSG_HDRLEN;
    // The first of a datagram stands at its beginning.
    if (at === 0) datagrams.push(0);
    if (datagrams.length > 0) datagrams[datagrams.length - 1] = message.end;
    let nsid: number | null = null;
    let current: number | null = null;
    this.#attributes.reset(message.view, message.start + RTGENMSG_SIZE, message.end);
    while (this.#attributes.next()) {
      if (this.#attributes.type === NETNSA_NSID) nsid = this.#attributes.s32();
      if (this.#attributes.type === NETNSA_CURRENT_NSID) current = this.#attributes.s32();
    }
    if (nsid === null || nsid < 0) throw malformed('a dump entry without an nsid');
    entries.push({ nsid, current: current === null || current < 0 ? null : current });
    return false;
  }

  /** @throws NetlinkError */
  result(): NsidDump {
    if (this.#refusal !== null) throw new NetlinkError(RTM_GETNSID, this.#refusal);
    return this.#dump;
  }
}
