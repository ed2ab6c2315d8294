/** What is known of a namespace's life: the table in the header of namespace-record.ts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { isSameNamespace, NamespaceRecord } from '../../../src/watch/unified/namespace-record.ts';
import type { NameRecord } from '../../../src/watch/unified/namespace-record.ts';
import { identity, located } from './named-kernel.ts';

const record = (...steps: ('assign' | 'gone' | 'ended' | 'forget' | 'name' | 'own')[]): NamespaceRecord => {
  const made = new NamespaceRecord(identity(7), steps.includes('own') ? 'own' : 'namespace');
  for (const step of steps) {
    if (step === 'assign') made.assign(5);
    else if (step === 'forget') made.forgetNsid();
    else if (step === 'name') made.names.add(nameOf(made));
    else if (step !== 'own') made.life = step;
  }
  return made;
};

const nameOf = (made: NamespaceRecord): NameRecord => ({
  ...located('a'),
  record: made,
  observed: made.namespace,
  order: 1,
});

const rows: [
  steps: Parameters<typeof record>,
  life: string,
  alive: Record<'true' | 'false' | 'null', boolean | null>,
][] = [
  [[], 'unknown', { true: true, false: false, null: null }],
  [['assign'], 'alive', { true: true, false: false, null: true }],
  [['gone'], 'gone', { true: false, false: false, null: false }],
  [['gone', 'assign'], 'gone', { true: false, false: false, null: false }],
  [['assign', 'ended'], 'ended', { true: false, false: false, null: false }],
  [['assign', 'forget'], 'unknown', { true: true, false: false, null: null }],
  [['assign', 'ended', 'forget'], 'gone', { true: false, false: false, null: false }],
  [['assign', 'gone', 'forget'], 'gone', { true: false, false: false, null: false }],
  [['assign', 'ended', 'name'], 'ended', { true: true, false: true, null: true }],
  [['name'], 'unknown', { true: true, false: true, null: true }],
  [['own', 'assign', 'ended'], 'ended', { true: true, false: true, null: true }],
];

for (const [steps, life, alive] of rows)
  test(`${steps.join(', ') || 'new'}: ${life}`, () => {
    const made = record(...steps);
    assert.equal(made.life, life);
    for (const inUse of [true, false, null])
      assert.equal(made.isAlive(inUse), alive[String(inUse) as 'true' | 'false' | 'null'], String(inUse));
  });

test('the owner of an nsid and a record that claims it are the same', () => {
  const made = (id: number | null, steps: Parameters<typeof record>): NamespaceRecord => {
    const other = record(...steps);
    other.namespace = id === null ? null : { ...identity(id), id: null };
    return other;
  };
  const claimant = made(8, ['name']);
  const cases: [owner: NamespaceRecord, same: boolean][] = [
    [made(null, ['assign']), true],
    [made(null, ['assign', 'name']), false],
    // Before Linux 6.18: with its last name it lost the time that it was known by.
    [made(7, ['assign']), true],
    [made(7, ['assign', 'name']), false],
    [made(7, ['assign', 'gone']), false],
    [record('assign'), false],
  ];
  for (const [owner, same] of cases) assert.equal(isSameNamespace(owner, claimant), same);
});
