/**
 * Writes `struct inotify_event` records (inotify(7)) as the kernel does: the counterpart of the
 * codec under test.
 */
import { littleEndian } from '../../src/sys/endian.ts';

export interface Record {
  wd: number;
  mask: number;
  cookie: number;
  name: Uint8Array;
}

/**
 * The record's bytes. A name is padded with NULs to a multiple of 16, one at least; an empty one
 * takes no room.
 */
export function encodeRecord({ wd, mask, cookie, name }: Record): Buffer {
  const length = name.length === 0 ? 0 : Math.ceil((name.length + 1) / 16) * 16;
  const record = Buffer.alloc(16 + length);
  const header = new DataView(record.buffer, record.byteOffset, 16);
  header.setInt32(0, wd, littleEndian);
  header.setUint32(4, mask, littleEndian);
  header.setUint32(8, cookie, littleEndian);
  header.setUint32(12, length, littleEndian);
  record.set(name, 16);
  return record;
}
