/** The decision by itself: a row for each case of its table, and what must hold in any world. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { remedyFor, whyNotReady } from '../../../src/cli/output/verdict-text.ts';
import type { ForeignMount } from '../../../src/netns/mounts/foreign-mounts-found.ts';
import { relationOf } from '../../../src/netns/mounts/mount-relation.ts';
import { judge, MAKING, reasonAfterWait } from '../../../src/netns/diagnosis/verdict.ts';
import type { NameFacts, NameVerdict } from '../../../src/netns/diagnosis/verdict.ts';

const mount: ForeignMount = {
  id: 52,
  pid: 4711,
  mountNamespace: 4026532999n,
  namespaceId: null,
  mountPoint: '/run/netns/a',
  holder: '/run/netns',
  holderId: 51,
  own: false,
  namespace: 'net:[4026532001]',
  host: false,
  shared: null,
  master: null,
  age: null,
};
const facts: NameFacts = {
  file: { kind: 'empty', mode: 0, size: 0, age: MAKING },
  elsewhere: [],
  masters: new Map(),
  gaps: {
    unfinished: false,
    hidden: false,
    outside: false,
    unreadable: 0,
    partial: 0,
    unvisited: [],
    lookedForAll: true,
  },
  here: {
    shared: null,
    master: null,
    host: false,
    age: null,
    privatePart: false,
    remote: false,
    layered: false,
  },
  hostSeen: true,
  hostLacks: false,
};
const { here, gaps } = facts;

test('where it is mounted says which side would have to change', () => {
  const rows: [string, Partial<NameFacts>, string, string | null][] = [
    [
      'in that of the machine, private there',
      { elsewhere: [{ ...mount, host: true }] },
      'no-propagation',
      'host',
    ],
    [
      'in that of the machine, shared there',
      { elsewhere: [{ ...mount, host: true, shared: 3 }] },
      'no-propagation',
      'here',
    ],
    [
      'this is that of the machine',
      { elsewhere: [mount], here: { ...here, host: true } },
      'mounted-elsewhere',
      'maker',
    ],
    [
      'in a slave of this one',
      { elsewhere: [{ ...mount, master: 3 }], here: { ...here, shared: 3 } },
      'mounted-elsewhere',
      'maker',
    ],
    [
      'in the master of this one',
      { elsewhere: [{ ...mount, shared: 3 }], here: { ...here, master: 3 } },
      'mounted-elsewhere',
      null,
    ],
    [
      'in an older one',
      { elsewhere: [{ ...mount, age: 5n, shared: 3 }], here: { ...here, age: 7n } },
      'no-propagation',
      'here',
    ],
    [
      'in an older one, private there',
      { elsewhere: [{ ...mount, age: 5n }], here: { ...here, age: 7n } },
      'no-propagation',
      'host',
    ],
    [
      'in a newer one',
      { elsewhere: [{ ...mount, age: 9n }], here: { ...here, age: 7n } },
      'mounted-elsewhere',
      'maker',
    ],
    ['in one of unknown age', { elsewhere: [mount], here: { ...here, age: 7n } }, 'mounted-elsewhere', null],
    [
      'in an older one, but the machine has the directory, and no mount on the name',
      { elsewhere: [{ ...mount, age: 5n, shared: 3 }], here: { ...here, age: 7n }, hostLacks: true },
      'mounted-elsewhere',
      'maker',
    ],
    [
      'in an older one, and this one gets the mounts of others',
      { elsewhere: [{ ...mount, age: 5n }], here: { ...here, age: 7n, master: 9 } },
      'mounted-elsewhere',
      'maker',
    ],
    [
      'in this one, at another place',
      { elsewhere: [{ ...mount, own: true }], here: { ...here, host: true } },
      'mounted-elsewhere',
      null,
    ],
    ['nowhere, on a file system laid over another', { here: { ...here, layered: true } }, 'unknown', null],
    [
      'in several: that of the machine counts',
      {
        elsewhere: [
          { ...mount, age: 1n },
          { ...mount, host: true },
        ],
        here: { ...here, age: 7n },
      },
      'no-propagation',
      'host',
    ],
    [
      'on a file with content',
      { elsewhere: [mount], file: { ...facts.file, kind: 'content' } },
      'mounted-elsewhere',
      null,
    ],
    ['nowhere', {}, 'not-a-namespace', null],
    ['nowhere, made just now', { file: { ...facts.file, age: MAKING - 1 } }, 'pending', null],
    [
      'nowhere, a file with content',
      { file: { ...facts.file, kind: 'content', age: 0 } },
      'not-a-namespace',
      null,
    ],
    ['not all was seen', { gaps: { ...gaps, unfinished: true } }, 'unknown', null],
    [
      'not all was seen, made just now',
      { gaps: { ...gaps, hidden: true }, file: { ...facts.file, age: 0 } },
      'unknown',
      null,
    ],
    [
      'the directory is a part of a host that was not seen',
      { here: { ...here, privatePart: true }, hostSeen: false },
      'unknown',
      null,
    ],
    ['the same, and the host was seen', { here: { ...here, privatePart: true } }, 'not-a-namespace', null],
    ['on a file server', { here: { ...here, remote: true } }, 'unknown', null],
  ];
  for (const [what, changed, reason, side] of rows) {
    const verdict = judge({ ...facts, ...changed });
    assert.deepEqual([verdict.reason, verdict.side], [reason, side], what);
    assert.equal(verdict.removable, what === 'nowhere', what);
  }
  // Without a list of mount namespaces that have no process, nothing is shown; who asked for it is
  // told.
  const unlisted = { ...gaps, unvisited: null };
  assert.deepEqual(judge({ ...facts, gaps: unlisted }).unseen, ['rights']);
  const notAsked = judge({ ...facts, gaps: { ...unlisted, lookedForAll: false } });
  assert.deepEqual([notAsked.reason, notAsked.removable], ['not-a-namespace', false]);
});

test('after the wait: what may still be in the making has taken too long, and nothing else', () => {
  const after = (changed: Partial<NameFacts>): string =>
    reasonAfterWait({ ...judge({ ...facts, ...changed }), mountedIn: [] });
  assert.equal(after({}), 'timeout');
  assert.equal(after({ file: { ...facts.file, age: 0 } }), 'timeout');
  assert.equal(after({ gaps: { ...gaps, outside: true } }), 'timeout');
  assert.equal(after({ here: { ...here, privatePart: true }, hostSeen: false }), 'unknown');
  assert.equal(after({ file: { ...facts.file, kind: 'content' } }), 'not-a-namespace');
  assert.equal(after({ elsewhere: [mount] }), 'mounted-elsewhere');
});

/** A mount namespace of a world, and what of it can be seen. */
interface Realm {
  mounted: boolean;
  /** How a scan misses it; null: it does not. */
  missed: 'unfinished' | 'hidden' | 'outside' | 'unreadable' | 'partial' | 'unvisited' | 'unlisted' | null;
  host: boolean;
  shared: number | null;
  master: number | null;
  age: bigint | null;
  pid: number | null;
}

const group = fc.option(fc.integer({ min: 1, max: 4 }));
const realm: fc.Arbitrary<Realm> = fc.record({
  mounted: fc.boolean(),
  missed: fc.option(
    fc.constantFrom('unfinished', 'hidden', 'outside', 'unreadable', 'partial', 'unvisited', 'unlisted'),
  ),
  host: fc.boolean(),
  shared: group,
  master: group,
  age: fc.option(fc.bigInt(2n ** 31n, 2n ** 31n + 9n)),
  pid: fc.option(fc.integer({ min: 1, max: 99 })),
});
const world = fc.record({
  realms: fc.array(realm, { maxLength: 5 }),
  here: fc.record({
    shared: group,
    master: group,
    host: fc.boolean(),
    age: fc.option(fc.bigInt(2n ** 31n, 2n ** 31n + 9n)),
    privatePart: fc.boolean(),
    remote: fc.boolean(),
    layered: fc.boolean(),
  }),
  masters: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))),
  mode: fc.constantFrom(0, 0o444, 0o600, 0o644, 0o666),
  kind: fc.constantFrom('empty', 'empty', 'content'),
  age: fc.constantFrom(0, MAKING, 10 * MAKING),
});

/** What a scan finds in a world. */
function factsOf({
  realms,
  here: at,
  masters,
  mode,
  kind,
  age,
}: typeof world extends fc.Arbitrary<infer T> ? T : never): NameFacts {
  const missed = (how: Realm['missed']): boolean => realms.some((one) => one.missed === how);
  const seen = realms.filter((one) => one.missed === null);
  // There is one machine: its mount namespace is this one, or one of the others.
  const host = at.host ? -1 : seen.findIndex((one) => one.host);
  return {
    file: { kind, mode, size: kind === 'empty' ? 0 : 1, age },
    elsewhere: seen.flatMap((one, index) => {
      const { pid, shared, master, age: born } = one;
      return one.mounted
        ? [{ ...mount, id: index, pid, shared, master, age: born, host: index === host }]
        : [];
    }),
    masters: new Map(masters),
    gaps: {
      unfinished: missed('unfinished'),
      hidden: missed('hidden'),
      outside: missed('outside'),
      unreadable: missed('unreadable') ? 1 : 0,
      partial: missed('partial') ? 1 : 0,
      lookedForAll: true,
      unvisited: missed('unlisted') ? null : missed('unvisited') ? [4026532777n] : [],
    },
    here: at,
    hostSeen: at.host || host >= 0,
    hostLacks: host >= 0 && !(seen[host]?.mounted ?? false),
  };
}

// Fails if a mode, or a scan that saw nothing, is taken for evidence.
test('in any world: removing a name is advised only where it is mounted in no living mount namespace', () => {
  let advised = 0;
  fc.assert(
    fc.property(world, (made) => {
      const facts_ = factsOf(made);
      const verdict: NameVerdict = {
        ...judge(facts_),
        mountedIn: facts_.elsewhere.map((one) => ({ ...one, comm: 'sleep', owner: null })),
      };
      const texts = [
        whyNotReady(verdict),
        remedyFor({ path: '/run/netns/a', reason: verdict.reason, verdict }) ?? '',
        remedyFor({ path: '/run/netns/a', reason: reasonAfterWait(verdict), verdict }) ?? '',
      ];
      const advises = texts.some((text) => /nlink delete|\brm\b|unlink|umount/.test(text));
      assert.equal(advises, verdict.removable);
      if (advises) {
        advised++;
        assert.ok(
          made.realms.every(({ mounted }) => !mounted),
          'it is mounted somewhere',
        );
      }
      if (made.realms.some(({ mounted }) => mounted)) assert.equal(verdict.removable, false);
    }),
    { numRuns: 20_000, seed: 20261129 },
  );
  assert.ok(advised > 10, `advised ${advised} times`);
});

test('in any world: no-propagation is never said where mounts are made for others', () => {
  let said = 0;
  fc.assert(
    fc.property(world, (made) => {
      const facts_ = factsOf(made);
      const { reason, side } = judge(facts_);
      if (reason !== 'no-propagation') return;
      said++;
      assert.equal(facts_.here.host, false);
      assert.ok(side === 'here' || side === 'host');
      // Of one that gets this one's mounts it is not said, unless that is the machine's own.
      const departing = facts_.elsewhere.every(
        (there) => !there.host && relationOf(facts_.here, there, facts_.masters) === 'departs',
      );
      assert.equal(departing, false);
    }),
    { numRuns: 20_000, seed: 20261130 },
  );
  assert.ok(said > 100, `said ${said} times`);
});
