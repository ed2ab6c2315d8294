/** A seccomp(2) filter that keeps netlink from this process, as sandboxes set them, such as RestrictAddressFamilies of systemd. */
import { check } from '../../src/sys/errno.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { allocate, bind } from '../../src/sys/library.ts';

/** The number of socket(2) by architecture. */
const SOCKET: Readonly<Record<string, number>> = {
  x64: 41,
  arm64: 198,
  riscv64: 198,
  loong64: 198,
  ppc64: 326,
  s390x: 359,
};

/** Whether {@link refuseNetlink} knows this machine. */
export const canRefuseNetlink: boolean = process.arch in SOCKET;

const AF_NETLINK = 16;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_RET_ERRNO = 0x00050000;
const SECCOMP_RET_ALLOW = 0x7fff0000;
// linux/bpf_common.h
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** Offsets in struct seccomp_data: the number of the call; the low half of its first argument. */
const NUMBER = 0;
const FIRST_ARGUMENT: number = littleEndian ? 16 : 20;

/** From now on, and for good, the calling thread gets this error where it makes a netlink socket. */
export function refuseNetlink(number: number): void {
  const program: [code: number, ifTrue: number, ifFalse: number, value: number][] = [
    [LOAD_WORD, 0, 0, NUMBER],
    [JUMP_IF_EQUAL, 0, 3, SOCKET[process.arch] as number],
    [LOAD_WORD, 0, 0, FIRST_ARGUMENT],
    [JUMP_IF_EQUAL, 0, 1, AF_NETLINK],
    [RETURN, 0, 0, SECCOMP_RET_ERRNO | number],
    [RETURN, 0, 0, SECCOMP_RET_ALLOW],
  ];
  const HEAD = 16;
  const memory = allocate(HEAD + program.length * 8);
  const view = new DataView(memory.buffer);
  // struct sock_fprog { u16 len; struct sock_filter *filter; }
  view.setUint16(0, program.length, littleEndian);
  view.setBigUint64(8, memory.address + BigInt(HEAD), littleEndian);
  for (const [index, [code, ifTrue, ifFalse, value]] of program.entries()) {
    const at = HEAD + index * 8;
    view.setUint16(at, code, littleEndian);
    view.setUint8(at + 2, ifTrue);
    view.setUint8(at + 3, ifFalse);
    view.setUint32(at + 4, value, littleEndian);
  }
  const prctl = bind('int prctl(int option, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d)');
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'prctl');
  check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, memory.address, 0, 0), 'prctl');
}
