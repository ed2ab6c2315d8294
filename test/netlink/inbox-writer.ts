/**
 * What recvmmsg(2) writes into an inbox, by the structures that it was given: the counterpart of
 * src/sys/receive-buffer.ts.
 */
import { littleEndian } from '../../src/sys/endian.ts';
import type { ReceiveBuffer } from '../../src/sys/receive-buffer.ts';
import { pointerSize } from '../../src/sys/library.ts';

const MSG_TRUNC = 0x20;

/** Puts a datagram into a slot, from the kernel or from another port. */
export function putDatagram(inbox: ReceiveBuffer, slot: number, datagram: Uint8Array, port = 0): void {
  const { bytes } = inbox;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = pointerSize();
  // An address in this memory, as an offset. A size_t's low half is where the machine has it.
  const pointer = (at: number): number =>
    Number(
      (word === 8 ? view.getBigUint64(at, littleEndian) : BigInt(view.getUint32(at, littleEndian))) -
        inbox.address,
    );
  const size = (at: number): number =>
    view.getUint32(word === 8 && !littleEndian ? at + 4 : at, littleEndian);

  // struct mmsghdr { struct msghdr { name, namelen, iov, iovlen, control, controllen, flags }, len
  // }, all padded to words.
  const header = slot * (word === 8 ? 64 : 32);
  const name = pointer(header);
  const vector = pointer(header + 2 * word);
  const [base, room] = [pointer(vector), size(vector + word)];
  bytes.set(datagram.subarray(0, room), base);
  // struct sockaddr_nl { u16 family, pad; u32 pid, groups }: to no group.
  view.setUint16(name, 16, littleEndian);
  view.setUint32(name + 4, port, littleEndian);
  view.setUint32(name + 8, 0, littleEndian);
  view.setUint32(header + 5 * word + (word === 8 && !littleEndian ? 4 : 0), 0, littleEndian);
  view.setInt32(header + 6 * word, datagram.length > room ? MSG_TRUNC : 0, littleEndian);
  view.setUint32(header + 7 * word, Math.min(datagram.length, room), littleEndian);
}
