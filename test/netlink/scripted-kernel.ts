/**
 * A table of namespace ids that answers as the kernel does, `rtnl_net_getid` and `rtnl_net_dumpid`
 * in net/core/net_namespace.c, with all the ways in which a dump may fall short. Beneath it a
 * scripted socket.
 */
import { strict as assert } from 'node:assert';
import { NLM_F_DUMP, NLM_F_DUMP_INTR, RTM_NEWNSID } from '../../src/netlink/constants.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { decodeNsidMessage } from '../../src/netlink/nsid-message.ts';
import { errno } from '../../src/sys/errno.ts';
import { askedNsid, done, dumped, refusal, reply } from './answers.ts';
import { ScriptedSocket } from './scripted-socket.ts';
import type { ScriptedSocketOptions } from './scripted-socket.ts';

export interface DumpScript extends Pick<ScriptedSocketOptions, 'receiveBuffer' | 'strict'> {
  /** Answers come in a later turn. */
  late?: boolean;
  /** Entries that a datagram holds. */
  perDatagram?: number;
  /** Whether a dump ends with its first datagram, as since Linux 6.10. */
  cut?: boolean;
  /** How many dumps are interrupted, and whether only their ends tell. */
  interrupted?: number;
  interruptedAtEnd?: boolean;
  /** What the buffers of the first dumps hold, in entries, where memory is short. */
  small?: readonly number[];
  /** NETNSA_CURRENT_NSID of an entry; left out: it is not in it. */
  current?: (nsid: number) => number;
  /** The error of every dump. */
  refusal?: number;
  /** The error of every question. */
  answerError?: number;
  /** NETNSA_NSID in a question is passed over, so that a reference is missing: before Linux 5.0. */
  isOld?: boolean;
  /** The type of answers. */
  type?: number;
}

export class ScriptedKernel {
  readonly socket: ScriptedSocket;
  /** How many dumps were made, and how many sends held questions. */
  dumps = 0;
  questions = 0;
  /** The greatest id that was asked for; -1: none. */
  greatestAsked = -1;
  /** NETNSA_TARGET_NSID of the last dump. */
  target: number | undefined;
  readonly #ids: readonly number[];
  readonly #script: DumpScript;

  constructor(ids: readonly number[], script: DumpScript) {
    this.#ids = ids;
    this.#script = script;
    this.socket = new ScriptedSocket({ ...script, onSend: (first, _, all) => this.#onSend(first, all) });
  }

  #onSend(first: NetlinkMessage, all: NetlinkMessage[]): void {
    const isDump = (first.flags & NLM_F_DUMP) === NLM_F_DUMP;
    if (!isDump) this.questions++;
    const answers = isDump ? this.#dump(first) : all.map((request) => this.#answer(request));
    if (this.#script.late !== true) this.socket.deliver(...answers);
    // One by one, each in a turn of its own.
    else setImmediate(() => this.#deliverLate(answers));
  }

  #deliverLate([next, ...rest]: Uint8Array[]): void {
    if (next === undefined) return;
    this.socket.deliver(next);
    setImmediate(() => this.#deliverLate(rest));
  }

  #answer(request: NetlinkMessage): Uint8Array {
    const { answerError, isOld, type = RTM_NEWNSID } = this.#script;
    const nsid = askedNsid(request);
    assert.ok(nsid >= 0, 'nobody asks for an id that cannot be');
    this.greatestAsked = Math.max(this.greatestAsked, nsid);
    if (answerError !== undefined) return refusal(request, answerError);
    if (isOld === true) return refusal(request, errno.EINVAL);
    if (!this.#ids.includes(nsid)) return refusal(request, errno.ENOENT, 'Peer netns reference is invalid');
    return reply(request, nsid, { type });
  }

  #dump(request: NetlinkMessage): Uint8Array[] {
    const { refusal, interrupted = 0, interruptedAtEnd, small, current, type } = this.#script;
    this.target = decodeNsidMessage(request.payload).targetNsid;
    const number = ++this.dumps;
    if (refusal !== undefined) return [done(request, refusal)];
    const isInterrupted = number <= interrupted;
    const perDatagram = small?.[number - 1] ?? this.#script.perDatagram ?? 1000;
    const isCut = this.#script.cut === true;
    const ids = isCut ? this.#ids.slice(0, perDatagram) : this.#ids;
    const options = {
      interrupted: isInterrupted && interruptedAtEnd !== true,
      ...(type !== undefined && { type }),
    };
    const datagrams: Uint8Array[] = [];
    for (let at = 0; at < ids.length; at += perDatagram) {
      const entries = ids.slice(at, at + perDatagram).map((nsid) => ({
        nsid,
        ...(current !== undefined && { current: current(nsid) }),
      }));
      datagrams.push(dumped(request, entries, options));
    }
    const end = done(request, 0, isInterrupted ? NLM_F_DUMP_INTR : 0);
    // It stands in the last datagram where that has room, or where the kernel takes that for the
    // end.
    const isApart = !isCut && ids.length % perDatagram === 0;
    const last = isApart ? undefined : datagrams.pop();
    return [...datagrams, last === undefined ? end : Buffer.concat([last, end])];
  }
}
