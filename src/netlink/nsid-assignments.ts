/**
 * Assigns nsids to many namespaces at once, each by a descriptor, ascending from a first one. The
 * refusals come back as numbers: most are no failure (`EEXIST`: the namespace has one).
 */
import { errorAt } from './acknowledgement.ts';
import { NETNSA_FD, NETNSA_NSID, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, RTM_NEWNSID } from './constants.ts';
import type { MessageCursor } from './message.ts';
import { writeAttribute, writeHead } from './nsid-request.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

export class NsidAssignments implements Exchange<number[]> {
  readonly count: number;
  readonly #descriptors: readonly number[];
  readonly #first: number;
  readonly #errors: number[];
  #missing: number;

  /**
   * @param descriptors at least one, and no more than the requester's batch
   * @param first the nsid of the first of them; the others follow
   */
  constructor(descriptors: readonly number[], first: number) {
    this.#descriptors = descriptors;
    this.#first = first;
    this.count = descriptors.length;
    this.#missing = descriptors.length;
    this.#errors = descriptors.map(() => 0);
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    let end = 0;
    for (let index = 0; index < this.count; index++) {
      const at = end;
      let length = writeHead(view, at, RTM_NEWNSID, NLM_F_REQUEST | NLM_F_ACK, sequence + index);
      length = writeAttribute(view, at, length, NETNSA_NSID, this.#first + index);
      length = writeAttribute(view, at, length, NETNSA_FD, this.#descriptors[index] as number);
      end = at + length;
    }
    return { bytes, length: end };
  }

  take(message: MessageCursor, index: number): boolean {
    if (message.type !== NLMSG_ERROR) return false;
    this.#errors[index] = errorAt(message);
    return --this.#missing === 0;
  }

  /** @returns for each 0, or the number of the error */
  result(): number[] {
    return this.#errors;
  }
}
