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
  records: { bytes: number; queuedEnd: number };
  /** The names that wait for a propagation check. */
  waiting: Set<string>;
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
  let due = new Set<WatchedName>();
  let runs = 0;
  const looks: string[] = [];
  const waiting = new Set<string>();
  const watch = { wd: 1, isHere: true, stillWatches: () => watch.isHere };
  const records = { bytes: 100, queuedEnd: 100 };
  const schedule = {
    get due() {
      return due.size > 0;
    },
    take() {
      const taken = due;
      due = new Set();
      return taken;
    },
  };
  const observer = {
    observe(path: Uint8Array) {
      looks.push(decodeName(path.subarray(0, path.indexOf(0))));
      return seenNamespace(1);
    },
  };
  const propagation = {
    mustWait: ({ name }: WatchedName) => waiting.has(name),
    run: () => void runs++,
  };
  const settings = { directory: '/d', followSymlinks: true };
  return {
    probe: new NameProbe({ observer, watch, records, schedule }, { table, propagation, clock, settings }),
    table,
    watch,
    records,
    waiting,
    runs: () => runs,
    looks,
    makeDue: (...names) => (due = new Set(names.map((name) => table.appear(name, clock.now())))),
  };
}

const commit = (probe: NameProbe): string[] => [...probe.commit()].map(brief);

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

test('no directory: nothing is looked at', () => {
  const on = stage();
  on.makeDue('a');
  on.watch.wd = -1;
  assert.equal(on.probe.probe(), false);
  assert.deepEqual(on.looks, []);
  assert.equal(on.probe.due, false);
});
