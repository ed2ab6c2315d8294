/**
 * A request for all there is of a kind in a namespace, this one or that of an nsid here, as an
 * `Exchange`. A kernel that does not know the attribute by which another one is meant answers for
 * one's own: it does not repeat the attribute then.
 */
import { NlinkError } from '../errors.ts';
import { acknowledgementAt } from './acknowledgement.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import { NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from './constants.ts';
import type { MessageCursor } from './message.ts';
import { NetlinkError } from './netlink-error.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

/** What a dump gave. */
export interface Dumped<T> {
  all: T[];
  /** Something changed meanwhile, and it is to be done again (`NLM_F_DUMP_INTR`). */
  interrupted: boolean;
}

/** What is asked for. */
export interface DumpKind<T> {
  /** The type of the request, and that of its answers. */
  request: number;
  answer: number;
  /** In words, and the first Linux that can be asked for that of another namespace. */
  what: string;
  since: string;
  /** Writes the request over whatever stood there. @returns its length */
  write(view: DataView, sequence: number, target: number | null): number;
  read(message: MessageCursor): T;
}

export class TargetDump<T extends { targetNsid: number | null }> implements Exchange<Dumped<T>> {
  readonly count = 1;
  readonly #kind: DumpKind<T>;
  readonly #target: number | null;
  readonly #all: T[] = [];
  #interrupted = false;
  #isIgnored = false;
  #refusal: Acknowledgement | null = null;

  /** @param target an nsid here; null: one's own namespace */
  constructor(kind: DumpKind<T>, target: number | null) {
    this.#kind = kind;
    this.#target = target;
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    return { bytes, length: this.#kind.write(view, sequence, this.#target) };
  }

  take(message: MessageCursor): boolean {
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true;
    if (message.type === NLMSG_ERROR || message.type === NLMSG_DONE) {
      const end = acknowledgementAt(message);
      if (end.error !== 0) this.#refusal = end;
      return true;
    }
    if (message.type !== this.#kind.answer) return false;
    const one = this.#kind.read(message);
    if (one.targetNsid !== this.#target) this.#isIgnored = true;
    this.#all.push(one);
    return false;
  }

  /**
   * @throws NetlinkError `EINVAL` (the nsid is not assigned, or its namespace has ended), `EACCES`
   *   (one may not look into it)
   * @throws NlinkError `ERR_NLINK_UNSUPPORTED_KERNEL`
   */
  result(): Dumped<T> {
    const { request, what, since } = this.#kind;
    if (this.#refusal !== null) throw new NetlinkError(request, this.#refusal);
    if (this.#isIgnored) throw targetIgnored(what, since);
    return { all: this.#all, interrupted: this.#interrupted };
  }
}

/** @param since the first Linux that knows the attribute */
export function targetIgnored(what: string, since: string): NlinkError {
  return new NlinkError(
    'ERR_NLINK_UNSUPPORTED_KERNEL',
    `this kernel cannot be asked for the ${what} of another namespace: that needs Linux ${since} or later`,
  );
}
