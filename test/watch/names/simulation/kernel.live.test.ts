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
import { errno } from '../../../../src/sys/errno.ts';
import { mountIdAt } from '../../../../src/sys/mount-list.ts';
import { emptyStatus } from '../../../../src/sys/stat.ts';
import { linux } from '../../../../src/sys/system.ts';
import type { System } from '../../../../src/sys/system.ts';
import { LiveHost } from '../live-operations.ts';
import { directoryOperations, mountOperations, nameOperations } from '../../../support/operations.ts';
import type { Operation } from '../../../support/operations.ts';
import { modelRuns } from '../../../support/runs.ts';
import { World } from './world.ts';

const RUNS = modelRuns(150);
const PARENT = '/run/deep';
const DIRECTORY = `${PARENT}/netns`;
const NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
const MASKS = [
  NAMES | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
  NAMES | IN_ONLYDIR | IN_MASK_ADD,
  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR,
];

/** Linux 6.8 lists mounts, where no seccomp filter is older. */
const listed = ![-errno.ENOSYS, -errno.EPERM].includes(linux().listMounts(0, 0, new Uint32Array(2)));

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
const others = fc
  .oneof(watch, fc.record({ do: fc.constantFrom('hold' as const, 'release' as const, 'read' as const) }))
  .map((step): Step[] => [step]);

const sequences = (...kinds: fc.Arbitrary<Step[]>[]): fc.Arbitrary<Step[]> =>
  fc.array(fc.oneof(...kinds, others), { maxLength: 25, size: 'max' }).map((parts) => parts.flat());

const names = nameOperations(targets) as fc.Arbitrary<Step[]>;
const mounts = mountOperations as fc.Arbitrary<Step[]>;
const directories = directoryOperations as fc.Arbitrary<Step[]>;
const made: Step = { do: 'makeDirectory' };
const mounted = ['b', 'a'].flatMap((name): Step[] => [
  { do: 'create', name },
  { do: 'mount', name },
]);
/** A directory that is no mount, that is one, that was made one with names, that hides others. */
const there = fc.constantFrom<Step[]>(
  [made],
  [made, { do: 'bindOnItself' }],
  [made, ...mounted, { do: 'bindOnItself' }],
  [made, ...mounted, { do: 'cover' }],
);

const SEQUENCES: Record<string, fc.Arbitrary<Step[]>> = {
  'names come and go': fc.tuple(there, sequences(names, names, mounts)).map((parts) => parts.flat()),
  'the directory too': sequences(names, directories),
};

/** What a watcher can see of one of the two kernels. */
class Eye {
  readonly #system: System;
  /** The mounts that were met, as they came, those that came at once by their ids. */
  readonly #mounts: number[] = [];
  readonly #path = new Uint8Array(4097);
  readonly #status = emptyStatus();
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

  /** What is mounted below a mount that is always there, below the directory's, and on what. */
  mounts(): unknown {
    return [this.#below('/run'), this.#below(DIRECTORY), this.#mounts.map((mount) => this.#point(mount))];
  }

  #below(path: string): unknown {
    const result = this.#system.stat(cPath(path), true, this.#status);
    if (result < 0) return result;
    const mount = this.#status.mountId;
    const all = this.#list(mount);
    const own = all.filter((each) => isBeside(this.#point(each)));
    for (const each of own) if (!this.#mounts.includes(each)) this.#mounts.push(each);
    // Those after each of them.
    for (const [index, each] of all.entries())
      assert.deepEqual(this.#list(mount, each), all.slice(index + 1));
    return { mount: this.#mounts.indexOf(mount), below: own.map((each) => this.#mounts.indexOf(each)) };
  }

  #list(mount: number, after = 0): number[] {
    const ids = new Uint32Array(2 * 256);
    const count = this.#system.listMounts(mount, after, ids);
    assert.ok(count >= 0 && count < 256, `listmount gives ${count}`);
    return Array.from({ length: count }, (_, index) => mountIdAt(ids, index));
  }

  /** Where a mount stands, or `-errno`. */
  #point(mount: number): string | number {
    const length = this.#system.mountPoint(mount, this.#path);
    return length < 0 ? length : decodeName(this.#path.subarray(0, length));
  }

  close(): void {
    this.#system.close(this.#inotify);
  }
}

const isBeside = (point: string | number): boolean => `${point}/`.startsWith(`${PARENT}/`);

/** Numbers for namespaces, in the order in which they are met. */
function numbering(): (id: bigint) => number {
  const known = new Map<bigint, number>();
  return (id) => {
    const number = known.get(id) ?? known.size;
    known.set(id, number);
    return number;
  };
}

/** A mount whose root was removed in its own place: it moves no more, and nothing comes into it. */
const removedBelow: Step[] = [
  made,
  { do: 'bindOnItself' },
  { do: 'moveMountAway' },
  { do: 'watch', path: '/spare', mask: MASKS[0] as number },
  { do: 'removeDirectory' },
  made,
  { do: 'moveMountBack' },
  ...mounted,
  { do: 'moveMount', name: 'a', to: '../spare/a' },
  { do: 'cover' },
  { do: 'moveMountAway' },
  { do: 'read' },
];

test('the same is seen of both kernels: a directory is removed below its mount', () => {
  const host = new LiveHost(PARENT, true, 64);
  compare(host, removedBelow);
  host.reset();
});

for (const [title, arbitrary] of Object.entries(SEQUENCES)) {
  test(`the same is seen of both kernels: ${title}`, (t) => {
    if (!listed) t.diagnostic('this kernel lists no mounts: those are not compared');
    const host = new LiveHost(PARENT, true, 64);
    try {
      fc.assert(
        fc.property(arbitrary, (steps) => compare(host, steps)),
        { numRuns: RUNS, includeErrorInReport: true },
      );
    } finally {
      host.reset();
    }
  });
}

function compare(host: LiveHost, steps: readonly Step[]): void {
  host.reset();
  const world = new World(DIRECTORY, true, {
    queueLimit: 16_384,
    handles: true,
    entriesAtOnce: 1000,
    mounts: 'listed',
  });
  const [real, simulated] = [new Eye(linux()), new Eye(world.system)];
  const numbers = [numbering(), numbering()] as const;
  try {
    for (const step of steps) {
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
      if (listed) assert.deepEqual(simulated.mounts(), real.mounts(), `mounts after ${step.do}`);
    }
    assert.deepEqual(simulated.read(), real.read());
  } finally {
    real.close();
  }
}
