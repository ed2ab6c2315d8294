/** What becomes of what a look saw, by what happens before it is committed. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeName } from '../../../src/reference/names.ts';
import { NameProbe } from '../../../src/watch/names/name-probe.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { brief } from '../support/replay.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { seenNamespace } from './observations.ts';

interface Stage {
  probe: NameProbe;
  table: NameStates;
  watch: { wd: number; isHere: boolean; stillWatches: () => boolean };
  records: { bytes: number; queuedEnd: number; readToBarrier: () => number };
  /** Whether looks show listed mounts. */
  mounts: { observed: () => void; isListed: () => boolean; listed: boolean };
  /** How often it was said that a look is over. */
  looked: () => number;
  /** The names that wait for a propagation check. */
  waiting: Set<string>;
  /** Paths at which the next look fails. */
  failing: Set<string>;
  /** How often the check was run. */
  runs: () => number;
  /** The names that were looked at. */
  looks: string[];
  makeDue: (...names: string[]) => void;
}

/** The names `a` and `b` are pending, and stand for namespaces. */
function stage(): Stage {
  const clock = new FakeClock();
  const table = new NameStates('/d', 1000);
  for (const name of ['a', 'b']) table.appear(name, clock.now());
  let due: WatchedName[] = [];
  let looked = 0;
  let runs = 0;
  const looks: string[] = [];
  const waiting = new Set<string>();
  const watch = { wd: 1, isHere: true, stillWatches: () => watch.isHere };
  const records = { bytes: 100, queuedEnd: 100, readToBarrier: () => records.queuedEnd };
  const schedule = {
    get due() {
      return due.length > 0;
    },
    take() {
      const taken = due;
      due = [];
      return taken;
    },
    look: (record: WatchedName) => void due.push(record),
    looked: () => void looked++,
  };
  const mounts = { observed: () => {}, isListed: () => mounts.listed, listed: false };
  const failing = new Set<string>();
  const observer = {
    observe(path: Uint8Array) {
      const asked = decodeName(path.subarray(0, path.indexOf(0)));
      if (failing.delete(asked)) throw new Error(`no look at ${asked}`);
      looks.push(asked);
      return seenNamespace(1);
    },
  };
  const propagation = {
    mustWait: ({ name }: WatchedName) => waiting.has(name),
    run: () => void runs++,
  };
  const settings = { directory: '/d', followSymlinks: true };
  return {
    probe: new NameProbe(
      { observer, watch, records, schedule, mounts },
      { table, propagation, clock, settings },
    ),
    table,
    watch,
    records,
    mounts,
    looked: () => looked,
    waiting,
    failing,
    runs: () => runs,
    looks,
    makeDue: (...names) => (due = names.map((name) => table.appear(name, clock.now()))),
  };
}

function commit(probe: NameProbe): string[] {
  const events: string[] = [];
  for (let event = probe.commit(); event !== undefined; event = probe.commit()) events.push(brief(event));
  return events;
}

/** What happens between the look at `a` and `b` and its commit, and what is reported then. */
const rows: [title: string, meanwhile: (on: Stage) => void, events: string[]][] = [
  ['nothing', () => {}, ['created a', 'created b']],
  ['one name vanished', ({ table }) => vanish(table, 'a'), ['created b']],
  [
    'one name vanished, and appeared again',
    ({ table }) => {
      vanish(table, 'a');
      table.appear('a', 0);
    },
    ['created b'],
  ],
  [
    'one name appeared again without having vanished',
    ({ table }) => void table.appear('a', 0),
    ['created a', 'created b'],
  ],
  ['one name has to wait for a propagation check', ({ waiting }) => void waiting.add('b'), ['created a']],
  ['discarded', ({ probe }) => probe.discard(), []],
];

function vanish(table: NameStates, name: string): void {
  while (table.vanish(name) !== undefined);
}

for (const [title, meanwhile, events] of rows) {
  test(`between look and commit: ${title}`, () => {
    const on = stage();
    on.makeDue('a', 'b');
    assert.equal(on.probe.due, true);
    assert.equal(on.probe.probe(), true);
    assert.deepEqual(on.looks, ['/d/a', '/d/b']);
    meanwhile(on);
    assert.deepEqual(commit(on.probe), events);
    assert.equal(on.probe.canCommit, false);
    assert.equal(on.runs(), 1);
  });
}

test('waits for the records that were queued at the end of the look', () => {
  const on = stage();
  on.records.queuedEnd = 140;
  on.makeDue('a');
  on.probe.probe();
  for (const [bytes, canCommit] of [
    [100, false],
    [139, false],
    [140, true],
    [180, true],
  ] as const) {
    on.records.bytes = bytes;
    assert.equal(on.probe.canCommit, canCommit, `${bytes} bytes applied`);
  }
});

test('does not look at a name that vanished meanwhile, though it came again', () => {
  const on = stage();
  on.makeDue('a', 'b');
  vanish(on.table, 'a');
  on.table.appear('a', 0);
  on.probe.probe();
  assert.deepEqual(on.looks, ['/d/b']);
});

test('is not due while a look waits for its commit', () => {
  const on = stage();
  on.makeDue('a');
  on.probe.probe();
  on.makeDue('b');
  assert.equal(on.probe.due, false);
  commit(on.probe);
  assert.equal(on.probe.due, true);
});

test('a path that leads elsewhere at the end of the look: nothing to commit', () => {
  const on = stage();
  on.makeDue('a');
  on.watch.isHere = false;
  assert.equal(on.probe.probe(), false);
  assert.equal(on.probe.canCommit, false);
  assert.deepEqual(commit(on.probe), []);
});

test('a look that shows listed mounts alone shows that the path led to the directory', () => {
  const on = stage();
  on.makeDue('a');
  on.watch.isHere = false;
  on.mounts.listed = true;
  assert.equal(on.probe.probe(), true);
  assert.deepEqual(commit(on.probe), ['created a']);
});

test('says that a look is over, before its commit', () => {
  const on = stage();
  on.makeDue('a');
  on.probe.probe();
  assert.equal(on.looked(), 1);
});

test('no directory: nothing is looked at, and that is over', () => {
  const on = stage();
  on.makeDue('a');
  on.watch.wd = -1;
  assert.equal(on.probe.probe(), false);
  assert.deepEqual(on.looks, []);
  assert.equal(on.looked(), 1);
  assert.equal(on.probe.due, false);
});

test('after a look that fails, all are looked at again', () => {
  const { probe, makeDue, failing, looks, looked } = stage();
  makeDue('a', 'b', 'c');
  failing.add('/d/b');
  assert.throws(() => probe.probe(), /no look at \/d\/b/);
  assert.equal(looked(), 1);
  assert.equal(probe.canCommit, false);
  looks.length = 0;
  assert.equal(probe.due, true);
  assert.equal(probe.probe(), true);
  assert.deepEqual(looks, ['/d/a', '/d/b', '/d/c']);
});
