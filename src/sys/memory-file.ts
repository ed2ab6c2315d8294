/**
 * A file that is in memory alone, and gone when nobody has it open any more (memfd_create(2), Linux
 * 3.17).
 */
import { bind } from './library.ts';
import type { Call } from './library.ts';

const MFD_CLOEXEC = 1;
const NAME = Buffer.from('nlink\0');
let create: Call | undefined;

/** @returns its descriptor, or `-errno` */
export function memoryFile(): number {
  create ??= bind('int memfd_create(const void *name, unsigned int flags)');
  return create(NAME, MFD_CLOEXEC);
}
