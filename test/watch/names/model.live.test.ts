/**
 * Two watchers on a real directory to which anything may happen: what they tell must come to what
 * is there. The clock of the watchers runs faster than time does, so that what takes a quarter of a
 * second takes moments. NLINK_MODEL_RUNS sets how many sequences, NLINK_MODEL_SEED the seed, or
 * `random`.
 */
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { listNamespaces } from '../../../src/netns/names/list.ts';
import type { SystemError } from '../../../src/sys/errno.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { NamespaceEvent } from '../../../src/watch/names/name-events.ts';
import { NamespaceWatcher, realIo } from '../../../src/watch/names/namespace-watcher.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { noDiagnosis } from '../support/fast-clock.ts';
import { LiveHost } from './live-operations.ts';
import { directoryOperations, nameOperations } from '../../support/operations.ts';
import type { Operation } from '../../support/operations.ts';
import { brief, ReplayModel } from '../support/replay.ts';
import { modelRuns } from '../../support/runs.ts';
import { within } from '../../support/wait.ts';

const RUNS = modelRuns(1000);
/** The same scenarios each time, unless asked: what fails here fails for everybody. */
const seed = process.env['NLINK_MODEL_SEED'] ?? '20261123';

/** How much faster the clock is. */
const HASTE = 40;
const clock: typeof systemClock = {
  now: () => systemClock.now() * HASTE,
  after: (milliseconds, callback) => systemClock.after(milliseconds / HASTE, callback),
};

const SENTINEL = 'sentinel';

class Follower {
  readonly #host: LiveHost;
  readonly #watcher: NamespaceWatcher;
  readonly #model: ReplayModel;
  readonly #told: string[] = [];

  private constructor(host: LiveHost, opened: Awaited<ReturnType<typeof NamespaceWatcher.listAndWatch>>) {
    this.#host = host;
    this.#watcher = opened.watcher;
    this.#model = new ReplayModel(host.directory, opened.namespaces);
  }

  static async open(host: LiveHost, bufferSize: number, readyTimeout: number): Promise<Follower> {
    const { directory } = host;
    const options = { directory, bufferSize, readyTimeout, emitDirectoryEvents: true };
    return new Follower(
      host,
      await NamespaceWatcher.listAndWatch(options, { ...realIo(), clock, diagnosis: noDiagnosis }),
    );
  }

  /** Takes what there is. */
  take(): void {
    for (let event = this.#watcher.tryRecv(); event !== undefined; event = this.#watcher.tryRecv())
      this.#apply(event);
  }

  async until(wanted: string): Promise<void> {
    while (this.#told.at(-1) !== wanted) await this.#next(`${wanted} after ${this.#told.join(', ')}`);
  }

  /** Waits until the events add up to what is there: each difference must still be reported. */
  async agree(): Promise<void> {
    for (;;) {
      this.take();
      const difference = await this.#difference();
      if (difference === null) return;
      await this.#next(`an event that tells of ${difference} after ${this.#told.join(', ')}`);
    }
  }

  async stop(): Promise<void> {
    await this.#watcher.stop();
  }

  async #next(what: string): Promise<void> {
    const event = await within(what, this.#watcher.recv());
    assert.ok(event !== undefined);
    this.#apply(event);
  }

  #apply(event: NamespaceEvent): void {
    this.#told.push(brief(event));
    this.#model.apply(event);
  }

  async #difference(): Promise<string | null> {
    const there = await listNamespaces({ directory: this.#host.directory }).catch((error: SystemError) => {
      assert.equal(error.code, 'ELOOP');
      return [];
    });
    const names = new Map(there.map(({ name, namespace }) => [name, namespace?.id ?? null]));
    const told = this.#model.names;
    const differs = (name: string): boolean =>
      !names.has(name) || !told.has(name) || (told.get(name)?.id ?? null) !== names.get(name);
    const differing = [...names.keys(), ...told.keys()].filter(differs);
    if (differing.length > 0) return JSON.stringify(differing);
    if (this.#watcher.isWatchingNetns !== existsSync(this.#host.directory)) return 'the directory';
    return null;
  }
}

interface Step {
  operations: Operation[];
  /**
   * What the watchers get to do after it: nothing, a turn of the event loop, their events taken, a
   * millisecond.
   */
  meanwhile: 'nothing' | 'turn' | 'take' | 'wait';
}

/**
 * Watchers are opened, and then each of the sequences is followed to its end. Closing an inotify
 * instance takes long.
 */
interface Scenario {
  /** Whether the directory is there at first. */
  present: boolean;
  before: Operation[];
  sequences: Step[][];
}

const SEQUENCES = 5;

function scenarios(directory: boolean): fc.Arbitrary<Scenario> {
  const names = nameOperations(['/proc/self/ns/net', '/nowhere']);
  const operations = directory ? fc.oneof(names, names, directoryOperations) : names;
  const meanwhile = fc.constantFrom<Step['meanwhile'][]>('nothing', 'nothing', 'turn', 'take', 'wait');
  const steps = fc.array(fc.record({ operations, meanwhile }), { maxLength: 10, size: 'max' });
  return fc.record({
    present: directory ? fc.boolean() : fc.constant(true),
    before: names,
    sequences: fc.array(steps, { minLength: SEQUENCES, maxLength: SEQUENCES }),
  });
}

async function play(host: LiveHost, { present, before, sequences }: Scenario): Promise<void> {
  host.reset();
  if (present) host.perform({ do: 'makeDirectory' });
  for (const operation of before) host.perform(operation);
  const followers = [await Follower.open(host, 1, 0), await Follower.open(host, 100, 100)];
  try {
    for (const steps of sequences) {
      for (const { operations, meanwhile } of steps) {
        for (const operation of operations) host.perform(operation);
        if (meanwhile === 'turn') await setImmediate();
        if (meanwhile === 'take') for (const follower of followers) follower.take();
        if (meanwhile === 'wait') await setTimeout(1);
      }
      for (const follower of followers) await follower.agree();
      // By the time that this is told, all before it has been.
      host.restore();
      host.add(SENTINEL);
      for (const follower of followers) {
        await follower.until(`created ${SENTINEL}`);
        await follower.agree();
      }
      host.remove(SENTINEL);
    }
  } finally {
    host.discard();
    for (const follower of followers) await follower.stop();
  }
}

for (const [title, directory] of [
  ['names come and go', false],
  ['the directory too', true],
] as const) {
  test(`model on the real kernel: ${title}`, async () => {
    const host = new LiveHost('/run/model', false, 24);
    const property = fc.asyncProperty(scenarios(directory), (scenario) => play(host, scenario));
    await play(host, { present: true, before: [], sequences: [[]] });
    await withoutLeak(async () => {
      const details = await fc.check(property, {
        numRuns: Math.ceil(RUNS / 2 / SEQUENCES),
        ...(seed === 'random' ? {} : { seed: Number(seed) }),
      });
      if (!details.failed) return;
      const cause = details.errorInstance as Error;
      throw new Error(`${await fc.asyncDefaultReportMessage(details)}\n${cause.stack}`);
    });
    host.reset();
  });
}
