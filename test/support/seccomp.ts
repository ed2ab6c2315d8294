/**
 * Seccomp(2) filters that keep a call from this process, as sandboxes set them, such as
 * RestrictAddressFamilies of systemd.
 */
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

/** The number of name_to_handle_at(2). */
const NAME_TO_HANDLE_AT: Readonly<Record<string, number>> = {
  x64: 303,
  arm64: 264,
  riscv64: 264,
  loong64: 264,
  ppc64: 345,
  s390x: 335,
};

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

type Instruction = [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * From now on, and for good, the calling thread gets this error where it makes a netlink socket.
 */
export function refuseNetlink(number: number): void {
  install([
    [LOAD_WORD, 0, 0, NUMBER],
    [JUMP_IF_EQUAL, 0, 3, SOCKET[process.arch] as number],
    [LOAD_WORD, 0, 0, FIRST_ARGUMENT],
    [JUMP_IF_EQUAL, 0, 1, AF_NETLINK],
    [RETURN, 0, 0, SECCOMP_RET_ERRNO | number],
    [RETURN, 0, 0, SECCOMP_RET_ALLOW],
  ]);
}

/**
 * From now on, and for good, the calling thread and what it starts get this error for each file
 * handle.
 * @param privileged whether CAP_SYS_ADMIN stands in for no_new_privs, which would take set-user-ID
 *   from what is started
 */
export function refuseHandles(number: number, privileged: boolean): void {
  const call = NAME_TO_HANDLE_AT[process.arch];
  if (call === undefined) throw new Error(`the number of name_to_handle_at is not known for ${process.arch}`);
  const program: Instruction[] = [
    [LOAD_WORD, 0, 0, NUMBER],
    [JUMP_IF_EQUAL, 0, 1, call],
    [RETURN, 0, 0, SECCOMP_RET_ERRNO | number],
    [RETURN, 0, 0, SECCOMP_RET_ALLOW],
  ];
  install(program, privileged);
}

function install(program: readonly Instruction[], privileged = false): void {
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
  if (!privileged) check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'prctl');
  check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, memory.address, 0, 0), 'prctl');
}
