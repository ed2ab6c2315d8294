/** What each record does to the names, with batches of records made by hand. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import {
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_ISDIR,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
} from '../../../src/inotify/constants.ts';
import { RecordCursor } from '../../../src/inotify/records.ts';
import { globs } from '../../../src/reference/glob.ts';
import { encodeName } from '../../../src/reference/names.ts';
import { InotifyApplier } from '../../../src/watch/names/inotify-applier.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { encodeRecord } from '../../inotify/encoder.ts';
import { brief } from '../support/replay.ts';
import { SEEN_FILE } from './observations.ts';

/** The watch of the directory, and one on the way. */
const [HERE, ABOVE] = [1, 2];

/** `+a` created, `-a` deleted, `>a` moved here, `<a` moved away, `/a` a directory; or a signal. */
type Record = string;

function encode(record: Record): Buffer {
  const of = (wd: number, mask: number, name = ''): Buffer =>
    encodeRecord({ wd, mask, cookie: 0, name: encodeName(name) });
  if (record === 'overflow') return of(-1, IN_Q_OVERFLOW);
  if (record === 'path') return of(HERE, IN_DELETE_SELF);
  if (record === 'noise') return of(ABOVE, IN_CREATE, 'noise');
  const name = record.slice(1);
  const masks = {
    '+': IN_CREATE,
    '-': IN_DELETE,
    '>': IN_MOVED_TO,
    '<': IN_MOVED_FROM,
    '/': IN_CREATE | IN_ISDIR,
  };
  return of(HERE, masks[record[0] as keyof typeof masks], name);
}

/** An inotify instance whose queue is the test's. */
class Queue {
  readonly #bytes = new Uint8Array(64 * 1024);
  readonly records: RecordCursor = new RecordCursor(this.#bytes);
  /** As where all batches are full. */
  isDrained = false;
  readonly #batches: Buffer[];
  /** How often it was asked. */
  reads = 0;

  constructor(...batches: Record[][]) {
    this.#batches = batches.map((batch) => Buffer.concat(batch.map(encode)));
  }

  add(...batch: Record[]): void {
    this.#batches.push(Buffer.concat(batch.map(encode)));
  }

  read(): boolean {
    this.reads++;
    const batch = this.#batches.shift();
    if (batch !== undefined) this.#bytes.set(batch);
    this.records.reset(batch?.length ?? 0);
    return batch !== undefined;
  }

  get queued(): number {
    return this.#batches.reduce((sum, { length }) => sum + length, 0);
  }
}

interface Stage {
  applier: InotifyApplier;
  table: NameStates;
  /** Names marked dirty. */
  dirty: string[];
}

/** The name `old` is there. */
function stage(inotify: Queue, names: string | null = null): Stage {
  const clock = new FakeClock();
  const table = new NameStates('/d', 1000);
  table.adopt('old', SEEN_FILE);
  const dirty: string[] = [];
  const watch = {
    wd: HERE,
    selfReferring: false,
    changesPath: ({ mask }: RecordCursor): boolean => (mask & IN_DELETE_SELF) !== 0,
  };
  const schedule = { look: ({ name }: { name: string }): unknown => dirty.push(name) } as never;
  const matches = names === null ? null : globs([names]);
  return { applier: new InotifyApplier({ inotify, watch, table, schedule, clock }, matches), table, dirty };
}

/** Applies all there is, until something breaks. */
function applyAll(applier: InotifyApplier): string[] {
  const events: string[] = [];
  while (applier.any || (!applier.isBroken && applier.read())) {
    const event = applier.apply();
    if (event !== undefined) events.push(brief(event));
    if (applier.isBroken) break;
  }
  return events;
}

interface Expected {
  events?: string[];
  dirty?: string[];
  names?: string[];
}

const rows: [title: string, batches: Record[][], expected: Expected, filter?: string][] = [
  ['created: added, and looked at', [['+a']], { dirty: ['a'], names: ['old', 'a'] }],
  ['moved here: the same', [['>a']], { dirty: ['a'], names: ['old', 'a'] }],
  ['deleted: reported', [['-old']], { events: ['deleted old'], names: [] }],
  ['moved away: the same', [['<old']], { events: ['deleted old'], names: [] }],
  ['deleted, and not known: nothing', [['-a']], {}],
  [
    'created and deleted in a row: never added',
    [['+a', '-a']],
    { events: ['created a (vanished)', 'deleted a'] },
  ],
  [
    'created and deleted with another record between',
    [['+a', '+b', '-a']],
    { events: ['created a (vanished)', 'deleted a'], dirty: ['a', 'b'], names: ['old', 'b'] },
  ],
  [
    'created in one batch, deleted in the next',
    [['+a'], ['-a']],
    { events: ['created a (vanished)', 'deleted a'], dirty: ['a'] },
  ],
  ['known, and created again: looked at', [['+old']], { dirty: ['old'] }],
  [
    'known, created again, and deleted: deleted once',
    [['+old', '-old']],
    { events: ['deleted old'], dirty: ['old'], names: [] },
  ],
  ['renamed', [['<old', '>new']], { events: ['deleted old'], dirty: ['new'], names: ['new'] }],
  ['a directory is no name', [['/sub']], {}],
  ['a record of another watch is no name', [['noise', '+a']], { dirty: ['a'], names: ['old', 'a'] }],
  ['a name that is not watched', [['+b', '-old', '+a', '-b']], { dirty: ['a'], names: ['old', 'a'] }, 'a*'],
  [
    'a name that is not watched between two of another',
    [['+a', '+b', '-a']],
    { events: ['created a (vanished)', 'deleted a'] },
    'a*',
  ],
];

for (const [title, batches, { events = [], dirty = [], names = ['old'] }, filter] of rows) {
  test(`apply: ${title}`, () => {
    const on = stage(new Queue(...batches), filter ?? null);
    assert.deepEqual(applyAll(on.applier), events);
    assert.deepEqual(on.dirty, dirty);
    assert.deepEqual([...on.table.records.keys()], names);
    assert.equal(on.applier.counters.records, batches.flat().length);
  });
}

for (const [signal, overflowed, pathChanged] of [
  ['overflow', true, false],
  ['path', false, true],
] as const) {
  test(`apply: stops at a record that breaks what is known (${signal}), and goes on after it`, () => {
    const on = stage(new Queue(['+a', signal, '+b']));
    assert.deepEqual(applyAll(on.applier), []);
    assert.deepEqual([on.applier.overflowed, on.applier.pathChanged], [overflowed, pathChanged]);
    assert.deepEqual(on.dirty, ['a']);
    on.applier.overflowed = on.applier.pathChanged = false;
    applyAll(on.applier);
    assert.deepEqual(on.dirty, ['a', 'b']);
  });
}

test('drain: says of each name whether the last record left it there, in the order of these', () => {
  const on = stage(new Queue(['+a', '+b'], ['-a', '+c', '>b'], ['-old']));
  assert.ok(on.applier.read());
  assert.deepEqual(
    [...(on.applier.drain() ?? [])],
    [
      ['a', false],
      ['c', true],
      ['b', true],
      ['old', false],
    ],
  );
  assert.equal(on.applier.any, false);
  assert.deepEqual(on.dirty, []);
});

test('drain: gives null where something breaks, and leaves out names that are not watched', () => {
  assert.equal(stage(new Queue(['+a', 'overflow'])).applier.drain(), null);
  assert.equal(stage(new Queue(['+a', 'path'])).applier.drain(), null);
  assert.deepEqual([...(stage(new Queue(['+a', '+b']), 'b').applier.drain() ?? [])], [['b', true]]);
});

test('skip: skips what is queued, and again where that reports another overflow', () => {
  const queue = new Queue(['overflow', '+a'], ['overflow'], ['+b', 'path']);
  const on = stage(queue);
  applyAll(on.applier);
  on.applier.skip();
  assert.deepEqual([on.applier.overflowed, on.applier.pathChanged, on.applier.any], [false, true, false]);
  assert.deepEqual(on.applier.counters, { records: 5, overflows: 2 });
  assert.deepEqual([...on.table.records.keys()], ['old']);
  queue.add('+c');
  on.applier.pathChanged = false;
  applyAll(on.applier);
  assert.deepEqual(on.dirty, ['c']);
});

test('read: asks the kernel once it was drained only after a recheck, and after a full batch again', () => {
  const queue = new Queue(['+a'], ['+b']);
  const { applier, dirty } = stage(queue);
  applyAll(applier);
  assert.deepEqual([queue.reads, dirty], [3, ['a', 'b']]);
  queue.isDrained = true;
  queue.add('+c');
  assert.ok(applier.read());
  applier.apply();
  queue.add('+d');
  assert.equal(applier.read(), false);
  assert.equal(queue.reads, 4);
  applier.recheck();
  applyAll(applier);
  assert.deepEqual([queue.reads, dirty], [5, ['a', 'b', 'c', 'd']]);
});

test('readToBarrier: reads what is queued, whatever was drained, and gives its end', () => {
  const queue = new Queue(['+a', '+b']);
  const { applier, dirty } = stage(queue);
  applyAll(applier);
  queue.isDrained = true;
  assert.equal(applier.read(), false);
  const { reads } = queue;
  assert.equal(applier.readToBarrier(), applier.bytes);
  assert.equal(queue.reads, reads, 'nothing waits');
  queue.add('+c');
  queue.add('+d');
  const before = applier.bytes;
  queue.isDrained = false;
  const end = applier.readToBarrier();
  assert.ok(before < applier.bytes && applier.bytes < end, 'one batch of two');
  applyAll(applier);
  assert.equal(applier.bytes, end);
  assert.deepEqual(dirty, ['a', 'b', 'c', 'd']);
});
