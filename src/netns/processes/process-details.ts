/**
 * What a person wants to know of a process beside its number (proc_pid_status(5),
 * proc_pid_cmdline(5)); every user may read it.
 */
import { decodeName } from '../../reference/names.ts';
import { readSmall } from './proc.ts';

/** A process, as /proc shows it. */
export interface ProcessDetails {
  /** In the PID namespace that /proc is mounted for. */
  pid: number;
  /**
   * The name of its program, at most 15 bytes, which it may change itself; empty where it has ended
   * meanwhile.
   */
  comm: string;
  /**
   * The user that it runs as (its effective uid, as seen from here); null where it has ended
   * meanwhile.
   */
  uid: number | null;
  /** The program and its arguments, which it may change itself; none for a thread of the kernel. */
  command: string[];
}

/** Reads it. What is no UTF-8 stands as in names of files. @param proc where procfs is mounted */
export function detailsOf(pid: number, proc = '/proc'): ProcessDetails {
  const status = readSmall(`${proc}/${pid}/status`)?.toString('latin1') ?? '';
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1];
  const comm = readSmall(`${proc}/${pid}/comm`) ?? Buffer.alloc(0);
  const line = decodeName(readSmall(`${proc}/${pid}/cmdline`) ?? Buffer.alloc(0));
  return {
    pid,
    comm: decodeName(comm.at(-1) === 0x0a ? comm.subarray(0, -1) : comm),
    uid: uid === undefined ? null : Number(uid),
    // Each argument ends with a NUL; a process that writes over them need not keep to that.
    command: line === '' ? [] : line.replace(/\0+$/, '').split('\0'),
  };
}

/** Reads each process once. */
export class DetailsCache {
  readonly #proc: string;
  readonly #known = new Map<number, ProcessDetails>();

  /** @param proc where procfs is mounted */
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  of(pid: number): ProcessDetails {
    const known = this.#known.get(pid) ?? detailsOf(pid, this.#proc);
    this.#known.set(pid, known);
    return known;
  }
}
