/**
 * Waits for children, as a shell waits for a program: what the user asks for meanwhile is theirs to
 * heed, and then ends this process as well.
 */
import { setImmediate, setTimeout } from 'node:timers/promises';
import { INT_MAX } from '../../sys/limits.ts';
import { systemError } from '../../sys/errno.ts';
import { PendingSignals } from '../../sys/pending-signals.ts';
import { endingOf } from '../../sys/program.ts';
import type { Ending } from '../../sys/program.ts';

/** Sent to the whole group by a terminal, so that the children have them anyway. */
const FROM_KEYBOARD: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
/** Sent to one process, as by kill(1): passed on. */
const PASSED_ON: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP'];
const ASKING = [...FROM_KEYBOARD, ...PASSED_ON];

/** How often it is looked for a signal that is on its way, and how long apart, in milliseconds. */
const LOOKS = 200;
const PAUSE = 1;

interface Waiting {
  resolve: (ending: Ending) => void;
  reject: (error: Error) => void;
}

type Pending = Pick<PendingSignals, 'any' | 'giveUp' | 'close'>;

export class ChildProcesses {
  readonly #running = new Map<number, Waiting>();
  readonly #keepAlive: NodeJS.Timeout;
  readonly #pending: Pending;
  #stopSignal: NodeJS.Signals | null = null;

  /**
   * From now on no signal by which a user asks to stop ends this process.
   * @param pending default what the kernel says of this process
   */
  constructor(pending?: Pending) {
    for (const signal of ASKING) process.on(signal, this.#onSignal);
    this.#pending = pending ?? new PendingSignals(ASKING);
    process.on('SIGCHLD', this.#look);
    // Nothing else keeps the process alive while it waits.
    this.#keepAlive = setInterval(() => {}, INT_MAX);
  }

  /** Whether the user asked to stop: no other child is to be started. */
  get stopRequested(): boolean {
    return this.#stopSignal !== null;
  }

  /** How a child ended that was started just now. Rejects with the SystemError of waitpid(2). */
  endOf(pid: number): Promise<Ending> {
    return new Promise((resolve, reject) => {
      this.#running.set(pid, { resolve, reject });
      // It may have ended before anybody listened.
      this.#look();
    });
  }

  /**
   * Until this process knows of the signals that have been sent to it: what ended a child may have
   * been sent to the whole group, as Ctrl-C is.
   */
  async hearSignals(): Promise<void> {
    for (let looks = 0; this.#pending.any(); looks++) {
      if (looks === LOOKS) return this.#pending.giveUp();
      await setTimeout(PAUSE);
    }
    // The pipe that they come through is read between two turns.
    for (let turns = 0; turns < 2; turns++) await setImmediate();
  }

  /** To all that run. */
  kill(signal: NodeJS.Signals): void {
    for (const pid of this.#running.keys()) kill(pid, signal);
  }

  /**
   * To be called when all have ended. If the user asked to stop, this process ends by the same
   * signal, and this never returns.
   */
  async close(): Promise<void> {
    clearInterval(this.#keepAlive);
    this.#pending.close();
    process.off('SIGCHLD', this.#look);
    for (const signal of ASKING) process.off(signal, this.#onSignal);
    if (this.#stopSignal !== null) await endBy(this.#stopSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.#stopSignal ??= signal;
    if (PASSED_ON.includes(signal)) this.kill(signal);
  };

  readonly #look = (): void => {
    for (const [pid, { resolve, reject }] of this.#running) {
      const ending = endingOf(pid);
      if (ending === null) continue;
      this.#running.delete(pid);
      if (typeof ending === 'number') reject(systemError(-ending, 'waitpid'));
      else resolve(ending);
    }
  };
}

function kill(child: number, signal: NodeJS.Signals): void {
  try {
    process.kill(child, signal);
  } catch {
    // A program with another user's rights; the terminal or whoever asked has to end it.
  }
}

/** As the signal does where nobody listens for it. Never returns. */
function endBy(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  return new Promise(() => setInterval(() => {}, INT_MAX));
}
