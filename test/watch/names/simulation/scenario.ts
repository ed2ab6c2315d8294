/**
 * Random scenarios for a watcher on a simulated host: what others do, when they do it between the
 * watcher's own system calls, how the event loop goes and how the consumer lags.
 */
import * as fc from 'fast-check';
import { directoryOperations, NAMES, nameOperations } from '../../../support/operations.ts';
import type { SystemError } from '../../../../src/sys/errno.ts';
import { Session } from './session.ts';
import type { SessionSettings, Turn } from './session.ts';
import type { SimulationSettings } from './system.ts';
import { World } from './world.ts';
import type { SimulatedOperation } from './world.ts';

export interface Round {
  /** What others do. */
  script: SimulatedOperation[];
  /** How many steps of it come before each of the watcher's system calls, from now on. */
  interference: number[];
  turns: Turn[];
}

export interface Scenario {
  settings: SessionSettings & SimulationSettings;
  /** What happened before the watcher was opened. */
  before: SimulatedOperation[];
  /** The host is quiet after each. */
  rounds: Round[];
  /** The watcher is stopped in the middle of the last one. */
  abrupt: boolean;
}

/**
 * Plays a scenario. Rejects where the watcher fails it.
 * @returns before how many system calls of the last round others could have acted
 */
export async function play({ settings, before, rounds, abrupt }: Scenario): Promise<number> {
  const world = new World(settings.directory, settings.followSymlinks, settings);
  world.schedule(before);
  while (!world.idle) world.act(1);
  let interference: number[] = [];
  let session: Session | null = null;
  let calls = 0;
  const interfere = (): number => {
    if (!world.idle) calls++;
    return interference.shift() ?? 0;
  };
  for (const round of rounds) {
    interference = [...round.interference];
    calls = 0;
    world.schedule(round.script);
    try {
      session ??= await Session.open(world, settings, interfere);
    } catch (error) {
      // A file stands in the directory's place, or links that lead round.
      if (!['ENOTDIR', 'ELOOP'].includes((error as SystemError).code)) throw error;
      world.checkFreed();
      return calls;
    }
    for (const turn of round.turns) await session.turn(turn);
    if (!abrupt || round !== rounds.at(-1)) await session.settle();
  }
  await session?.stop();
  return calls;
}

const { constant, constantFrom, oneof, record } = fc;
type Operations = fc.Arbitrary<SimulatedOperation[]>;
const weighted = <Value>(...pairs: [number, fc.Arbitrary<Value>][]): fc.Arbitrary<Value> =>
  oneof(...pairs.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const one = (arbitrary: fc.Arbitrary<SimulatedOperation>): Operations =>
  arbitrary.map((operation) => [operation]);

const name = constantFrom(...NAMES);
const names: Operations = weighted<SimulatedOperation[]>(
  [14, nameOperations(['/proc/7/ns/net', '/proc/8/ns/net', '/nowhere'])],
  [1, one(record({ do: constantFrom('createElsewhere' as const, 'unlinkElsewhere' as const), name }))],
  [
    1,
    one(
      record({
        do: constantFrom('startProcess' as const, 'endProcess' as const),
        pid: constantFrom('7', '8'),
      }),
    ),
  ],
  [1, one(record({ do: constant('wait' as const), for: constantFrom(1, 30, 300, 2000) }))],
);
const directories: Operations = weighted<SimulatedOperation[]>(
  [6, directoryOperations],
  [
    1,
    one(
      record({
        do: constantFrom(
          'removeDirectoryElsewhere' as const,
          'hold' as const,
          'release' as const,
          'blockDirectory' as const,
        ),
      }),
    ),
  ],
  [
    1,
    constant([
      ...NAMES.map((name) => ({ do: 'unlinkElsewhere' as const, name })),
      { do: 'removeDirectoryElsewhere' as const },
    ]),
  ],
);
const scripts = (directory: boolean): Operations =>
  fc
    .array(directory ? weighted([2, names], [1, directories]) : names, {
      minLength: 2,
      maxLength: 24,
      size: 'max',
    })
    .map((parts) => parts.flat());

const steps = weighted([5, constant(0)], [3, fc.nat(2)], [2, fc.nat(12)]);
const turn: fc.Arbitrary<Turn> = record({
  act: steps,
  inotify: fc.boolean(),
  mounts: fc.boolean(),
  pass: weighted([6, constant(0)], [1, constantFrom(1, 20, 300, 600, 1100)]),
  take: fc.integer({ min: -1, max: 3 }),
});

const settings = record({
  directory: constantFrom('/run/netns', '/var/run/netns', '/run/deep/netns'),
  bufferSize: fc.integer({ min: 1, max: 3 }),
  readyTimeout: constantFrom(0, 1000),
  followSymlinks: fc.boolean(),
  queueLimit: weighted([1, constant(1000)], [3, constantFrom(1, 2, 3, 5)]),
  handles: fc.boolean(),
  entriesAtOnce: constantFrom(1, 2, 1000),
  // One record, two, nine: that leaves room for the longest after one; and all.
  batchSize: constantFrom(32, 64, 304, 64 * 1024),
  mounts: weighted(
    [4, constant('listed' as const)],
    [1, constantFrom('absent' as const, 'forbidden' as const)],
  ),
});

const round = (directory: boolean): fc.Arbitrary<Round> =>
  record({
    script: scripts(directory),
    interference: fc.array(steps, { maxLength: 120, size: 'max' }),
    turns: fc.array(turn, { maxLength: 12, size: 'max' }),
  });

/** @param directory whether something happens to the directory as well, and not to names alone */
export function scenarios(directory: boolean): fc.Arbitrary<Scenario> {
  const made = constantFrom<SimulatedOperation[]>([], [{ do: 'makeDirectory' }]);
  return record({
    settings,
    before: fc
      .tuple(directory ? made : constant<SimulatedOperation[]>([{ do: 'makeDirectory' }]), scripts(directory))
      .map((parts) => parts.flat()),
    rounds: fc.array(round(directory), { minLength: 1, maxLength: 3, size: 'max' }),
    abrupt: weighted([9, constant(false)], [1, constant(true)]),
  });
}
