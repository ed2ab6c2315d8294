/**
 * Entries of a directory with the numbers of their inodes, which Node's readdir leaves out:
 * getdents64(2). Of thousands, no string is made.
 */
import { littleEndian } from './endian.ts';
import { errno } from './errno.ts';
import { bind } from './library.ts';
import { linux } from './system.ts';
import type { System } from './system.ts';

/** In the convention of `System`. */
export interface DirectoryEntryCalls {
  /**
   * getdents64(2): as many of the next entries as fit into the buffer, in bytes; 0 at the end.
   * -ENOSYS also where its number is not known.
   */
  directoryEntries(fd: number, into: Uint8Array): number;
}

export type DirectoryEntrySystem = System & DirectoryEntryCalls;

/**
 * SYS_getdents64 (`arch/…/syscall.tbl`, asm-generic/unistd.h); the C library has had a function for
 * it since 2.30 only.
 */
const SYS_GETDENTS64: Readonly<Record<string, number>> = {
  x64: 217,
  arm64: 61,
  riscv64: 61,
  loong64: 61,
  ppc64: 202,
  s390x: 220,
  arm: 217,
  ia32: 220,
};

let real: DirectoryEntrySystem | undefined;

/**
 * The real thing.
 * @throws NlinkError `ERR_NLINK_UNSUPPORTED_PLATFORM`, `ERR_NLINK_NATIVE_LIBRARY`
 */
export function directoryEntrySystem(): DirectoryEntrySystem {
  real ??= { ...linux(), directoryEntries: bindDirectoryEntries() };
  return real;
}

function bindDirectoryEntries(): DirectoryEntryCalls['directoryEntries'] {
  const number = SYS_GETDENTS64[process.arch];
  if (number === undefined) return () => -errno.ENOSYS;
  const syscall = bind('long syscall(long number, long fd, void *entries, size_t size)');
  return (fd, into) => syscall(number, fd, into, into.byteLength);
}

/** Where the fields of `struct linux_dirent64` are: d_ino, d_reclen, d_name. */
const [INODE, LENGTH, NAME] = [0, 16, 19] as const;
const ZERO = 0x30;
const NINE = 0x39;
/** Above all numbers of processes (PID_MAX_LIMIT of `linux/threads.h` is 2^22). */
const MOST = 1 << 30;

/** Called with the number that a name is, and the low 32 bits of the inode's. */
type OnNumber = (number: number, inode: number) => void;

/** Reads entries whose names are numbers, as those of processes and threads in /proc. */
export class NumberedEntries {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  /** @param size of the memory for entries, 24 to 32 bytes each */
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /**
   * Tells of the next ones; how many bytes there were, 0 at the end, or `-errno`.
   * @param fd of a directory
   */
  read(system: DirectoryEntryCalls, fd: number, onNumber: OnNumber): number {
    const end = system.directoryEntries(fd, this.#bytes);
    let at = 0;
    while (at < end) {
      const number = this.#numberAt(at + NAME);
      if (number >= 0) onNumber(number, this.#view.getUint32(at + LOW_WORD, littleEndian));
      at += this.#view.getUint16(at + LENGTH, littleEndian);
    }
    return end;
  }

  /** The number that a name is; -1: it is another one. */
  #numberAt(start: number): number {
    const bytes = this.#bytes;
    let number = 0;
    for (let at = start; ; at++) {
      const byte = bytes[at] as number;
      if (byte === 0) return at === start ? -1 : number;
      if (byte < ZERO || byte > NINE || number > MOST) return -1;
      number = number * 10 + byte - ZERO;
    }
  }
}

const LOW_WORD = INODE + (littleEndian ? 0 : 4);
