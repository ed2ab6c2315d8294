/**
 * The requests about namespace ids, each an `Exchange`: which id has a namespace, is an id assigned, assign one, all of them.
 * `rtnl_net_getid`, `rtnl_net_newid` and `rtnl_net_dumpid` in net/core/net_namespace.c.
 */
import { littleEndian } from '../sys/endian.ts';
import { acknowledgementAt } from './acknowledgement.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { AttributeCursor } from './attribute.ts';
import {
  NETNSA_CURRENT_NSID,
  NETNSA_NSID,
  NETNSA_NSID_NOT_ASSIGNED,
  NETNSA_TARGET_NSID,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  RTM_GETNSID,
  RTM_NEWNSID,
} from './constants.ts';
import { malformed } from './malformed.ts';
import { NLMSG_HDRLEN } from './message.ts';
import type { MessageCursor } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { RTGENMSG_SIZE } from './nsid-message.ts';
import type { Exchange, Scratch } from './requester.ts';

const BODY: number = NLMSG_HDRLEN + RTGENMSG_SIZE;
const ATTRIBUTE_SIZE = 8;

/** Writes header and struct rtgenmsg, over whatever stood there. @returns the message's length */
function writeHead(view: DataView, at: number, type: number, flags: number, sequence: number): number {
  view.setUint32(at, BODY, littleEndian);
  view.setUint16(at + 4, type, littleEndian);
  view.setUint16(at + 6, flags, littleEndian);
  view.setUint32(at + 8, sequence, littleEndian);
  view.setUint32(at + 12, 0, littleEndian);
  view.setUint32(at + NLMSG_HDRLEN, 0, littleEndian);
  return BODY;
}

/** Adds an attribute to the message at `at`, which has this length. @returns its length now */
function writeAttribute(view: DataView, at: number, length: number, type: number, value: number): number {
  view.setUint16(at + length, ATTRIBUTE_SIZE, littleEndian);
  view.setUint16(at + length + 2, type, littleEndian);
  view.setInt32(at + length + 4, value, littleEndian);
  view.setUint32(at, length + ATTRIBUTE_SIZE, littleEndian);
  return length + ATTRIBUTE_SIZE;
}

/** Writes the question which id the namespace has that an attribute means. @returns its length */
function writeQuery(view: DataView, at: number, sequence: number, attribute: number, value: number): number {
  const head = writeHead(view, at, RTM_GETNSID, NLM_F_REQUEST, sequence);
  return writeAttribute(view, at, head, attribute, value);
}

/** Which id has a namespace: null for none. */
export type NsidAnswer = number | null | NetlinkError;

/**
 * Asks for the ids of several namespaces, each meant by an attribute. Refusals are among the answers.
 * The type of an answer is RTM_NEWNSID, or RTM_GETNSID on Linux up to about 4.2.
 */
export class NsidQueries implements Exchange<NsidAnswer[]> {
  readonly count: number;
  readonly #attribute: number;
  readonly #values: readonly number[];
  readonly #answers: NsidAnswer[];
  readonly #subject: ((index: number) => string | undefined) | undefined;
  readonly #attributes = new AttributeCursor();
  #missing: number;

  /**
   * @param attribute `NETNSA_FD`, `NETNSA_PID` or `NETNSA_NSID`
   * @param values at least one, and no more than the requester's batch
   * @param subject what a refusal calls it
   */
  constructor(attribute: number, values: readonly number[], subject?: (index: number) => string | undefined) {
    this.#attribute = attribute;
    this.#values = values;
    this.#subject = subject;
    this.count = values.length;
    this.#missing = values.length;
    this.#answers = values.map(() => null);
  }

  write({ bytes, view }: Scratch, sequence: number): { bytes: Uint8Array; length: number } {
    let length = 0;
    let next = sequence;
    for (const value of this.#values) {
      length += writeQuery(view, length, next++, this.#attribute, value);
    }
    return { bytes, length };
  }

  take(message: MessageCursor, index: number): boolean {
    if (message.type === NLMSG_ERROR) {
      const refusal = acknowledgementAt(message);
      this.#answers[index] = new NetlinkError(RTM_GETNSID, refusal, this.#subject?.(index));
    } else {
      this.#attributes.reset(message.view, message.start + RTGENMSG_SIZE, message.end);
      this.#answers[index] = nsidOf(this.#attributes, NETNSA_NSID);
    }
    return --this.#missing === 0;
  }

  result(): NsidAnswer[] {
    return this.#answers;
  }
}

/** Asks for the id of one namespace: as {@link NsidQueries}, without their arrays, since it is what is asked most. */
export class NsidQuery implements Exchange<number | null> {
  readonly count = 1;
  readonly #request: Scratch & { length: number };
  readonly #attributes = new AttributeCursor();
  #answer: number | null = null;
  #refusal: Acknowledgement | null = null;
  #value = 0;
  #attribute = 0;
  #subject: string | undefined;

  constructor() {
    const bytes = new Uint8Array(BODY + ATTRIBUTE_SIZE);
    this.#request = { bytes, view: new DataView(bytes.buffer), length: bytes.byteLength };
    writeQuery(this.#request.view, 0, 0, NETNSA_NSID, 0);
  }

  /** Makes it another question. Not while it is waiting for its answer. */
  of(attribute: number, value: number, subject?: string): this {
    this.#attribute = attribute;
    this.#value = value;
    this.#subject = subject;
    this.#refusal = null;
    return this;
  }

  write(_: Scratch, sequence: number): { bytes: Uint8Array; length: number } {
    const { view } = this.#request;
    view.setUint32(8, sequence, littleEndian);
    view.setUint16(BODY + 2, this.#attribute, littleEndian);
    view.setInt32(BODY + 4, this.#value, littleEndian);
    return this.#request;
  }

  take(message: MessageCursor): true {
    if (message.type === NLMSG_ERROR) {
      this.#refusal = acknowledgementAt(message);
    } else {
      this.#attributes.reset(message.view, message.start + RTGENMSG_SIZE, message.end);
      this.#answer = nsidOf(this.#attributes, NETNSA_NSID);
    }
    return true;
  }

  /** @throws NetlinkError */
  result(): number | null {
    if (this.#refusal !== null) throw new NetlinkError(RTM_GETNSID, this.#refusal, this.#subject);
    return this.#answer;
  }
}

/** The id in an attribute of this type; null where it says that there is none. */
function nsidOf(attributes: AttributeCursor, type: number): number | null {
  let found: number | null = null;
  while (attributes.next()) if (attributes.type === type) found = attributes.s32();
  if (found === null) throw malformed('an answer without a namespace id');
  return found < 0 ? null : found;
}

/** Assigns an id to the namespace that an attribute means; `NETNSA_NSID_NOT_ASSIGNED`: the lowest that is free. */
export class NsidAssignment implements Exchange<void> {
  readonly count = 1;
  readonly #attribute: number;
  readonly #value: number;
  readonly #nsid: number;
  readonly #subject: string | undefined;
  #refusal: Acknowledgement | null = null;

  constructor(attribute: number, value: number, nsid: number | 'auto', subject?: string) {
    this.#attribute = attribute;
    this.#value = value;
    this.#nsid = nsid === 'auto' ? NETNSA_NSID_NOT_ASSIGNED : nsid;
    this.#subject = subject;
  }

  write({ bytes, view }: Scratch, sequence: number): { bytes: Uint8Array; length: number } {
    let length = writeHead(view, 0, RTM_NEWNSID, NLM_F_REQUEST | NLM_F_ACK, sequence);
    length = writeAttribute(view, 0, length, NETNSA_NSID, this.#nsid);
    length = writeAttribute(view, 0, length, this.#attribute, this.#value);
    return { bytes, length };
  }

  take(message: MessageCursor): boolean {
    if (message.type !== NLMSG_ERROR) return false;
    const { error, ...rest } = acknowledgementAt(message);
    if (error !== 0) this.#refusal = { error, ...rest };
    return true;
  }

  /** @throws NetlinkError */
  result(): void {
    if (this.#refusal !== null) throw new NetlinkError(RTM_NEWNSID, this.#refusal, this.#subject);
  }
}

/** An id that a dump held. */
export interface DumpedNsid {
  nsid: number;
  /** `NETNSA_CURRENT_NSID`; null: none, or not asked for. */
  current: number | null;
}

/** What a dump of ids gave. */
export interface NsidDump {
  entries: DumpedNsid[];
  /** Something changed meanwhile, and it is to be done again (`NLM_F_DUMP_INTR`). */
  interrupted: boolean;
  /** Bytes of entries in each datagram that held any; the kernel's buffer may have been too small for the last. */
  datagrams: number[];
}

/** Asks for all ids, in this namespace or in that of an id here. */
export class NsidDumpRequest implements Exchange<NsidDump> {
  readonly count = 1;
  readonly #target: number | null;
  readonly #attributes = new AttributeCursor();
  readonly #dump: NsidDump = { entries: [], interrupted: false, datagrams: [] };
  #refusal: Acknowledgement | null = null;

  constructor(target: number | null) {
    this.#target = target;
  }

  write({ bytes, view }: Scratch, sequence: number): { bytes: Uint8Array; length: number } {
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
    if (nsid === null || nsid < 0) throw malformed('a dump with an entry without an id');
    entries.push({ nsid, current: current === null || current < 0 ? null : current });
    return false;
  }

  /** @throws NetlinkError */
  result(): NsidDump {
    if (this.#refusal !== null) throw new NetlinkError(RTM_GETNSID, this.#refusal);
    return this.#dump;
  }
}
