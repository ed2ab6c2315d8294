/**
 * Whether a signal has been sent to this process of which its listeners do not know yet. Any thread
 * of Node may be given it (signal(7)), and writes it into a pipe that the event loop reads. On a
 * busy machine that thread can be interrupted on the way, while another one has already brought a
 * signal that was sent later.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { constants } from 'node:os';

const TASKS = '/proc/self/task';
/** More than a /proc/PID/task/TID/status has before its masks. */
const STATUS_ROOM = 4096;

export class PendingSignals {
  readonly #mask: bigint;
  /** The status of each thread, held open: to open it takes longer than to read it. */
  readonly #threads = new Map<string, number>();
  /** Threads that are given none of these signals, such as one of Node's inspector. */
  readonly #without = new Set<string>();
  readonly #room = Buffer.alloc(STATUS_ROOM);

  /** @param signals the ones that are meant, each of which has a listener */
  constructor(signals: readonly NodeJS.Signals[]) {
    this.#mask = signals.reduce((mask, name) => mask | (1n << BigInt(constants.signals[name] - 1)), 0n);
    this.giveUp();
  }

  /**
   * Whether there is one. libuv blocks every signal in a thread while its handler runs there
   * (`uv__signal_register_handler` in `src/unix/signal.c`), which proc_pid_status(5) shows. When
   * this is false, the event loop finds those that were sent before in its next turn. Always false
   * where there is no /proc.
   */
  any(): boolean {
    return threads().some((thread) => this.#hasOne(thread));
  }

  /** From now on a thread that seems to have one counts as one that is given none. */
  giveUp(): void {
    for (const thread of threads()) if (this.#hasOne(thread)) this.#without.add(thread);
  }

  close(): void {
    for (const fd of this.#threads.values()) closeSync(fd);
    this.#threads.clear();
  }

  /** Whether one waits for any thread, or this thread is busy with one. */
  #hasOne(thread: string): boolean {
    if (this.#without.has(thread)) return false;
    try {
      const fd = this.#threads.get(thread) ?? openSync(`${TASKS}/${thread}/status`, 'r');
      this.#threads.set(thread, fd);
      const text = this.#room.toString('latin1', 0, readSync(fd, this.#room, 0, STATUS_ROOM, 0));
      return ['ShdPnd:\t', 'SigBlk:\t'].some((key) => (maskIn(text, key) & this.#mask) !== 0n);
    } catch {
      // It has ended, or no descriptor is left.
      return false;
    }
  }
}

function threads(): string[] {
  try {
    return readdirSync(TASKS);
  } catch {
    return [];
  }
}

function maskIn(text: string, key: string): bigint {
  const at = text.indexOf(key) + key.length;
  return BigInt(`0x${text.slice(at, at + 16)}`);
}
