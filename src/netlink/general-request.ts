/**
 * Requests of any kind, as `Exchange`s: the caller brings the bytes of the payload and gets
 * messages.
 */
import { invalidArgument } from '../errors.ts';
import { acknowledgementAt } from './acknowledgement.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import {
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './constants.ts';
import { encodeMessage } from './message.ts';
import type { MessageCursor, NetlinkMessage } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

/** A request: what is not here (sequence number, port, the flags that make it one) is filled in. */
export interface RequestMessage {
  /** `RTM_*`, 16 to 65535. */
  type: number;
  /** More `NLM_F_*`. */
  flags?: number;
  /** What follows the header. */
  payload: Uint8Array;
}

/** One request, acknowledged. */
export class GeneralRequest implements Exchange<NetlinkMessage[]> {
  readonly count = 1;
  readonly #request: RequestMessage;
  readonly #answers: NetlinkMessage[] = [];
  #refusal: Acknowledgement | null = null;

  /** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
  constructor(request: RequestMessage) {
    this.#request = checkRequest(request);
  }

  write(_: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    return encode(this.#request, NLM_F_ACK, sequence);
  }

  take(message: MessageCursor): boolean {
    // The caller's own flags may have made it a dump, which ends in another way.
    if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
      this.#answers.push(copyOf(message));
      return false;
    }
    const end = acknowledgementAt(message);
    if (end.error !== 0) this.#refusal = end;
    return true;
  }

  /** @throws NetlinkError */
  result(): NetlinkMessage[] {
    if (this.#refusal !== null) throw new NetlinkError(this.#request.type, this.#refusal);
    return this.#answers;
  }
}

/** One request for a dump. */
export class DumpRequest implements Exchange<{ messages: NetlinkMessage[]; interrupted: boolean }> {
  readonly count = 1;
  readonly #request: RequestMessage;
  readonly #messages: NetlinkMessage[] = [];
  #interrupted = false;
  #refusal: Acknowledgement | null = null;

  /** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
  constructor(request: RequestMessage) {
    this.#request = checkRequest(request);
  }

  write(_: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    // A dump is never acknowledged, but what the kernel takes for none is: it would be waited for
    // without end.
    return encode(this.#request, NLM_F_DUMP | NLM_F_ACK, sequence);
  }

  take(message: MessageCursor): boolean {
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true;
    if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) {
      this.#messages.push(copyOf(message));
      return false;
    }
    const end = acknowledgementAt(message);
    if (end.error !== 0) this.#refusal = end;
    return true;
  }

  /** @throws NetlinkError */
  result(): { messages: NetlinkMessage[]; interrupted: boolean } {
    if (this.#refusal !== null) throw new NetlinkError(this.#request.type, this.#refusal);
    return { messages: this.#messages, interrupted: this.#interrupted };
  }
}

function copyOf(cursor: MessageCursor): NetlinkMessage {
  const { type, flags, sequence, port } = cursor;
  return { type, flags, sequence, port, payload: cursor.payload() };
}

function encode(
  { type, flags = 0, payload }: RequestMessage,
  kind: number,
  sequence: number,
): { bytes: Uint8Array; length: number } {
  const bytes = encodeMessage({ type, flags: flags | NLM_F_REQUEST | kind, sequence, payload });
  return { bytes, length: bytes.byteLength };
}

function checkRequest(request: RequestMessage): RequestMessage {
  if (typeof request !== 'object' || request === null)
    throw invalidArgument('message', 'an object with type and payload', request);
  const { type, flags = 0, payload } = request;
  for (const [name, value, least] of [
    ['message.type', type, 0x10],
    ['message.flags', flags, 0],
  ] as const) {
    if (!Number.isInteger(value) || value < least || value > 0xffff)
      throw invalidArgument(name, `a whole number from ${least} to 65535`, value);
  }
  if (!(payload instanceof Uint8Array)) throw invalidArgument('message.payload', 'a Uint8Array', payload);
  return request;
}
