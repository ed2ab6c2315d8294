/**
 * The inventory: names, namespaces and ids that come together in any way, and what is told of them.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { Inventory } from '../../../src/watch/unified/inventory.ts';
import type { PendingNsid } from '../../../src/watch/unified/namespace-record.ts';
import type { LocatedName, UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';

const identity = (id: number): NamespaceId => ({ id: BigInt(id), dev: 4n, ino: 100n, since: BigInt(id) });
const located = (name: string, directory = '/run/netns'): LocatedName => ({
  name,
  path: `${directory}/${name}`,
  directory,
});

/** `created a 5`, `deleted a alive`, `destroyed 5 a`. */
function brief(event: UnifiedEvent): string {
  switch (event.type) {
    case 'created':
      return `created ${event.name} ${event.ready ? (event.nsid ?? '-') : event.reason}`;
    case 'mounted':
      return `mounted ${event.name} ${event.nsid ?? '-'}`;
    case 'unmounted':
    case 'deleted': {
      const life = event.alive === null ? 'unknown' : event.alive ? 'alive' : 'dead';
      return `${event.type} ${event.name} ${event.nsid ?? '-'} ${life}`;
    }
    case 'nsidAssigned':
    case 'destroyed':
      return [event.type, event.nsid, ...event.names.map(({ name }) => name)].join(' ');
    default:
      return event.type;
  }
}

/** The names of the inventory, by namespace. */
const shown = (inventory: Inventory): string[] =>
  inventory
    .entries()
    .map(
      ({ nsid, names, own, lingering }) =>
        `${nsid ?? '-'}: ${names.map(({ name, ready }) => (ready ? name : `(${name})`)).join(' ')}` +
        `${own ? ' own' : ''}${lingering ? ' lingering' : ''}`,
    );

/** That it has an id, with nothing left to be told of that id before. */
const claimOf = (nsid: number | null): PendingNsid | null => (nsid === null ? null : { nsid, generation: 0 });

/** A story: each step says what is to be told. */
class Story {
  readonly inventory = new Inventory(identity(1));

  /** The nsid by which the kernel is asked whether a namespace lives on without a name. */
  toAsk(path: string): PendingNsid | null {
    const record = this.inventory.recordToAsk(path);
    return record === null ? null : this.inventory.nsids.nsidOf(record);
  }

  create(name: string, id: number, nsid: number | null = null): string[] {
    return [brief(this.inventory.created(located(name), { namespace: identity(id), claim: claimOf(nsid) }))];
  }

  delete(name: string, id: number | null, assigned: boolean | null = null): string[] {
    const last = id === null ? null : identity(id);
    return this.inventory.deleted(located(name), last, assigned).map(brief);
  }

  assign(nsid: number): string[] {
    return this.inventory.assigned(nsid).map(brief);
  }

  remove(nsid: number): string[] {
    return this.inventory.removed(nsid).map(brief);
  }

  /** As the resolver does when it has asked a name. */
  answer(name: string, nsid: number | null): void {
    const asked = [...this.inventory.names.unresolved()].find((record) => record.name === name);
    assert.ok(asked, `${name} would not be asked`);
    this.inventory.claim(asked.record, claimOf(nsid));
  }
}

test('reports the end of a name, and nothing more of a namespace without an nsid', () => {
  const story = new Story();
  assert.deepEqual(story.create('a', 10), ['created a -']);
  assert.deepEqual(shown(story.inventory), ['-: a']);
  assert.deepEqual(story.delete('a', 10), ['deleted a - unknown']);
  assert.deepEqual(shown(story.inventory), []);
});

test('reports that a namespace lives on without its name, and later its end', () => {
  const story = new Story();
  story.create('a', 10);
  story.answer('a', 5);
  assert.deepEqual(story.assign(5), ['nsidAssigned 5 a']);
  assert.equal(story.toAsk('/run/netns/a')?.nsid, 5);
  assert.deepEqual(story.delete('a', 10, true), ['deleted a 5 alive']);
  assert.deepEqual(shown(story.inventory), ['5:  lingering']);
  assert.deepEqual(story.remove(5), ['destroyed 5 a']);
  assert.deepEqual(shown(story.inventory), []);
});

test('emits destroyed after deleted if the kernel frees the namespace first', () => {
  const story = new Story();
  story.create('a', 10);
  story.answer('a', 5);
  story.assign(5);
  assert.deepEqual(story.remove(5), []);
  assert.equal(story.toAsk('/run/netns/a'), null);
  assert.deepEqual(story.delete('a', 10), ['deleted a 5 dead', 'destroyed 5 a']);
});

test('reports deleted as dead if nobody has the nsid, and destroyed later', () => {
  const story = new Story();
  story.create('a', 10);
  story.answer('a', 5);
  story.assign(5);
  assert.deepEqual(story.delete('a', 10, false), ['deleted a 5 dead']);
  assert.deepEqual(shown(story.inventory), []);
  assert.deepEqual(story.remove(5), ['destroyed 5 a']);
});

test('reports a namespace with several names as alive until the last one goes', () => {
  const story = new Story();
  story.create('a', 10);
  story.create('b', 10);
  story.inventory.created(located('c', '/run/docker/netns'), { namespace: identity(10), claim: null });
  assert.deepEqual(shown(story.inventory), ['-: a b c']);
  story.answer('b', 3);
  assert.deepEqual(story.assign(3), ['nsidAssigned 3 a b c']);
  assert.equal(story.toAsk('/run/netns/a'), null);
  assert.deepEqual(story.delete('a', 10), ['deleted a 3 alive']);
  assert.deepEqual(story.delete('b', 10), ['deleted b 3 alive']);
  assert.equal(story.toAsk('/run/docker/netns/c')?.nsid, 3);
});

// Fails if what is said of the first name depends on whether the names or the kernel's word of the
// end are read first.
test('reports only the last of several names as dead if the kernel frees the namespace first', () => {
  const story = new Story();
  story.create('a', 10);
  story.create('b', 10);
  story.answer('a', 5);
  story.assign(5);
  story.remove(5);
  assert.deepEqual(story.delete('a', 10), ['deleted a 5 alive']);
  assert.deepEqual(story.delete('b', 10), ['deleted b 5 dead', 'destroyed 5 b']);
});

test("the observer's own namespace lives on, whatever its names do", () => {
  const story = new Story();
  story.create('mine', 1);
  assert.deepEqual(shown(story.inventory), ['-: mine own']);
  assert.deepEqual(story.delete('mine', 1), ['deleted mine - alive']);
});

test("the observer's own namespace is known by its id, too, without any name", () => {
  const story = new Story();
  const self = [...story.inventory.names.unresolved()].find(({ record }) => record.kind === 'own');
  assert.ok(self);
  story.inventory.claim(self.record, { nsid: 9, generation: 1 });
  assert.deepEqual(story.assign(9), ['nsidAssigned 9']);
  assert.deepEqual(shown(story.inventory), ['9:  own']);
  assert.deepEqual(story.create('mine', 1), ['created mine 9']);
  assert.deepEqual(story.delete('mine', 1), ['deleted mine 9 alive']);
  assert.deepEqual(shown(story.inventory), ['9:  own lingering']);
});

test('gives a name to a namespace of which only the nsid was known', () => {
  const story = new Story();
  assert.deepEqual(story.assign(7), ['nsidAssigned 7']);
  assert.deepEqual(shown(story.inventory), ['7: ']);
  assert.deepEqual(story.create('late', 10, 7), ['created late 7']);
  assert.deepEqual(shown(story.inventory), ['7: late']);
  story.remove(7);
  assert.deepEqual(story.delete('late', 10), ['deleted late 7 dead', 'destroyed 7 late']);
});

test('before Linux 6.18, recognises by its nsid a namespace that gets a name again', () => {
  const inventory = new Inventory(null);
  const before = { id: null, dev: 4n, ino: 77n, since: 1n };
  const after = { ...before, since: 2n };
  inventory.created(located('a'), { namespace: before, claim: claimOf(5) });
  inventory.assigned(5);
  inventory.deleted(located('a'), before, true);
  const again = inventory.created(located('b'), { namespace: after, claim: claimOf(5) });
  assert.equal(brief(again), 'created b 5');
  assert.deepEqual(shown(inventory), ['5: b']);
});

test('keeps a claim of an nsid that still belongs to another namespace', () => {
  const story = new Story();
  story.create('old', 10);
  story.answer('old', 5);
  story.assign(5);
  assert.deepEqual(story.create('new', 11, 5), ['created new -']);
  assert.deepEqual(story.delete('old', 10, false), ['deleted old 5 dead']);
  assert.deepEqual(story.remove(5), ['destroyed 5 old']);
  assert.deepEqual(story.assign(5), ['nsidAssigned 5 new']);
  assert.deepEqual(shown(story.inventory), ['5: new']);
});

test('lists names without a namespace as entries of their own', () => {
  const story = new Story();
  const stray = { ...located('stray'), reason: 'not-a-namespace' } as const;
  const told = story.inventory.placeholders.created(stray, '/run/netns');
  assert.equal(brief(told), 'created stray not-a-namespace');
  assert.deepEqual(shown(story.inventory), ['-: (stray)']);
  assert.equal(
    brief(story.inventory.mounted(located('stray'), { namespace: identity(10), claim: null })),
    'mounted stray -',
  );
  assert.deepEqual(shown(story.inventory), ['-: stray']);
  assert.deepEqual(story.inventory.unmounted(located('stray'), null).map(brief), [
    'unmounted stray - unknown',
  ]);
  assert.deepEqual(shown(story.inventory), ['-: (stray)']);
  assert.deepEqual(story.delete('stray', 10), ['deleted stray - unknown']);
  assert.deepEqual(shown(story.inventory), []);
});

test('reports that the namespace of an unmounted name lives on under another name', () => {
  const story = new Story();
  story.create('a', 10);
  story.create('b', 10);
  story.answer('b', 5);
  story.assign(5);
  assert.deepEqual(story.inventory.unmounted(located('a'), null).map(brief), ['unmounted a 5 alive']);
  assert.deepEqual(story.delete('a', 10), ['deleted a 5 alive']);
  assert.deepEqual(shown(story.inventory), ['5: b']);
});

test('forgets what is known of nsids when they become unavailable', () => {
  const story = new Story();
  story.create('a', 10);
  story.answer('a', 5);
  story.assign(5);
  story.assign(6);
  story.inventory.forgetNsids();
  assert.deepEqual(shown(story.inventory), ['-: a']);
  assert.deepEqual(story.delete('a', 10), ['deleted a - unknown']);
});

// Fails if an end is told by an id that is not known any more.
test('reports a name as dead if nsids become unavailable after the end of its nsid', () => {
  const story = new Story();
  story.create('a', 10);
  story.answer('a', 5);
  story.assign(5);
  assert.deepEqual(story.remove(5), []);
  story.inventory.forgetNsids();
  assert.deepEqual(story.delete('a', 10), ['deleted a - dead']);
  assert.deepEqual(shown(story.inventory), []);
});

test('asks the newest names first, and none that is gone or has an nsid', () => {
  const story = new Story();
  for (let id = 10; id < 400; id++) story.create(`n${id}`, id);
  for (let id = 10; id < 390; id++) story.delete(`n${id}`, id);
  story.answer('n395', 5);
  const asked = [...story.inventory.names.unresolved()].map(({ name }) => name);
  // The observer's own, which has no name, before all.
  assert.deepEqual(asked, ['', 'n399', 'n398', 'n397', 'n396', 'n394', 'n393', 'n392', 'n391', 'n390']);
});

type Step = 'create' | 'delete' | 'assign' | 'remove';
interface Fact {
  step: Step;
  /** Which of the two namespaces. */
  who: 0 | 1;
}

/** All ways to put two sequences together, each in its order. */
function* merges<T>(a: readonly T[], b: readonly T[]): Generator<T[], void> {
  if (a.length === 0 || b.length === 0) yield [...a, ...b];
  else {
    for (const rest of merges(a.slice(1), b)) yield [a[0] as T, ...rest];
    for (const rest of merges(a, b.slice(1))) yield [b[0] as T, ...rest];
  }
}

const life = (who: 0 | 1, ...steps: Step[]): Fact[] => steps.map((step) => ({ step, who }));
const names = ['a', 'b'] as const;

/**
 * Plays one order of the facts of two namespaces, of which the second gets the first one's id.
 * @param claims whether the kernel says a namespace's id already when its name is created
 * @param held whether it still lives when its name is deleted, and the end of its id has not come
 */
function play(facts: readonly Fact[], claims: readonly boolean[], held: readonly boolean[]): string[] | null {
  const story = new Story();
  const done = new Set<string>();
  const told: string[] = [];
  for (const { step, who } of facts) {
    const [name, id] = [names[who], 10 + who] as const;
    const has = (other: Step): boolean => done.has(`${other} ${who}`);
    // A name that is created has a namespace that is alive.
    if (step === 'create' && has('remove')) return null;
    if (step === 'create')
      told.push(...story.create(name, id, has('assign') || claims[who] === true ? 5 : null));
    if (step === 'delete')
      told.push(
        ...story.delete(name, id, story.toAsk(`/run/netns/${name}`) === null ? null : held[who] === true),
      );
    if (step === 'assign') {
      // It is asked if its name is there.
      const asked = [...story.inventory.names.unresolved()].find((record) => record.name === name);
      if (asked !== undefined) story.inventory.claim(asked.record, claimOf(5));
      told.push(...story.assign(5));
    }
    if (step === 'remove') told.push(...story.remove(5));
    done.add(`${step} ${who}`);
  }
  assert.deepEqual(shown(story.inventory), [], 'something is left over');
  return told;
}

const count = (told: readonly string[], start: string): number =>
  told.filter((line) => line.startsWith(start)).length;

test('emits each change of an nsid that is used again once, whatever the order of the facts', () => {
  const ids = [...life(0, 'assign', 'remove'), ...life(1, 'assign', 'remove')];
  let played = 0;
  for (const order of merges(life(0, 'create', 'delete'), life(1, 'create', 'delete'))) {
    for (const facts of merges(order, ids)) {
      for (let bits = 0; bits < 16; bits++) {
        const claims = [(bits & 1) !== 0, (bits & 2) !== 0];
        const told = play(facts, claims, [(bits & 4) !== 0, (bits & 8) !== 0]);
        if (told === null) continue;
        played++;
        const what = `${facts.map(({ step, who }) => `${step} ${names[who]}`).join(', ')} (${bits}): ${told.join('; ')}`;
        for (const name of names) {
          assert.equal(count(told, `created ${name} `), 1, what);
          assert.equal(count(told, `deleted ${name} `), 1, what);
          const gone = told.findIndex((line) => line.startsWith(`deleted ${name} `));
          const freed = told.indexOf(`destroyed 5 ${name}`);
          assert.ok(freed < 0 || freed > gone, what);
        }
        assert.equal(count(told, 'nsidAssigned 5'), 2, what);
        assert.equal(count(told, 'destroyed 5'), 2, what);
        for (const name of names) {
          const assigned = told.indexOf(`nsidAssigned 5 ${name}`);
          const created = told.findIndex((line) => line.startsWith(`created ${name} `));
          assert.ok(assigned < 0 || assigned > created, what);
        }
      }
    }
  }
  assert.ok(played > 1000, `${played} orders`);
});

// Fails if what two records know of one namespace is lost when they become one.
test('found, then a name that could not be numbered: one entry with all that is known', () => {
  const inhabitants = {
    inode: 77,
    target: null,
    scans: 1,
    processes: 1,
    pids: [9],
    owner: null,
    loOnly: true,
  };
  const expected = { namespace: identity(5), number: 1_000_000, pids: [9], loOnly: true };
  for (const nsid of [null, 3]) {
    const inventory = new Inventory(identity(1));
    inventory.inhabited.show();
    if (nsid !== null) inventory.adopt(nsid);
    // Another user's: which one it is may not be looked at.
    const found = inventory.found(expected.number, null, claimOf(nsid), () => inhabitants);
    assert.deepEqual(found.map(brief), ['found']);
    const { record } = inventory.add(located('a'), { namespace: identity(5), claim: claimOf(nsid) });
    inventory.numbers.assign(expected.number, record);
    const entries = inventory.entries().filter(({ own }) => !own);
    assert.deepEqual(
      entries.map(({ namespace, number, pids, loOnly }) => ({ namespace, number, pids, loOnly })),
      [expected],
    );
    assert.deepEqual([entries[0]?.nsid, entries[0]?.names.map(({ name }) => name)], [nsid, ['a']]);
    assert.equal(inventory.inhabited.at(77)?.names.size, 1);
    inventory.deleted(located('a'), identity(5), true);
    assert.deepEqual(inventory.died(expected.number).map(brief), [`destroyed ${nsid ?? ''} a`]);
    assert.equal(inventory.inhabited.at(77), undefined);
  }
});

// Fails if a name's namespace is not known by its number at once: its nsid is nobody's then.
test('a second name of a numbered namespace, with an nsid that is still to be told', () => {
  const inventory = new Inventory(null);
  const before = { ...identity(5), id: null };
  // Before Linux 6.18 the time differs from look to look.
  const later = { ...before, since: 6n };
  inventory.add(located('a'), { namespace: before, claim: null, number: 1_000_000 });
  inventory.created(located('b'), {
    namespace: later,
    claim: { nsid: 3, generation: 1 },
    number: 1_000_000,
  });
  assert.deepEqual(inventory.assigned(3).map(brief), ['nsidAssigned 3 a b']);
});
