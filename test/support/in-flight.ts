/**
 * A descriptor in flight: in the queue of a Unix socket, and open in no process (SCM_RIGHTS in
 * unix(7)).
 */
import { bind } from '../../src/sys/library.ts';
import { check } from '../../src/sys/errno.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { allocate, pointerSize } from '../../src/sys/library.ts';

const AF_UNIX = 1;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
/** With a type: programs that are started do not get it. */
export const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;

/** A pair of connected Unix sockets, for the caller to close. */
export function socketPair(type: number): [sender: number, receiver: number] {
  const pair = new Int32Array(2);
  check(
    bind('int socketpair(int domain, int type, int protocol, void *pair)')(AF_UNIX, type, 0, pair),
    'socketpair',
  );
  return [pair[0] as number, pair[1] as number];
}

/** Sends descriptors with one byte of data. */
export function sendDescriptors(socket: number, ...fds: number[]): void {
  const pointer = pointerSize();
  const [header, vector, control, data] = [0, 64, 128, 4000] as const;
  const { address, buffer } = allocate(4096);
  const view = new DataView(buffer);
  new Uint8Array(buffer).fill(0);
  const word = (at: number, value: bigint): void =>
    pointer === 8
      ? view.setBigUint64(at, value, littleEndian)
      : view.setUint32(at, Number(value), littleEndian);
  const length = pointer + 8 + 4 * fds.length;
  word(header + 2 * pointer, address + BigInt(vector));
  word(header + 3 * pointer, 1n);
  word(header + 4 * pointer, address + BigInt(control));
  word(header + 5 * pointer, BigInt(Math.ceil(length / pointer) * pointer));
  word(vector, address + BigInt(data));
  word(vector + pointer, 1n);
  word(control, BigInt(length));
  view.setInt32(control + pointer, SOL_SOCKET, littleEndian);
  view.setInt32(control + pointer + 4, SCM_RIGHTS, littleEndian);
  fds.forEach((fd, at) => view.setInt32(control + pointer + 8 + 4 * at, fd, littleEndian));
  check(bind('intptr_t sendmsg(int fd, void *message, int flags)')(socket, address, 0), 'sendmsg');
}
