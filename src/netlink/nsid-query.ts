/**
 * The requests about nsids, each an `Exchange`: which nsid a namespace has, is an nsid
 * assigned, assign one. All of them: nsid-dump.ts. `rtnl_net_getid` and `rtnl_net_newid` in
 * net/core/net_namespace.c.
 */
import { littleEndian } from '../sys/endian.ts';
import { errno } from '../sys/errno.ts';
import { acknowledgementAt, errorAt } from './acknowledgement.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { AttributeCursor } from './attribute.ts';
import {
  NETNSA_NSID,
  NETNSA_NSID_NOT_ASSIGNED,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  RTM_GETNSID,
  RTM_NEWNSID,
} from './constants.ts';
import { malformed } from './malformed.ts';
import type { MessageCursor } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import { RTGENMSG_SIZE } from './nsid-message.ts';
import { ATTRIBUTE_SIZE, BODY, writeAttribute, writeHead } from './nsid-request.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

/** Writes the request for the nsid of what an attribute means. @returns its length */
function writeQuery(view: DataView, at: number, sequence: number, attribute: number, value: number): number {
  const head = writeHead(view, at, RTM_GETNSID, NLM_F_REQUEST, sequence);
  return writeAttribute(view, at, head, attribute, value);
}

/** Writes one question after the other. */
function writeQueries(
  { bytes, view }: WriteBuffer,
  sequence: number,
  attributes: number | readonly number[],
  values: readonly number[],
): { bytes: Uint8Array; length: number } {
  let length = 0;
  for (let index = 0; index < values.length; index++) {
    const attribute = typeof attributes === 'number' ? attributes : (attributes[index] as number);
    length += writeQuery(view, length, sequence + index, attribute, values[index] as number);
  }
  return { bytes, length };
}

/** The nsid of a namespace: null for none. */
export type NsidAnswer = number | null | NetlinkError;

/**
 * Asks for the nsids of several namespaces, each meant by an attribute. Refusals are among the
 * answers. The type of an answer is RTM_NEWNSID, or RTM_GETNSID on Linux up to about 4.2.
 */
export class NsidQueries implements Exchange<NsidAnswer[]> {
  readonly count: number;
  readonly #attributes: number | readonly number[];
  readonly #values: readonly number[];
  readonly #answers: NsidAnswer[];
  readonly #subject: ((index: number) => string | undefined) | undefined;
  readonly #cursor = new AttributeCursor();
  #missing: number;

  /**
   * @param attributes `NETNSA_FD`, `NETNSA_PID` or `NETNSA_NSID`: of all, or of each
   * @param values at least one, and no more than the requester's batch
   * @param subject what a refusal calls it
   */
  constructor(
    attributes: number | readonly number[],
    values: readonly number[],
    subject?: (index: number) => string | undefined,
  ) {
    this.#attributes = attributes;
    this.#values = values;
    this.#subject = subject;
    this.count = values.length;
    this.#missing = values.length;
    this.#answers = values.map(() => null);
  }

  write(scratch: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    return writeQueries(scratch, sequence, this.#attributes, this.#values);
  }

  take(message: MessageCursor, index: number): boolean {
    if (message.type === NLMSG_ERROR) {
      const refusal = acknowledgementAt(message);
      this.#answers[index] = new NetlinkError(RTM_GETNSID, refusal, this.#subject?.(index));
    } else {
      this.#cursor.reset(message.view, message.start + RTGENMSG_SIZE, message.end);
      this.#answers[index] = nsidOf(this.#cursor, NETNSA_NSID);
    }
    return --this.#missing === 0;
  }

  result(): NsidAnswer[] {
    return this.#answers;
  }
}

/**
 * Asks for the nsid of one namespace: as {@link NsidQueries}, without their arrays, since it is
 * what is asked most.
 */
export class NsidQuery implements Exchange<number | null> {
  readonly count = 1;
  readonly #request: WriteBuffer & { length: number };
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

  write(_: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
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

/** The nsid in an attribute of this type; null where it says that there is none. */
function nsidOf(attributes: AttributeCursor, type: number): number | null {
  let found: number | null = null;
  while (attributes.next()) if (attributes.type === type) found = attributes.s32();
  if (found === null) throw malformed('an answer without an nsid');
  return found < 0 ? null : found;
}

/**
 * Asks whether nsids are assigned: null where the kernel cannot say (before Linux 5.0). No error
 * is made of an nsid that is not, since thousands are asked for.
 */
export class NsidStates implements Exchange<(boolean | null)[]> {
  readonly count: number;
  readonly #nsids: readonly number[];
  readonly #states: (boolean | null)[];
  #refusal: Acknowledgement | null = null;
  #missing: number;

  /** @param nsids at least one, and no more than the requester's batch */
  constructor(nsids: readonly number[]) {
    this.#nsids = nsids;
    this.count = nsids.length;
    this.#missing = nsids.length;
    this.#states = Array.from(nsids, () => true);
  }

  write(scratch: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    return writeQueries(scratch, sequence, NETNSA_NSID, this.#nsids);
  }

  take(message: MessageCursor, index: number): boolean {
    if (message.type === NLMSG_ERROR) {
      const error = errorAt(message);
      if (error === errno.ENOENT) this.#states[index] = false;
      // An attribute that the kernel does not know is passed over, and then a reference is missing.
      else if (error === errno.EINVAL) this.#states[index] = null;
      else this.#refusal = acknowledgementAt(message);
    }
    return --this.#missing === 0;
  }

  /** @throws NetlinkError other than for an nsid that is not assigned */
  result(): (boolean | null)[] {
    if (this.#refusal !== null) throw new NetlinkError(RTM_GETNSID, this.#refusal);
    return this.#states;
  }
}

/**
 * Assigns an nsid to the namespace that an attribute means; `NETNSA_NSID_NOT_ASSIGNED`: the lowest
 * that is free.
 */
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

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
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
