/**
 * Assigns nsids to many namespaces at once, each by a descriptor or by the number of a process or
 * thread in it, ascending from a first one. The refusals come back as numbers: most are no failure
 * (`EEXIST`: the namespace has one; `ESRCH`: the process has ended).
 *
 * A number means a process of the caller's PID namespace, no right to it is asked for, and hidepid
 * does not count (`get_net_ns_by_pid` in net/core/net_namespace.c). It may be another process's by
 * now: whoever has it from a scan looks again afterwards.
 */
import { errorAt } from './acknowledgement.ts';
import { NETNSA_FD, NETNSA_NSID, NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, RTM_NEWNSID } from './constants.ts';
import type { MessageCursor } from './message.ts';
import { writeAttribute, writeHead } from './nsid-request.ts';
import type { Exchange, WriteBuffer } from './requester.ts';

export class NsidAssignments implements Exchange<number[]> {
  readonly count: number;
  readonly #values: readonly number[];
  readonly #first: number;
  readonly #attributes: number | readonly number[];
  readonly #errors: number[];
  #missing: number;

  /**
   * @param values at least one, and no more than the requester's batch
   * @param first the nsid of the first of them; the others follow
   * @param attributes what they are, `NETNSA_FD` or `NETNSA_PID`: all, or each
   */
  constructor(values: readonly number[], first: number, attributes: number | readonly number[] = NETNSA_FD) {
    this.#values = values;
    this.#first = first;
    this.#attributes = attributes;
    this.count = values.length;
    this.#missing = values.length;
    this.#errors = values.map(() => 0);
  }

  write({ bytes, view }: WriteBuffer, sequence: number): { bytes: Uint8Array; length: number } {
    const attributes = this.#attributes;
    let end = 0;
    for (let index = 0; index < this.count; index++) {
      const at = end;
      const attribute = typeof attributes === 'number' ? attributes : (attributes[index] as number);
      let length = writeHead(view, at, RTM_NEWNSID, NLM_F_REQUEST | NLM_F_ACK, sequence + index);
      length = writeAttribute(view, at, length, NETNSA_NSID, this.#first + index);
      length = writeAttribute(view, at, length, attribute, this.#values[index] as number);
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
