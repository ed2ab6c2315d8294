/**
 * Hints of new processes (netlink/process-hints.ts): whoever is in a namespace that no scan has
 * seen is a reason to scan at once. In batches, since a wake takes twenty times what a hint does.
 *
 * | state     | a hint comes          | pause over | watcher paused | resumed   |
 * | --------- | --------------------- | ---------- | -------------- | --------- |
 * | listening | looks at all; resting | -          | halted         | -         |
 * | resting   | waits in the kernel   | listening  | halted         | -         |
 * | halted    | waits, or is lost     | -          | -              | listening |
 */
import type { Clock } from '../stream/clock.ts';
import type { ProcessIo, StartHints } from './process-io.ts';
import type { ScanSchedule } from './scan-schedule.ts';

/** Hints are looked at so often at most, milliseconds: that is soon enough, and cheap. */
const PAUSE = 20;
/** So many batches at once; what is left waits for the next time. */
const MOST = 4;

export class HintedNamespaces {
  readonly #io: Pick<ProcessIo, 'openHints' | 'scanner'>;
  readonly #clock: Clock;
  readonly #schedule: Pick<ScanSchedule, 'heard' | 'hint'>;
  #hints: StartHints | null = null;
  #cancel: (() => void) | null = null;
  #isHalted = false;

  constructor(
    io: Pick<ProcessIo, 'openHints' | 'scanner'>,
    clock: Clock,
    schedule: Pick<ScanSchedule, 'heard' | 'hint'>,
  ) {
    this.#io = io;
    this.#clock = clock;
    this.#schedule = schedule;
  }

  /** Without hints it goes on, whatever they are refused for: a scan finds what they do, later. */
  open(): void {
    try {
      this.#hints = this.#io.openHints();
    } catch {
      this.#hints = null;
    }
  }

  get listening(): boolean {
    return this.#hints !== null;
  }

  start(): void {
    this.#hints?.start(() => this.#take());
  }

  pause(): void {
    this.#isHalted = true;
    this.#disarm();
    this.#hints?.pause();
  }

  resume(): void {
    if (!this.#isHalted) return;
    this.#isHalted = false;
    this.#hints?.resume();
  }

  ref(): void {
    this.#hints?.ref();
  }

  unref(): void {
    this.#hints?.unref();
  }

  close(): void {
    this.#disarm();
    this.#hints?.close();
    this.#hints = null;
  }

  #take(): void {
    const hints = this.#hints;
    if (hints === null) return;
    try {
      this.#look(hints);
    } catch {
      // What cannot be read any more is no reason to end.
      this.close();
      return;
    }
    hints.pause();
    this.#cancel ??= this.#clock.after(PAUSE, () => {
      this.#cancel = null;
      if (!this.#isHalted) this.#hints?.resume();
    });
  }

  #look(hints: StartHints): void {
    const { scanner } = this.#io;
    for (let takes = 0; takes < MOST; takes++) {
      const pids = hints.take();
      if (pids === undefined) return;
      this.#schedule.heard();
      const isNew = (pid: number): boolean => {
        const inode = scanner.inodeOf(pid);
        return inode !== null && !scanner.namespaces.has(inode);
      };
      if (pids === 'overflow' || pids.some(isNew)) this.#schedule.hint();
      if (pids === 'overflow') return;
    }
  }

  #disarm(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
