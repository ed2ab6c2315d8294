/** The byte order of this machine, which is that of everything the kernel hands over. */
import { endianness } from 'node:os';

export const littleEndian: boolean = endianness() === 'LE';
