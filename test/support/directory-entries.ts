/** Entries of a directory as getdents64(2) writes them: `struct linux_dirent64`. */
import { littleEndian } from '../../src/sys/endian.ts';

const NAME = 19;

/** @returns the parts, of which none is larger than `size` */
export function directoryEntries(
  listed: Iterable<readonly [name: string, inode: number]>,
  size: number,
): Buffer[] {
  const parts: Buffer[][] = [[]];
  let used = 0;
  for (const [name, inode] of listed) {
    const text = Buffer.from(name);
    const record = Buffer.alloc(Math.ceil((NAME + text.length + 1) / 8) * 8);
    const view = new DataView(record.buffer, record.byteOffset);
    view.setBigUint64(0, BigInt(inode), littleEndian);
    view.setUint16(16, record.length, littleEndian);
    text.copy(record, NAME);
    if (used + record.length > size) {
      parts.push([]);
      used = 0;
    }
    parts.at(-1)?.push(record);
    used += record.length;
  }
  return parts.filter((part) => part.length > 0).map((part) => Buffer.concat(part));
}
