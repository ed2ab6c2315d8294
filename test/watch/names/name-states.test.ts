/** Every row of the table of transitions, and what holds for any facts in any order. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import type { NotReadyReason, Observation } from '../../../src/netns/identity/observe.ts';
import type { NamespaceEvent } from '../../../src/watch/names/name-events.ts';
import { NameStates } from '../../../src/watch/names/name-states.ts';
import type { WatchedName } from '../../../src/watch/names/name-states.ts';
import { ReplayModel } from '../support/replay.ts';
import { identity as id, seenNamespace as namespace } from './observations.ts';

const TIMEOUT = 1000;
/** As long as a name is given when its namespace was unmounted. */
const GRACE = 250;

const file = (reason: NotReadyReason = 'not-a-namespace', symlink = false): Observation => ({
  kind: 'file',
  reason,
  symlink,
  fresh: !symlink,
  mountId: 1,
});
const MISSING: Observation = { kind: 'missing' };
const DIRECTORY: Observation = { kind: 'directory' };

/** Calls until there is nothing more to tell. */
function all(next: () => NamespaceEvent | undefined): NamespaceEvent[] {
  const events: NamespaceEvent[] = [];
  for (let event = next(); event !== undefined; event = next()) events.push(event);
  return events;
}

/** A table with a name `a` in a state, at time 0. The test looks at the events from then on. */
function table(state: 'absent' | 'pending' | 'ready' | 'notReady'): {
  table: NameStates;
  record: WatchedName;
  see: (seen: Observation, now?: number) => NamespaceEvent[];
  vanish: () => NamespaceEvent[];
} {
  const table = new NameStates('/d', TIMEOUT);
  if (state !== 'absent') table.appear('a', 0);
  const record = table.records.get('a') as WatchedName;
  const see = (seen: Observation, now = 0): NamespaceEvent[] => all(() => table.observe(record, seen, now));
  if (state === 'ready') see(namespace(1));
  if (state === 'notReady') see(file(), TIMEOUT);
  return { table, record, see, vanish: () => all(() => table.vanish('a')) };
}

const named = { name: 'a', path: '/d/a' };
const created = { type: 'created', ...named, ready: true, namespace: id(1) } as const;
const bare = (reason: NotReadyReason): NamespaceEvent => ({
  type: 'created',
  ...named,
  ready: false,
  namespace: null,
  reason,
});
const deleted = (namespace: NamespaceId | null): NamespaceEvent => ({ type: 'deleted', ...named, namespace });

test('absent, appeared: pending, and not reported', () => {
  const { table: names } = table('absent');
  const record = names.appear('a', 0);
  assert.equal(record.state, 'pending');
  assert.deepEqual([...names.unresolved], [record]);
  assert.deepEqual(names.entries(), []);
});

test('absent, vanished: nothing', () => {
  assert.deepEqual(table('absent').vanish(), []);
});

test('pending, a namespace is there: created ready', () => {
  const { table: names, record, see } = table('pending');
  assert.deepEqual(see(namespace(1)), [created]);
  assert.equal(record.state, 'ready');
  assert.equal(names.unresolved.size, 0);
  assert.deepEqual(names.entries(), [{ ...named, ready: true, namespace: id(1) }]);
});

test('pending, only a file, before the deadline: nothing; at it: created not ready, and why', () => {
  const { table: names, record, see } = table('pending');
  assert.deepEqual(see(file('wrong-type'), TIMEOUT - 1), []);
  assert.equal(record.state, 'pending');
  assert.deepEqual(see(file('wrong-type'), TIMEOUT), [bare('wrong-type')]);
  assert.equal(record.state, 'notReady');
  assert.equal(names.unresolved.size, 0);
  assert.deepEqual(names.entries(), [{ ...named, ready: false, namespace: null, reason: 'wrong-type' }]);
});

test('pending, and a diagnosis: created with its reason', () => {
  const { record, see } = table('pending');
  record.diagnosis = { reason: 'no-propagation', verdict: null };
  assert.deepEqual(see(file(), TIMEOUT), [bare('no-propagation')]);
});

test('pending, vanished: created not ready, and deleted', () => {
  const { table: names, vanish } = table('pending');
  assert.deepEqual(vanish(), [bare('vanished'), deleted(null)]);
  assert.equal(names.records.size, 0);
  assert.equal(names.unresolved.size, 0);
});

test('transient: the same events for a name that was never added', () => {
  assert.deepEqual(table('absent').table.transient('a'), [bare('vanished'), deleted(null)]);
});

test('ready, the same namespace: nothing', () => {
  assert.deepEqual(table('ready').see(namespace(1)), []);
});

test('ready, another namespace: deleted, created', () => {
  const { record, see } = table('ready');
  assert.deepEqual(see(namespace(2)), [deleted(id(1)), { ...created, namespace: id(2) }]);
  assert.equal(record.state, 'ready');
});

test('ready, only a file: unmounted, once the grace has passed', () => {
  const { table: names, record, see } = table('ready');
  assert.deepEqual(see(file(), 5), []);
  assert.equal(record.state, 'ready');
  assert.deepEqual([...names.unresolved], [record]);
  assert.equal(record.deadline, 5 + GRACE);
  assert.deepEqual(see(file(), 5 + GRACE - 1), []);
  assert.deepEqual(see(file('dangling-symlink'), 5 + GRACE), [{ type: 'unmounted', ...named }]);
  assert.equal(names.unresolved.size, 0);
  assert.deepEqual(names.entries(), [
    { ...named, ready: false, namespace: null, reason: 'dangling-symlink' },
  ]);
});

test('ready, only a file, and the namespace again within the grace: nothing, and the next grace is a whole one', () => {
  const { table: names, see } = table('ready');
  assert.deepEqual(see(file(), 0), []);
  assert.deepEqual(see(namespace(1), GRACE), []);
  assert.equal(names.unresolved.size, 0);
  assert.deepEqual(see(file(), GRACE), []);
  assert.deepEqual(see(file(), 2 * GRACE - 1), []);
});

test('ready, vanished: deleted, also within the grace', () => {
  assert.deepEqual(table('ready').vanish(), [deleted(id(1))]);
  const { table: names, see, vanish } = table('ready');
  see(file());
  assert.deepEqual(vanish(), [deleted(id(1))]);
  assert.equal(names.unresolved.size, 0);
});

test('notReady, a namespace is there: mounted', () => {
  const { record, see } = table('notReady');
  assert.deepEqual(see(namespace(1)), [{ type: 'mounted', ...named, namespace: id(1) }]);
  assert.equal(record.state, 'ready');
});

test('notReady, reported a moment ago: expected until it has a namespace or vanishes', () => {
  for (const state of ['absent', 'pending', 'ready'] as const)
    assert.equal(table(state).table.expected.size, 0);
  const { table: mounted, record, see } = table('notReady');
  assert.deepEqual([...mounted.expected], [record]);
  see(namespace(1));
  assert.equal(mounted.expected.size, 0);
  // What was unmounted is not expected back.
  see(file(), 0);
  assert.deepEqual(
    see(file(), GRACE).map(({ type }) => type),
    ['unmounted'],
  );
  assert.equal(mounted.expected.size, 0);
  const { table: vanished, vanish } = table('notReady');
  vanish();
  assert.equal(vanished.expected.size, 0);
  const { table: fleeting, vanish: vanishAtOnce } = table('pending');
  vanishAtOnce();
  assert.equal(fleeting.expected.size, 0);
});

test('notReady, only a file: nothing', () => {
  assert.deepEqual(table('notReady').see(file(), 5000), []);
});

test('notReady, vanished: deleted, with the last namespace it had', () => {
  assert.deepEqual(table('notReady').vanish(), [deleted(null)]);
  const { see, vanish } = table('ready');
  see(file(), 0);
  see(file(), GRACE);
  assert.deepEqual(vanish(), [deleted(id(1))]);
});

for (const state of ['pending', 'ready', 'notReady'] as const) {
  test(`${state}, appeared again, or nothing is there: the same`, () => {
    const { table: names, record, see } = table(state);
    const before = { ...record };
    assert.equal(names.appear('a', 7), record);
    assert.deepEqual(see(MISSING, 5000), []);
    assert.deepEqual(see(DIRECTORY, 5000), []);
    assert.deepEqual(record, before);
  });
}

test('adopts names without an event', () => {
  const names = new NameStates('/d', TIMEOUT);
  names.adopt('a', namespace(1));
  names.adopt('b', file('dangling-symlink', true));
  assert.deepEqual(names.entries(), [
    { ...named, ready: true, namespace: id(1) },
    { name: 'b', path: '/d/b', ready: false, namespace: null, reason: 'dangling-symlink' },
  ]);
  assert.equal(names.unresolved.size, 0);
  assert.deepEqual(
    [...names.symlinks].map(({ name }) => name),
    ['b'],
  );
});

test('without an id, compares namespaces by inode and time; behind a link by the inode alone', () => {
  const old = (since: bigint, ino = 1n): NamespaceId => ({ id: null, dev: 4n, ino, since });
  for (const symlink of [false, true]) {
    const names = new NameStates('/d', TIMEOUT);
    const record = names.appear('a', 0);
    const see = (namespace: NamespaceId): string[] =>
      all(() => names.observe(record, { kind: 'namespace', namespace, symlink, mountId: 0 }, 0)).map(
        ({ type }) => type,
      );
    assert.deepEqual(see(old(1n)), ['created']);
    assert.deepEqual(see(old(1n)), []);
    assert.deepEqual(see(old(2n)), symlink ? [] : ['deleted', 'created']);
    assert.deepEqual(see(old(2n, 2n)), ['deleted', 'created']);
  }
});

test('knows which names are links, until they are none or vanish', () => {
  const names = new NameStates('/d', TIMEOUT);
  const record = names.appear('a', 0);
  names.observe(record, file('dangling-symlink', true), 0);
  assert.deepEqual([...names.symlinks], [record]);
  names.observe(record, file(), 0);
  assert.equal(names.symlinks.size, 0);
  names.observe(record, file('dangling-symlink', true), 0);
  all(() => names.vanish('a'));
  assert.equal(names.symlinks.size, 0);
});

test('resyncBlockers: counts unresolved names, each once, until they are resolved', () => {
  const names = new NameStates('/d', TIMEOUT);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => names.appear(name, 0)) as [
    WatchedName,
    WatchedName,
    WatchedName,
  ];
  all(() => names.observe(c, namespace(3), 0));
  for (const record of [a, a, b, c]) names.blockResync(record);
  assert.equal(names.resyncBlockers, 2);
  all(() => names.observe(a, namespace(1), 0));
  assert.equal(names.resyncBlockers, 1);
  all(() => names.vanish('b'));
  assert.equal(names.resyncBlockers, 0);
  // A name that lost its namespace is unsettled again.
  names.observe(a, file(), 0);
  names.blockResync(a);
  assert.equal(names.resyncBlockers, 1);
  all(() => names.observe(a, file(), GRACE));
  assert.equal(names.resyncBlockers, 0);
});

test('alternates created and deleted for any facts in any order, and the events add up to the entries', () => {
  const seen = fc.oneof(
    fc.integer({ min: 1, max: 3 }).map(namespace),
    fc.constantFrom(file(), file('wrong-type'), file('dangling-symlink', true), MISSING, DIRECTORY),
  );
  const fact = fc.record({
    name: fc.constantFrom('a', 'b'),
    fact: fc.oneof(fc.constant('appear' as const), fc.constant('vanish' as const), seen),
    passed: fc.constantFrom(0, 0, 100, GRACE, TIMEOUT),
    await: fc.boolean(),
  });
  const property = fc.property(
    fc.constantFrom(0, TIMEOUT),
    fc.array(fact, { maxLength: 40 }),
    (timeout, facts) => {
      const names = new NameStates('/d', timeout);
      const model = new ReplayModel('/d', []);
      let now = 0;
      for (const { name, fact, passed, await: awaited } of facts) {
        now += passed;
        const record = names.records.get(name);
        if (fact === 'appear') names.appear(name, now);
        else if (fact === 'vanish') for (const event of all(() => names.vanish(name))) model.apply(event);
        else if (record !== undefined)
          for (const event of all(() => names.observe(record, fact, now))) model.apply(event);
        if (awaited) for (const each of names.unresolved) names.blockResync(each);

        assert.deepEqual(model.names, new Map(names.entries().map((entry) => [entry.name, entry.namespace])));
        assert.equal(
          names.resyncBlockers,
          [...names.records.values()].filter(({ blocksResync }) => blocksResync).length,
        );
        for (const each of names.records.values()) {
          assert.equal(names.unresolved.has(each), each.state === 'pending' || each.unmountPending);
          assert.equal(names.symlinks.has(each), each.symlink);
        }
      }
    },
  );
  fc.assert(property, { numRuns: 1000 });
});
