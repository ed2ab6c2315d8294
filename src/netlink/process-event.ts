/**
 * The codec of the process connector: `include/uapi/linux/cn_proc.h` and `connector.h`. A datagram
 * holds one message: `struct nlmsghdr`, then `struct cn_msg { u32 idx, val, seq, ack; u16 len,
 * flags; }`, then an operation or `struct proc_event { u32 what, cpu; u64 timestamp_ns; }` and
 * numbers of 32 bits. All are in the machine's byte order, and nothing is padded.
 *
 * The kernel's *pid* is a thread here, and its *tgid* the process. Both are numbers of the first
 * PID namespace (`task->pid`, not `task_pid_vnr`), whoever listens.
 */
import { littleEndian } from '../sys/endian.ts';
import { NLMSG_DONE } from './constants.ts';
import { viewOf } from './malformed.ts';
import { encodeMessage } from './message.ts';

/** The netlink protocol of connectors. */
export const NETLINK_CONNECTOR = 11;
/** The process connector among them: the multicast group of its events, and a number of its own. */
export const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;

/** Operations of `enum proc_cn_mcast_op`: begin or stop to send events. */
export const PROC_CN_MCAST_LISTEN = 1;
export const PROC_CN_MCAST_IGNORE = 2;

/** What has happened: the answer to an operation; a child was made; a program was started. */
export const PROC_EVENT_NONE = 0;
export const PROC_EVENT_FORK = 1;
export const PROC_EVENT_EXEC = 2;

/** Where fields stand that a filter looks at, in bytes. */
export const OFFSET = { what: 36, childThread: 60, child: 64 } as const;
/** The others, in words of 32 bits, as those too are read. */
const [IDX, VAL, ACK, ERROR, EXECUTING] = [4, 5, 7, 13, 14] as const;
const [WHAT, CHILD_THREAD, CHILD] = [OFFSET.what / 4, OFFSET.childThread / 4, OFFSET.child / 4] as const;
/** Bytes up to the end of the last of them. No kernel sends less, whatever has happened. */
const LEAST = OFFSET.child + 4;

/** A request of `operation`. Its answer has `ack + 1`. */
export function encodeProcessRequest(operation: number, ack: number): Uint8Array {
  const payload = new Uint8Array(24);
  const view = viewOf(payload);
  view.setUint32(0, CN_IDX_PROC, littleEndian);
  view.setUint32(4, CN_VAL_PROC, littleEndian);
  view.setUint32(12, ack, littleEndian);
  view.setUint16(16, 4, littleEndian);
  view.setUint32(20, operation, littleEndian);
  return encodeMessage({ type: NLMSG_DONE, payload });
}

/**
 * The process that has been made by fork(2) or clone(2), or that has started a program; 0 where it
 * is a thread, or something else has happened.
 * @param words the memory that the datagram is in
 * @param start where it begins, in bytes; a multiple of 4
 */
export function startedProcess(words: Int32Array, start: number, length: number): number {
  const first = start >> 2;
  if (!isProcessEvent(words, first, length)) return 0;
  const what = words[first + WHAT] as number;
  if (what === PROC_EVENT_EXEC) return words[first + EXECUTING] as number;
  if (what !== PROC_EVENT_FORK) return 0;
  const child = words[first + CHILD] as number;
  return words[first + CHILD_THREAD] === child ? child : 0;
}

/**
 * What the kernel answers to the request that had this `ack`: 0, or the number of the error; null
 * where it is no answer to that. Answers go to all that listen. The sequence number of a request is
 * not repeated (`send_msg` in drivers/connector/cn_proc.c writes over it).
 */
export function answerTo(ack: number, words: Int32Array, start: number, length: number): number | null {
  const first = start >> 2;
  if (!isProcessEvent(words, first, length) || words[first + WHAT] !== PROC_EVENT_NONE) return null;
  return words[first + ACK] === ((ack + 1) | 0) ? (words[first + ERROR] as number) : null;
}

function isProcessEvent(words: Int32Array, first: number, length: number): boolean {
  return length >= LEAST && words[first + IDX] === CN_IDX_PROC && words[first + VAL] === CN_VAL_PROC;
}
