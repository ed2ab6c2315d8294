/**
 * Paths of files of processes in a procfs, each made in the memory of the one before: a scan asks
 * for ten thousand.
 */
import { encodeName } from '../../reference/names.ts';
import type { CPath } from '../../sys/system.ts';

/** The longest that follows the procfs's own path: `/PID/task/TID/net/dev` and the NUL. */
const LONGEST = 64;
const ZERO = 0x30;
const encoded = (text: string): Uint8Array => Uint8Array.from(encodeName(text));
const [DEVICES, TASK, TASKS] = [encoded('/net/dev'), encoded('/task'), encoded('/task/')];
const SLASH = encoded('/');

export class ProcPath {
  readonly #bytes: Uint8Array;
  readonly #prefix: number;
  #end = 0;

  /** @param proc where the procfs is mounted */
  constructor(proc: string) {
    const prefix = encodeName(proc);
    this.#bytes = new Uint8Array(prefix.length + LONGEST);
    this.#bytes.set(prefix);
    this.#prefix = prefix.length;
  }

  /** Of the interfaces in the namespace of a process. Each is right until the next call. */
  devices(pid: number): CPath {
    return this.#of(pid).#add(DEVICES).#terminated();
  }

  /** The same of a thread. */
  threadDevices(pid: number, tid: number): CPath {
    return this.#of(pid).#add(TASKS).#number(tid).#add(DEVICES).#terminated();
  }

  /** The directory of a process's threads. */
  threads(pid: number): CPath {
    return this.#of(pid).#add(TASK).#terminated();
  }

  #of(pid: number): this {
    this.#end = this.#prefix;
    return this.#add(SLASH).#number(pid);
  }

  #add(bytes: Uint8Array): this {
    for (let at = 0; at < bytes.length; at++) this.#bytes[this.#end++] = bytes[at] as number;
    return this;
  }

  #number(number: number): this {
    let end = this.#end + 1;
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) end++;
    this.#end = end;
    let rest = number;
    do {
      this.#bytes[--end] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    } while (rest > 0);
    return this;
  }

  #terminated(): CPath {
    this.#bytes[this.#end] = 0;
    return this.#bytes;
  }
}
