/**
 * Filters of sockets (socket(7), SO_ATTACH_FILTER): programs for the kernel's packet filter, which
 * say of each message whether it wakes anybody. bpf(4) of the BSDs, and
 * Documentation/networking/filter.rst. A message that ends before what is loaded is dropped.
 */
import { littleEndian } from '../sys/endian.ts';

/** BPF_LD | BPF_B | BPF_ABS: loads a byte of the message. */
export const LOAD_BYTE = 0x30;
/** BPF_LD | BPF_W | BPF_ABS: loads four bytes as a number of network byte order. */
export const LOAD_WORD = 0x20;
/** BPF_MISC | BPF_TAX: keeps what was loaded for {@link JUMP_IF_SAME}. */
export const KEEP = 0x07;
/** BPF_JMP | BPF_JEQ | BPF_K: skips instructions if it is this number, or if it is not. */
export const JUMP_IF_EQUAL = 0x15;
/** BPF_JMP | BPF_JEQ | BPF_X: the same, if it is what was kept. */
export const JUMP_IF_SAME = 0x1d;
/** BPF_RET | BPF_K: keeps so many bytes; 0: drops the message. */
export const RETURN = 0x06;
/** All bytes. */
export const ALL = 0xffffffff;

/** `struct sock_filter`: the operation, how many to skip if it is so, if it is not, a number. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/** The bytes of a program. */
export function program(...instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    view.setUint16(index * 8, code, littleEndian);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, value, littleEndian);
  }
  return new Uint8Array(view.buffer);
}

/** What {@link LOAD_WORD} makes of a number that stands there in the machine's byte order. */
export function asLoaded(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value, littleEndian);
  return view.getUint32(0);
}
