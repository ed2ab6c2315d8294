/**
 * The mount table on a simulated kernel where mounts come, cover each other, move and go in any
 * order, and looks come before lists or after: when a list was read and the names that it gives
 * were looked at, each look must have shown what is on top. NLINK_MODEL_RUNS sets how many
 * sequences, NLINK_MODEL_SEED the seed, or `random`.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Observer } from '../../../src/netns/identity/observe.ts';
import { cPath } from '../../../src/reference/names.ts';
import { emptyStatus } from '../../../src/sys/stat.ts';
import { MountTable } from '../../../src/watch/names/mount-table.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { mountOperations, NAMES } from '../../support/operations.ts';
import { modelRuns } from '../../support/runs.ts';
import { World } from './simulation/world.ts';
import type { SimulatedOperation } from './simulation/world.ts';

const RUNS = modelRuns(2000);
const seed = process.env['NLINK_MODEL_SEED'] ?? '20261123';
const DIRECTORY = '/run/deep/netns';

type Step = SimulatedOperation | { do: 'look'; name: string } | { do: 'update' };

const name = fc.constantFrom(...NAMES);
const simple = fc.record({ do: fc.constantFrom('mount' as const, 'unmount' as const), name });
const alias = fc.record({ do: fc.constant('alias' as const), name, of: name });
const look = fc.record({ do: fc.constant('look' as const), name });
const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      fc.oneof(simple, simple, simple, alias, look).map((step): Step[] => [step]),
      mountOperations as fc.Arbitrary<Step[]>,
      fc.constant<Step[]>([{ do: 'update' }]),
    ),
    { maxLength: 40, size: 'max' },
  )
  .map((parts) => parts.flat());
/** Whether the directory is a mount of its own, and whether it had names by then. */
const before = fc.constantFrom<SimulatedOperation[]>(
  [],
  [{ do: 'bindOnItself' }],
  [{ do: 'mount', name: 'a' }, { do: 'bindOnItself' }],
  [
    { do: 'mount', name: 'b' },
    { do: 'mount', name: 'a' },
    { do: 'mount', name: 'a' },
  ],
);

class Host {
  readonly #world = new World(DIRECTORY, true, {
    queueLimit: 1000,
    handles: true,
    entriesAtOnce: 1000,
    mounts: 'listed',
  });
  readonly #observer = new Observer(this.#world.system);
  readonly #names = new NameStates(DIRECTORY, 0);
  /** Names that the table wants to be looked at. */
  readonly #due = new Set<WatchedName>();
  readonly #table = new MountTable(this.#world.system, cPath(DIRECTORY), this.#names, (record) =>
    this.#due.add(record),
  );
  /** Whether a mount may have moved since it was made sure that none had. */
  #moved = false;

  constructor(operations: readonly SimulatedOperation[]) {
    this.#act({ do: 'makeDirectory' });
    for (const each of NAMES) this.#act({ do: 'create', name: each });
    for (const operation of operations) this.#act(operation);
    this.#table.rebase();
    for (const each of NAMES) this.#look(this.#names.adopt(each, { kind: 'missing' }));
  }

  step(step: Step): void {
    if (step.do === 'look') this.#look(this.#names.records.get(step.name) as WatchedName);
    else if (step.do === 'update') this.update();
    else this.#act(step);
    if (step.do === 'moveMount') this.#moved = true;
  }

  update(): void {
    const news = this.#table.update();
    assert.ok(['none', 'others', 'names'].includes(news), news);
    this.#table.locate();
    if (this.#moved) assert.equal(this.#table.verify(0, Infinity), this.#table.size);
    this.#moved = false;
    for (const record of this.#due) {
      this.#due.delete(record);
      this.#look(record);
    }
    for (const record of this.#names.records.values())
      assert.equal(record.mount, this.#top(record), `${record.name} was not looked at`);
  }

  #act(operation: SimulatedOperation): void {
    this.#world.schedule([operation]);
    while (!this.#world.idle) this.#world.act(1);
  }

  #look(record: WatchedName): void {
    this.#table.observed(record, this.#observer.observe(cPath(DIRECTORY, record.name), true));
  }

  /** The mount on top of a name, or that of the directory. */
  #top({ name: which }: WatchedName): number {
    const status = emptyStatus();
    assert.equal(this.#world.system.stat(cPath(DIRECTORY, which), false, status), 0);
    return status.mountId;
  }
}

test('model: a list gives all names that have to be looked at', () => {
  const property = fc.property(before, steps, (operations, all) => {
    const host = new Host(operations);
    for (const step of all) host.step(step);
    host.update();
  });
  fc.assert(property, { numRuns: RUNS, ...(seed === 'random' ? {} : { seed: Number(seed) }) });
});
