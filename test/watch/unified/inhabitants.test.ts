/** When it is asked anew whose a namespace is, and whether there is nothing but `lo` in it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { ProcessGroup } from '../../../src/netns/processes/process-groups.ts';
import type { ProcessOwner, ProcessOwnerKind } from '../../../src/netns/processes/process-owner.ts';
import { inhabitantsOf } from '../../../src/watch/unified/inhabitants.ts';
import type { Inhabitants } from '../../../src/watch/unified/inhabitants.ts';

const owner = (kind: ProcessOwnerKind, name: string): ProcessOwner => ({ kind, name, id: null });
const CONTAINER = owner('lxc', 'web');
const RUNTIME = owner('service', 'lxc.service');
const LOGIN = owner('session', 'session-3.scope');

const group = (...pids: number[]): ProcessGroup => ({
  inode: 77,
  own: false,
  stayed: true,
  count: pids.length,
  pids,
  threads: [],
});

/** Scans, each with the processes that are in it and what is told of these. */
function scans(
  ...steps: { pids?: number[]; owner: ProcessOwner | null; loOnly?: boolean; all?: boolean }[]
): (string | null)[] {
  let before: Inhabitants | null = null;
  return steps.map(({ pids = [1], owner: told, loOnly = true, all = false }) => {
    const queries = { ownerOf: () => told, loOnly: () => loOnly };
    before = inhabitantsOf(group(...pids), null, queries, () => true, before, { all, settled: false });
    return before.owner?.name ?? null;
  });
}

const later = (count: number, told: ProcessOwner | null): { owner: ProcessOwner | null }[] =>
  Array.from({ length: count }, () => ({ owner: told }));

// Fails if the unit of a runtime is taken for the owner for good.
test('a process that is moved to its group when it has been found', () => {
  for (const first of [null, LOGIN, RUNTIME]) {
    const told = scans({ owner: first }, { owner: CONTAINER }, { owner: RUNTIME });
    assert.deepEqual(told, [first?.name ?? null, 'web', 'web']);
  }
});

test('later only a look at all processes asks', () => {
  const told = scans(...later(6, RUNTIME), { owner: CONTAINER }, { owner: CONTAINER, all: true });
  assert.deepEqual(told.slice(-3), ['lxc.service', 'lxc.service', 'web']);
});

test('what was known stays when a process does not tell', () => {
  assert.deepEqual(scans({ owner: RUNTIME }, { owner: null }), ['lxc.service', 'lxc.service']);
  assert.deepEqual(scans({ owner: CONTAINER }, { owner: null, all: true }), ['web', 'web']);
});

// Fails if an owner outlives all that were there for it.
test('all were replaced: whose it is tell those who are in it', () => {
  const others = { pids: [2, 3], owner: RUNTIME };
  assert.deepEqual(scans({ owner: CONTAINER }, ...later(6, CONTAINER), others).at(-1), 'lxc.service');
  assert.equal(scans({ owner: CONTAINER }, { pids: [2], owner: null }).at(-1), null);
  assert.equal(scans({ owner: CONTAINER }, { pids: [1, 2], owner: RUNTIME }).at(-1), 'web');
});
