/**
 * The simulated kernel against the real one: the same operations, and the same records, watch
 * descriptors and names must be seen. What processes in other mount namespaces do, and what happens
 * in between, is simulated alone.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { RecordCursor } from '../../../../src/inotify/records.ts';
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_MASK_ADD,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_MOVE_SELF,
  IN_ONLYDIR,
} from '../../../../src/inotify/constants.ts';
import { cPath, decodeName } from '../../../../src/reference/names.ts';
import { listDirectory } from '../../../../src/netns/names/list.ts';
import { Observer } from '../../../../src/netns/identity/observe.ts';
import { linux } from '../../../../src/sys/system.ts';
import type { System } from '../../../../src/sys/system.ts';
import { LiveHost } from '../live-operations.ts';
import { directoryOperations, nameOperations } from '../../../support/operations.ts';
import type { Operation } from '../../../support/operations.ts';
import { modelRuns } from '../../../support/runs.ts';
import { World } from './world.ts';

const RUNS = modelRuns(300);
const PARENT = '/run/deep';
const DIRECTORY = `${PARENT}/netns`;
const NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
const MASKS = [
  NAMES | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
  NAMES | IN_ONLYDIR | IN_MASK_ADD,
  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
];

type Step =
  | Operation
  | { do: 'hold' }
  | { do: 'release' }
  | { do: 'watch'; path: string; mask: number }
  | { do: 'read' };

const targets = ['/proc/self/ns/net', '/nowhere'];
const watch = fc.record({
  do: fc.constant('watch' as const),
  path: fc.constantFrom('', '/netns', '/netns', '/spare', '/linked', '/away'),
  mask: fc.constantFrom(...MASKS),
});
const other: fc.Arbitrary<Step> = fc.oneof(
  watch,
  fc.record({ do: fc.constantFrom('hold' as const, 'release' as const, 'read' as const) }),
);
const steps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      nameOperations(targets) as fc.Arbitrary<Step[]>,
      directoryOperations as fc.Arbitrary<Step[]>,
      other.map((step): Step[] => [step]),
    ),
    { maxLength: 25, size: 'max' },
  )
  .map((parts) => parts.flat());

/** What a watcher can see of one of the two kernels. */
class Eye {
  readonly #system: System;
  readonly #inotify: number;
  readonly #buffer = new Uint8Array(64 * 1024);

  constructor(system: System) {
    this.#system = system;
    this.#inotify = system.inotifyInit();
  }

  watch(path: string, mask: number): number {
    return this.#system.inotifyAddWatch(this.#inotify, cPath(PARENT + path), mask);
  }

  read(): string[] {
    const records: string[] = [];
    const queued = this.#system.bytesReadable(this.#inotify);
    const length = this.#system.read(this.#inotify, this.#buffer);
    assert.equal(Math.max(0, length), queued);
    const cursor = new RecordCursor(this.#buffer);
    cursor.reset(Math.max(0, length));
    while (cursor.next()) {
      const { wd, mask, cookie, name } = cursor;
      records.push(`${wd} ${mask.toString(16)} ${cookie > 0 ? 'paired' : ''} ${decodeName(name)}`);
    }
    return records;
  }

  /** Names and what they are, namespaces as `number` says. */
  names(number: (id: bigint) => number): Map<string, string> | number {
    const entries = this.#system.readDirectory(cPath(DIRECTORY));
    if (typeof entries === 'number') return entries;
    const listed = listDirectory(this.#system, new Observer(this.#system), DIRECTORY, true) ?? [];
    return new Map(
      listed
        .map(({ name, found }): [string, string] => [
          name,
          found.kind === 'namespace'
            ? `namespace ${number(found.namespace.id ?? 0n)}`
            : `${found.reason} ${found.fresh}`,
        ])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }

  close(): void {
    this.#system.close(this.#inotify);
  }
}

/** Numbers for namespaces, in the order in which they are met. */
function numbering(): (id: bigint) => number {
  const known = new Map<bigint, number>();
  return (id) => {
    const number = known.get(id) ?? known.size;
    known.set(id, number);
    return number;
  };
}

test('the same is seen of both kernels', () => {
  const host = new LiveHost(PARENT, true, 64);
  const property = fc.property(steps, (all) => {
    host.reset();
    const world = new World(DIRECTORY, true, {
      queueLimit: 16_384,
      handles: true,
      entriesAtOnce: 1000,
      recordsAtOnce: 1000,
    });
    const [real, simulated] = [new Eye(linux()), new Eye(world.system)];
    const numbers = [numbering(), numbering()] as const;
    try {
      for (const step of all) {
        if (step.do === 'watch') {
          assert.equal(simulated.watch(step.path, step.mask), real.watch(step.path, step.mask));
        } else if (step.do === 'read') {
          assert.deepEqual(simulated.read(), real.read());
        } else if (step.do === 'hold' || step.do === 'release') {
          host[step.do]();
          world.schedule([step]);
        } else {
          host.perform(step);
          world.schedule([step]);
        }
        while (!world.idle) world.act(1);
        assert.deepEqual(simulated.names(numbers[0]), real.names(numbers[1]), `names after ${step.do}`);
      }
      assert.deepEqual(simulated.read(), real.read());
    } finally {
      real.close();
    }
  });
  try {
    fc.assert(property, { numRuns: RUNS });
  } finally {
    host.reset();
  }
});
