/**
 * What a watcher that finds namespaces without names works with in the model test: a clock that
 * runs faster than time does and can leap, so that it is time to look at all processes; and system
 * calls before which others do something, beginning when processes have been listed.
 */
import { realProcessIo } from '../../../src/watch/unified/process-io.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import type { Clock } from '../../../src/watch/stream/clock.ts';
import { directoryEntrySystem } from '../../../src/sys/directory-entries.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { hastyClock, noDiagnosis } from './fast-clock.ts';
import { Interference } from './interference.ts';

/** Longer than from one look at all processes to the next, on the slowest machine. */
const LEAP = 1e10;

export class UnnamedIo {
  readonly io: UnifiedIo;
  /** How many scans at all processes have begun since the start. */
  thorough = 0;
  /** Called when processes have been listed, and nothing was made of it. */
  onScanned: () => void = () => {};
  readonly interference: Interference = new Interference({ ...netlinkSystem(), ...directoryEntrySystem() });
  #leapt = 0;
  #isToLeap = false;
  #begun = 0;

  constructor() {
    const clock: Clock = {
      now: () => hastyClock.now() + this.#leapt,
      after: (milliseconds, callback) => hastyClock.after(milliseconds, callback),
    };
    const { system } = this.interference;
    const real = realProcessIo('/proc', clock, system);
    const { scanner } = real;
    const scan: typeof scanner.scan = async (options) => {
      this.#begun++;
      if (options?.all === true) this.thorough++;
      const changes = await scanner.scan(options);
      this.onScanned();
      return changes;
    };
    const watched: typeof scanner = {
      scan,
      get namespaces() {
        return scanner.namespaces;
      },
      get looks() {
        return scanner.looks;
      },
      get unseen() {
        return scanner.unseen;
      },
      // Counted among the calls.
      inodeOf: (pid) => {
        system.bytesReadable(-1);
        return scanner.inodeOf(pid);
      },
    };
    const latest = (): number | null => {
      if (this.#isToLeap) this.#leapUnlessScanning();
      return real.latest();
    };
    this.io = { system, clock, diagnosis: noDiagnosis, processes: { ...real, scanner: watched, latest } };
  }

  /** It is time to look at all processes, as soon as none are being looked at. */
  leap(): void {
    this.#isToLeap = true;
  }

  /**
   * Whether a process was started is asked when none are being looked at; unless this makes that
   * begin, whose time would be measured across the leap.
   */
  #leapUnlessScanning(): void {
    const begun = this.#begun;
    queueMicrotask(() => {
      if (begun !== this.#begun || !this.#isToLeap) return;
      this.#isToLeap = false;
      this.#leapt += LEAP;
    });
  }
}
