/**
 * A `NamespaceWatcher` with one fault among its system calls, while it opens and while names and
 * their directory come and go. It goes on, and the events come to what is there, and a name made
 * afterwards is told; or it ends with the error of that call. Nothing is left open.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { isLie, isUnwatched } from '../../support/documented.ts';
import type { Call } from '../../support/documented.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import {
  assertTyped,
  describeFault,
  faultsOf,
  Injection,
  mayEnd,
  playFaults,
} from '../../support/injection.ts';
import type { Fault, Share } from '../../support/injection.ts';
import { LiveHost } from './live-operations.ts';
import { Losses } from '../support/losses.ts';
import type { Operation } from '../../support/operations.ts';
import { Replay } from '../support/replay.ts';

/** What happens while it is watched; `'lose'`: the kernel's queue is said to have overflowed. */
const SCRIPT: readonly (Operation | 'lose')[] = [
  { do: 'create', name: 'new' },
  { do: 'mount', name: 'new' },
  { do: 'unmount', name: 'old' },
  { do: 'unlink', name: 'old' },
  { do: 'link', name: 'linked', to: 'new' },
  { do: 'unmount', name: 'bare' },
  'lose',
  { do: 'create', name: 'old' },
  { do: 'mount', name: 'bare' },
  { do: 'moveAway' },
  { do: 'makeDirectory' },
  { do: 'create', name: 'other' },
  { do: 'mount', name: 'other' },
  { do: 'unmount', name: 'other' },
  { do: 'unlink', name: 'other' },
  { do: 'removeDirectory' },
  { do: 'moveIn' },
  { do: 'unlink', name: 'a' },
  { do: 'removeDirectory' },
  { do: 'linkDirectory' },
  { do: 'unlinkDirectory' },
  { do: 'moveBack' },
];

/** What the watcher finds. */
const BEFORE: readonly Operation[] = [
  { do: 'makeDirectory' },
  { do: 'create', name: 'old' },
  { do: 'mount', name: 'old' },
  { do: 'create', name: 'bare' },
  { do: 'mount', name: 'bare' },
  { do: 'create', name: 'file' },
  { do: 'link', name: 'first', to: 'old' },
];

/**
 * After so many milliseconds a watcher has given up, if it is going to: twenty rests of a hasty
 * clock.
 */
const PATIENCE = 500;
/**
 * More calls of one kind than this in that time come of trying again without a rest; twenty times
 * the path is walked a hundred times.
 */
const SPIN = 20_000;

/** The kernels that it works on: the namespaces' file handles came with Linux 6.18. */
type Kernel = 'new' | 'old';

const systems: Record<Kernel, () => NetlinkSystem> = {
  new: netlinkSystem,
  old: () => ({ ...netlinkSystem(), namespaceHandle: () => -errno.EOPNOTSUPP }),
};

class Run {
  readonly injection: Injection;
  readonly #host: LiveHost;
  readonly #losses: Losses;

  constructor(host: LiveHost, kernel: Kernel) {
    this.#host = host;
    this.#losses = new Losses(systems[kernel]());
    this.injection = new Injection(this.#losses.system);
  }

  /** Opens with the fault, and after it makes names. @returns the calls of opening */
  async open(t: TestContext, fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    this.#prepare();
    this.injection.arm(fault);
    const replay = await this.#replay(t).catch((error: unknown) => {
      if (fault === null) throw error;
      assertTyped(error, fault, what);
      return null;
    });
    const counts = new Map(this.injection.counts);
    if (replay !== null) {
      replay.takeOn();
      await this.#finish(replay, fault, what);
    }
    this.injection.assertClosed(what);
    return counts;
  }

  /** Opens, and then plays the script with the fault. @returns the calls of that */
  async play(t: TestContext, fault: Fault | null): Promise<ReadonlyMap<Call, number>> {
    const what = fault === null ? 'no fault' : describeFault(fault);
    this.#prepare();
    this.injection.arm(null);
    const replay = await this.#replay(t);
    replay.takeOn();
    await setTimeout(2);
    this.injection.arm(fault);
    for (const operation of SCRIPT) {
      if (operation === 'lose') this.#losses.names = true;
      else assert(this.#host.perform(operation), `${what}: ${operation.do}`);
      await setTimeout(1);
    }
    this.#losses.end();
    await this.#finish(replay, fault, what);
    const counts = new Map(this.injection.counts);
    this.injection.assertClosed(what);
    return counts;
  }

  /**
   * Opens, and then plays the script while all calls of a kind fail for good. @returns the calls
   */
  async suffer(t: TestContext, fault: Fault): Promise<ReadonlyMap<Call, number>> {
    const what = describeFault(fault);
    this.#prepare();
    this.injection.arm(null);
    const replay = await this.#replay(t);
    const ended: (Error | null)[] = [];
    const take = async (): Promise<void> => {
      for await (const _ of replay.watcher) continue;
    };
    const took = take().then(
      () => void ended.push(null),
      (error: Error) => void ended.push(error),
    );
    this.injection.arm(fault);
    for (const operation of SCRIPT) {
      if (operation !== 'lose') this.#host.perform(operation);
      await setTimeout(1);
    }
    for (let waited = 0; ended.length === 0 && waited < PATIENCE; waited += 10) await setTimeout(10);
    await replay.watcher.stop();
    await took;
    // Of a path that is there and cannot be watched: it is taken for one that changes all the time.
    const [end] = ended;
    const restless = (end as { code?: string } | null | undefined)?.code === 'EAGAIN';
    if (end instanceof Error && !(restless && fault.call === 'inotifyAddWatch'))
      assertTyped(end, fault, what);
    this.injection.assertClosed(what);
    return new Map(this.injection.counts);
  }

  async #replay(t: TestContext): Promise<Replay> {
    const { system } = this.injection;
    const io = { system, clock: hastyClock, diagnosis: noDiagnosis };
    return Replay.open(t, { directory: this.#host.directory, emitDirectoryEvents: true, bufferSize: 4 }, io);
  }

  async #finish(replay: Replay, fault: Fault | null, what: string): Promise<void> {
    try {
      // What was said not to be there may be missing for good; the next name is not.
      const trusted =
        fault === null || !(isLie(fault.call, fault.code) || isUnwatched(fault.call, fault.code));
      let end = trusted ? await replay.settleOrEnd() : null;
      if (end === null) {
        this.#host.perform({ do: 'create', name: 'after' });
        this.#host.perform({ do: 'mount', name: 'after' });
        end = await replay.hears('created after', trusted);
      }
      if (end === null) return;
      assert(fault !== null && mayEnd(fault), `${what}: ended, ${end.message}`);
      assertTyped(end, fault, what);
    } catch (error) {
      const told = replay.told.slice(-20).join(', ');
      throw new Error(`${what}; told last: ${told}: ${(error as Error).message}`, { cause: error });
    } finally {
      await replay.watcher.stop();
    }
  }

  #prepare(): void {
    this.#losses.end();
    this.#host.reset();
    for (const operation of BEFORE) assert(this.#host.perform(operation), operation.do);
  }
}

/** @param much as for `faultsOf` */
export function testNamesFaults(much: Share, kernels: readonly Kernel[]): void {
  for (const kernel of kernels) {
    for (const phase of ['open', 'play'] as const) {
      test(`names, ${kernel} kernel, ${phase}: each call fails once with each error it documents`, async (t) => {
        const host = new LiveHost(`/run/faults-${kernel}-${phase}`, false, 8);
        const run = new Run(host, kernel);
        await playFaults(t, run.injection, (fault) => run[phase](t, fault), much);
        host.reset();
      });
    }
  }
}

/**
 * What does not pass: the watcher ends with that error, or can do without; and it does not try
 * again and again without a rest.
 */
export function testNamesForGood(): void {
  test('names: each call fails for good with each error it documents', async (t) => {
    const host = new LiveHost('/run/faults-for-good', false, 8);
    const run = new Run(host, 'new');
    const counts = await run.play(t, null);
    const most: [number, string] = [0, ''];
    await withoutLeak(async () => {
      for (const { call, code } of faultsOf(counts, 'few')) {
        // That the kernel says that there is something to read, and then that there is not, for
        // ever, cannot be.
        if (call === 'read' && code === 'EAGAIN') continue;
        const fault: Fault = { call, code, nth: 1, forGood: true };
        for (const [made, count] of await run.suffer(t, fault)) {
          if (count > most[0]) most.splice(0, 2, count, `${made}: ${describeFault(fault)}`);
        }
      }
    });
    t.diagnostic(`most calls: ${most.join(' ')}`);
    assert(most[0] < SPIN, most[1]);
    host.reset();
  });
}
