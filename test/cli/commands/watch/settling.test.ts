/**
 * `--settle`: what a hook hears of names, against the table in the header of settling.ts, and
 * against a model.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EventRecord } from '../../../../src/format/event-json.ts';
import { Settling } from '../../../../src/cli/commands/watch/settling.ts';
import type { Identity } from '../../../../src/cli/commands/watch/settling.ts';

const SETTLE = 100;
const turns = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await new Promise(setImmediate);
};
const identity = (id: string): NonNullable<Identity> => ({ id, dev: '4', ino: `40${id}`, since: '7' });
const where = (name: string): object => ({ name, path: `/run/netns/${name}`, directory: '/run/netns' });

const created = (name: string, id: string): EventRecord => ({
  type: 'created',
  time: 't',
  ...where(name),
  ready: true,
  nsid: null,
  namespace: identity(id),
});
const bare = (name: string, reason = 'timeout'): EventRecord => ({
  type: 'created',
  time: 't',
  ...where(name),
  ready: false,
  reason,
  nsid: null,
  namespace: null,
});
const mounted = (name: string, id: string): EventRecord => ({
  type: 'mounted',
  time: 't',
  ...where(name),
  nsid: null,
  namespace: identity(id),
});
const gone = (type: 'unmounted' | 'deleted', name: string, id: string): EventRecord => ({
  type,
  time: 't',
  ...where(name),
  nsid: null,
  alive: null,
  namespace: identity(id),
});
const assigned = (id: string, ...names: string[]): EventRecord => ({
  type: 'nsidAssigned',
  time: 't',
  nsid: 3,
  namespace: identity(id),
  names: names.map(where),
});

const linked = (type: 'linkAdded' | 'linkRemoved', id: string, ...names: string[]): EventRecord => ({
  type,
  time: 't',
  namespace: identity(id),
  names: names.map(where),
  link: { name: 'eth0' },
});

/** A host: what stands behind each name, and a clock. */
class Host {
  readonly told: EventRecord[] = [];
  readonly names = new Map<string, string>();
  readonly settling: Settling;
  /** Names whose state the events have not reached yet. */
  readonly ahead = new Map<string, string | null>();
  #now = 0;
  readonly #timers = new Set<{ at: number; callback: () => void }>();

  constructor() {
    this.settling = new Settling(SETTLE, {
      after: (milliseconds, callback) => {
        const timer = { at: this.#now + milliseconds, callback };
        this.#timers.add(timer);
        return () => this.#timers.delete(timer);
      },
      isStill: async (path, namespace) => {
        const name = path.slice('/run/netns/'.length);
        const there = this.ahead.has(name) ? this.ahead.get(name) : this.names.get(name);
        return there === namespace?.['id'];
      },
      emit: (record) => this.told.push(record),
    });
  }

  take(...records: EventRecord[]): void {
    for (const record of records) {
      const { name, namespace } = record as unknown as { name: string; namespace: Identity };
      if (record.type === 'created' || record.type === 'mounted')
        this.names.set(name, namespace?.['id'] ?? '');
      else if (record.type === 'unmounted' || record.type === 'deleted') this.names.delete(name);
      this.settling.take(record);
    }
  }

  async pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    for (const timer of [...this.#timers])
      if (timer.at <= this.#now && this.#timers.delete(timer)) timer.callback();
    await turns();
  }

  get timers(): number {
    return this.#timers.size;
  }
}

const madeOf = (record: EventRecord, fields: object): EventRecord => ({ ...record, ...fields });

const TABLE: [what: string, events: EventRecord[], atOnce: EventRecord[], later: EventRecord[]][] = [
  ['a name that stays', [created('a', '1')], [], [created('a', '1')]],
  ['a name without a namespace', [bare('a')], [], [bare('a')]],
  ['mounted', [mounted('a', '1')], [], [mounted('a', '1')]],
  ['mounted soon after', [bare('a'), mounted('a', '1')], [], [created('a', '1')]],
  ['come and gone', [created('a', '1'), gone('deleted', 'a', '1')], [], []],
  ['unmounted again', [created('a', '1'), gone('unmounted', 'a', '1')], [], [bare('a', 'unmounted')]],
  [
    'another in its place',
    [created('a', '1'), gone('deleted', 'a', '1'), created('a', '2')],
    [],
    [created('a', '2')],
  ],
  [
    'the new, empty namespace of a daemon that starts again, which removes the name then',
    [mounted('a', '1'), gone('unmounted', 'a', '1'), gone('deleted', 'a', '1')],
    [gone('deleted', 'a', '1')],
    [],
  ],
  [
    'the same, removed at once',
    [mounted('a', '1'), gone('deleted', 'a', '1')],
    [gone('deleted', 'a', '1')],
    [],
  ],
  ['mounted, unmounted', [mounted('a', '1'), gone('unmounted', 'a', '1')], [], []],
  [
    'mounted, and another',
    [mounted('a', '1'), gone('unmounted', 'a', '1'), mounted('a', '2')],
    [],
    [mounted('a', '2')],
  ],
  ['what does not wait', [gone('deleted', 'a', '1')], [gone('deleted', 'a', '1')], []],
  ['nor this', [gone('unmounted', 'a', '1')], [gone('unmounted', 'a', '1')], []],
  ['its id after it', [created('a', '1'), assigned('1', 'a')], [], [created('a', '1'), assigned('1', 'a')]],
  ['its id with it', [created('a', '1'), assigned('1', 'a'), gone('deleted', 'a', '1')], [], []],
  [
    'an id of a namespace with another name',
    [created('a', '1'), assigned('1', 'b', 'a')],
    [assigned('1', 'b', 'a')],
    [created('a', '1')],
  ],
  [
    'its links after it',
    [created('a', '1'), linked('linkAdded', '1', 'a')],
    [],
    [created('a', '1'), linked('linkAdded', '1', 'a')],
  ],
  [
    'its links with it, also when it has no name any more',
    [
      created('a', '1'),
      linked('linkAdded', '1', 'a'),
      madeOf(gone('deleted', 'a', '1'), { alive: true }),
      linked('linkRemoved', '1', 'a'),
      linked('linkRemoved', '1'),
    ],
    [],
    [],
  ],
  ['links of nobody', [linked('linkAdded', '1')], [linked('linkAdded', '1')], []],
  ['an id of nobody', [assigned('1')], [assigned('1')], []],
];

test('each row of the table', async () => {
  for (const [what, events, atOnce, later] of TABLE) {
    const host = new Host();
    host.take(...events);
    assert.deepEqual(host.told, atOnce, what);
    await host.pass(SETTLE - 1);
    assert.deepEqual(host.told, atOnce, what);
    await host.pass(1);
    assert.deepEqual(host.told, [...atOnce, ...later], what);
    assert.deepEqual([host.settling.waiting, host.timers], [0, 0], what);
  }
});

test('mounted on a name emitted as not ready, then made again: mounted, with all fields', async () => {
  const host = new Host();
  host.take(mounted('a', '1'), gone('unmounted', 'a', '1'), bare('b'), mounted('b', '2'));
  host.take(mounted('a', '3'));
  await host.pass(SETTLE);
  assert.deepEqual(host.told, [madeOf(created('b', '2'), {}), mounted('a', '3')]);
  assert.deepEqual(Object.keys(host.told[0] ?? {}), Object.keys(created('b', '2')));
});

test('each event makes it wait anew', async () => {
  const host = new Host();
  host.take(bare('a'));
  await host.pass(SETTLE - 1);
  host.take(mounted('a', '1'));
  await host.pass(SETTLE - 1);
  assert.deepEqual(host.told, []);
  await host.pass(1);
  assert.deepEqual(host.told, [created('a', '1')]);
});

test('something else stands there already: its events are waited for, and once only', async () => {
  const late = new Host();
  late.take(created('a', '1'));
  late.ahead.set('a', '2');
  await late.pass(SETTLE);
  assert.deepEqual([late.told, late.settling.waiting], [[], 1]);
  late.take(gone('deleted', 'a', '1'), created('a', '2'));
  await late.pass(SETTLE);
  assert.deepEqual(late.told, [created('a', '2')]);

  const never = new Host();
  never.take(created('a', '1'));
  never.ahead.set('a', null);
  await never.pass(SETTLE);
  await never.pass(SETTLE);
  assert.deepEqual([never.told, never.settling.waiting, never.timers], [[], 0, 0]);
});

test('closed: those that wait, and no others; then it says so', async () => {
  const host = new Host();
  host.take(created('a', '1'), created('b', '2'));
  let isEmpty = false;
  host.settling.close(() => (isEmpty = true));
  host.take(created('c', '3'), gone('deleted', 'old', '9'), gone('deleted', 'a', '1'));
  assert.equal(isEmpty, false);
  await host.pass(SETTLE);
  assert.deepEqual([host.told, isEmpty], [[created('b', '2')], true]);
});

test('dropped: emits nothing any more', async () => {
  const host = new Host();
  host.take(created('a', '1'), created('b', '2'));
  assert.equal(host.settling.drop(), 2);
  await host.pass(SETTLE);
  assert.deepEqual([host.told, host.timers], [[], 0]);
});

test('any history: the emitted events are a valid history, end in what is there, and omit what was short-lived', async () => {
  const step = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    pick: fc.nat(),
    wait: fc.constantFrom(0, 0, 0, 30, 99, 100),
  });
  const property = fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
    const host = new Host();
    const real = new Map<string, string>();
    let last = 0;
    for (const { name, pick, wait } of steps) {
      host.take(eventOf(name, real.get(name), pick, () => String(++last)));
      const { type, namespace } = newest as unknown as { type: string; namespace: Identity };
      if (type === 'deleted') real.delete(name);
      else real.set(name, type === 'unmounted' ? '' : (namespace?.['id'] ?? ''));
      if (wait > 0) await host.pass(wait);
    }
    await host.pass(SETTLE);
    const known = new Map<string, string>();
    for (const record of host.told) {
      const { type, name, namespace } = record as unknown as {
        type: string;
        name: string;
        namespace: Identity;
      };
      const before = known.get(name);
      if (type === 'created') assert.equal(before, undefined);
      if (type === 'mounted') assert.equal(before, '');
      if (type === 'unmounted') assert.equal(before, namespace?.['id']);
      if (type === 'deleted') assert.notEqual(before, undefined);
      if (type === 'deleted') known.delete(name);
      else known.set(name, type === 'unmounted' ? '' : (namespace?.['id'] ?? ''));
    }
    assert.deepEqual(known, real);
    assert.deepEqual([host.settling.waiting, host.timers], [0, 0]);
  });
  await fc.assert(property, { numRuns: 300 });
});

let newest: EventRecord;
/** Something that may happen to a name whose namespace is this. */
function eventOf(name: string, id: string | undefined, pick: number, fresh: () => string): EventRecord {
  const possible =
    id === undefined
      ? [(): EventRecord => created(name, fresh()), (): EventRecord => bare(name)]
      : id === ''
        ? [(): EventRecord => mounted(name, fresh()), (): EventRecord => gone('deleted', name, '')]
        : [(): EventRecord => gone('unmounted', name, id), (): EventRecord => gone('deleted', name, id)];
  newest = (possible[pick % 2] as () => EventRecord)();
  return newest;
}

// Fails if a hook hears of the end of a namespace of which it has heard nothing.
test('the end of a namespace: only if anything was emitted of it', async () => {
  const end = (id: string, ...names: string[]): EventRecord => ({
    type: 'destroyed',
    time: 't',
    nsid: null,
    namespace: identity(id),
    names: names.map(where),
  });
  const leaves = (type: 'unmounted' | 'deleted', name: string, id: string): EventRecord => ({
    ...gone(type, name, id),
    alive: false,
  });
  const told: string[] = [];
  const emit = (record: EventRecord): void => {
    const { names, name } = record as { names?: { name: string }[]; name?: string };
    told.push([record.type, name ?? names?.map((one) => one.name).join()].join(' '));
  };
  const timers: (() => void)[] = [];
  const settling = new Settling(SETTLE, {
    emit,
    isStill: async () => true,
    after: (_, callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
  });
  const settle = async (): Promise<void> => {
    for (const callback of timers.splice(0)) callback();
    await turns();
  };
  settling.take(created('a', '1'));
  await settle();
  settling.take(leaves('deleted', 'a', '1'));
  settling.take(end('1', 'a'));
  assert.deepEqual(told.splice(0), ['created a', 'deleted a', 'destroyed a']);
  // Gone before it has settled; then only its file is there.
  settling.take(created('b', '2'));
  settling.take(leaves('deleted', 'b', '2'));
  settling.take(end('2', 'b'));
  settling.take(created('c', '3'));
  settling.take(leaves('unmounted', 'c', '3'));
  settling.take(end('3', 'c'));
  await settle();
  assert.deepEqual(told.splice(0), ['created c']);
  // Heard of by its other name.
  settling.take(created('d', '4'));
  await settle();
  settling.take(created('e', '4'));
  settling.take({ ...leaves('deleted', 'd', '4'), alive: true });
  settling.take(leaves('deleted', 'e', '4'));
  settling.take(end('4', 'e'));
  assert.deepEqual(told.splice(0), ['created d', 'deleted d', 'destroyed e']);
  // Heard of before it had a name, or at the start.
  settling.take({ type: 'found', time: 't', nsid: null, namespace: identity('7') });
  settling.take({ ...created('h', '8'), type: 'present' });
  for (const id of ['7', '8']) {
    settling.take(created('g', id));
    settling.take(leaves('deleted', 'g', id));
    settling.take(end(id, 'g'));
  }
  assert.deepEqual(told.splice(0), ['found ', 'present h', 'destroyed g', 'destroyed g']);
  // Of one that was there before, and of one whose names are not known.
  settling.take(end('5', 'f'));
  settling.take({ ...end('6'), namespace: null, nsid: 3 });
  assert.deepEqual(told, ['destroyed f', 'destroyed ']);
});
