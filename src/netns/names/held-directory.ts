/**
 * A file by its directory, which is held open: so that whoever may rename what the path leads
 * through, or puts a symbolic link in its place, cannot lead elsewhere what is done to the file by
 * several calls in a row. What openat(2) and its like are for, by way of proc_pid_fd(5), since
 * mount(2) and umount(2) have no such form.
 */
import { constants } from 'node:fs';
import { cPath } from '../../reference/names.ts';
import { O_PATH } from '../../sys/flags.ts';
import type { CPath, System } from '../../sys/system.ts';

/** What is open under this number, wherever it is by now. */
export const ofDescriptor = (fd: number): string => `/proc/self/fd/${fd}`;

export interface HeldFile {
  /** The file in the directory that its path led to. */
  file: CPath;
  /** To be called once. */
  release: () => void;
}

/** @returns `-errno` where the path of the directory leads to none */
export function holdDirectory(system: System, path: string): HeldFile | number {
  const end = path.lastIndexOf('/');
  const directory = end === 0 ? '/' : path.slice(0, end);
  const fd = system.open(cPath(directory), O_PATH | constants.O_DIRECTORY);
  if (fd < 0) return fd;
  return { file: cPath(ofDescriptor(fd), path.slice(end + 1)), release: () => system.close(fd) };
}
