/** What the commands read of directories and of /proc by Node alone, as bytes. */
import { opendirSync, readFileSync, statSync } from 'node:fs';
import { decodeName, encodeName } from '../../reference/names.ts';
import { errno, numberOf, systemError } from '../../sys/errno.ts';

/**
 * All entries of a directory in the order in which the kernel gives them; none: it is missing.
 * @throws SystemError `EACCES`, `ENOTDIR`
 */
export function entriesOf(directory: string): Buffer[] {
  const entries: Buffer[] = [];
  let open;
  // By opendir(3): readdir of Node would sort them.
  try {
    // The typings know no encoding that gives bytes, which Node has.
    open = opendirSync(encodeName(directory), { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 });
  } catch (error) {
    const number = -numberOf(error);
    if (number === errno.ENOENT) return entries;
    throw systemError(number, 'scandir', directory);
  }
  try {
    for (let entry = open.readSync(); entry !== null; entry = open.readSync())
      entries.push(entry.name as unknown as Buffer);
  } finally {
    open.closeSync();
  }
  return entries;
}

/** Whether there is nothing at a path; false as well where that cannot be known. */
export function isMissing(path: string): boolean {
  try {
    return statSync(encodeName(path), { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/**
 * The name of a process's program (proc_pid_comm(5)); null: it has ended.
 * @param proc where procfs is mounted
 */
export function commOf(pid: number, proc: string): string | null {
  try {
    return decodeName(readFileSync(`${proc}/${pid}/comm`)).replace(/\n$/, '');
  } catch {
    return null;
  }
}
