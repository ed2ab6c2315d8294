/** Who claims an nsid, and in which order claims are resolved when it is assigned. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NamespaceRecord } from '../../../src/watch/unified/namespace-record.ts';
import { PendingNsids } from '../../../src/watch/unified/pending-nsids.ts';

/** `A7@2`: record A claims nsid 7 with generation 2. */
function claims(...all: string[]): { pending: PendingNsids; records: Map<string, NamespaceRecord> } {
  const pending = new PendingNsids();
  const records = new Map<string, NamespaceRecord>();
  for (const claim of all) {
    const [, name, nsid, generation] = /^(\w)(\d)@(\d)$/.exec(claim) as unknown as string[];
    const record = new NamespaceRecord(null, 'namespace');
    records.set(name as string, record);
    pending.add(record, { nsid: Number(nsid), generation: Number(generation) });
  }
  return { pending, records };
}

/** Resolves an nsid so often. `-`: nobody knows who has it. */
function resolved(claim: readonly string[], nsid: number, times: number): string {
  const { pending, records } = claims(...claim);
  const names = new Map([...records].map(([name, record]) => [record, name]));
  return Array.from({ length: times }, () => {
    const record = pending.resolve(nsid);
    return record === null ? '-' : names.get(record);
  }).join(' ');
}

const rows: [claims: string[], nsid: number, owners: string][] = [
  [[], 7, '-'],
  [['A7@1'], 7, 'A -'],
  [['A7@1'], 8, '- -'],
  // Generation 0: it was emitted already, and belongs to somebody else; next time it is A's.
  [['A7@0'], 7, 'A -'],
  [['A7@2'], 7, '- A -'],
  [['A7@1', 'B7@2'], 7, 'A B -'],
  // The example in the header of pending-nsids.ts.
  [['A7@1', 'C7@3'], 7, 'A - C -'],
  [['A7@3', 'B7@4'], 7, '- - A B -'],
  [['A7@1', 'B8@1'], 8, 'B -'],
  [['A7@2', 'B7@2'], 7, '- A B -'],
];

for (const [claim, nsid, owners] of rows)
  test(`${claim.join(', ') || 'no claims'}: nsid ${nsid} is assigned to ${owners}`, () => {
    assert.equal(resolved(claim, nsid, owners.split(' ').length), owners);
  });

test('has what is claimed, and with which generation, until it is resolved', () => {
  const { pending, records } = claims('A7@1', 'C7@3', 'B8@2');
  const [a, c, b] = ['A', 'C', 'B'].map((name) => records.get(name) as NamespaceRecord);
  assert.ok(a && b && c);
  assert.deepEqual(pending.nsids, [7, 8]);
  assert.deepEqual(pending.of(c), { nsid: 7, generation: 3 });
  pending.resolve(7);
  assert.deepEqual([pending.of(a), a.claimedNsid], [null, null]);
  assert.deepEqual(pending.of(c), { nsid: 7, generation: 2 });
  pending.resolve(7);
  pending.resolve(7);
  assert.deepEqual([pending.has(7), pending.has(8)], [false, true]);
});

test('forgets all claims', () => {
  const { pending, records } = claims('A7@1', 'C7@3', 'B8@2');
  assert.deepEqual(new Set(pending.clear()), new Set(records.values()));
  assert.deepEqual(pending.nsids, []);
  for (const record of records.values()) assert.equal(record.claimedNsid, null);
});
