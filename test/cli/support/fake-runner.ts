/** Starts no program, and lets each end as the test says. */
import type { OverlayFault } from '../../../src/netns/enter/etc-overlay.ts';
import type { Job, Runner, Started } from '../../../src/cli/host/runner.ts';
import type { Ending } from '../../../src/sys/program.ts';

export class FakeRunner implements Runner {
  stopRequested = false;
  readonly jobs: Job[] = [];
  readonly signals: NodeJS.Signals[] = [];
  closed = 0;
  endings: (Ending | Error | Promise<Ending>)[] = [];
  readonly #faults: readonly OverlayFault[];

  constructor(faults: readonly OverlayFault[]) {
    this.#faults = faults;
  }

  readonly start = (job: Job): Started => {
    this.jobs.push(job);
    const ending = this.endings.shift() ?? { status: 0, signal: null };
    if (ending instanceof Error) throw ending;
    const output = (): ReturnType<Started['output']> => ({
      stdout: Buffer.from(job.collect ? `out of ${job.name}\n` : ''),
      stderr: Buffer.from(job.collect ? `err of ${job.name}\n` : ''),
      tooMuch: false,
    });
    return { faults: this.#faults, ended: Promise.resolve(ending), output };
  };

  readonly kill = (signal: NodeJS.Signals): number => this.signals.push(signal);

  readonly close = async (): Promise<void> => {
    this.closed++;
  };
}
