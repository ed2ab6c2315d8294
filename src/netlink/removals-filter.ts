/**
 * A filter that lets only RTM_DELNSID pass of what the kernel sends to `RTNLGRP_NSID`, for whoever
 * assigns the nsids himself: the kernel would wake him for each. bpf(4) of the BSDs, and
 * Documentation/networking/filter.rst.
 */
import { littleEndian } from '../sys/endian.ts';
import { RTM_DELNSID } from './constants.ts';

/** BPF_LD | BPF_B | BPF_ABS: loads a byte of the message. */
const LOAD_BYTE = 0x30;
/** BPF_JMP | BPF_JEQ | BPF_K: skips instructions if it is this number, or if it is not. */
const JUMP_IF_EQUAL = 0x15;
/** BPF_RET | BPF_K: keeps so many bytes; 0: drops the message. */
const RETURN = 0x06;
const ALL = 0xffffffff;
/** Where the low byte of `nlmsg_type` stands in `struct nlmsghdr`. */
const TYPE = littleEndian ? 4 : 5;

/** `struct sock_filter`: the operation, how many to skip if it is so, if it is not, a number. */
function program(...instructions: readonly [number, number, number, number][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    view.setUint16(index * 8, code, littleEndian);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, value, littleEndian);
  }
  return new Uint8Array(view.buffer);
}

export const REMOVALS_ONLY: Uint8Array = program(
  [LOAD_BYTE, 0, 0, TYPE],
  [JUMP_IF_EQUAL, 1, 0, RTM_DELNSID],
  [RETURN, 0, 0, 0],
  [RETURN, 0, 0, ALL],
);
