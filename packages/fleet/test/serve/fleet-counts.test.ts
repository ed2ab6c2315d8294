import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FleetEvent, FleetHost } from '../../src/index.ts';
import { FleetCounts } from '../../src/serve/fleet-counts.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const hostOf = (rest: Partial<FleetHost> = {}): FleetHost =>
  ({ id: 'one', skew: null, malformed: 0, ...rest }) as FleetHost;

/** One that happened so many milliseconds ago, by the clock of its host. */
const happened = (ago: number, skew: number | null = null): FleetEvent => ({
  type: 'namespaceEvent',
  host: hostOf({ skew }),
  seq: 1,
  event: { type: 'found', time: new Date(NOW - ago).toISOString() } as never,
});

const lagOf = (...events: FleetEvent[]): number => {
  const counts = new FleetCounts();
  for (const event of events) counts.take(event, NOW);
  assert.equal(counts.events, events.length);
  return counts.lag;
};

test('how long events were on the way, by clocks that are put right', () => {
  assert.equal(lagOf(happened(500), happened(250)), 0.75);
  // Its clock is ten seconds ahead: it says that it happens in 9.5 s.
  assert.equal(lagOf(happened(-9500, 10_000)), 0.5);
  assert.equal(lagOf(happened(10_500, -10_000)), 0.5);
});

test('what cannot be a way is none: of years, of less than nothing, of no time', () => {
  assert.equal(lagOf(happened(3_600_000), happened(-500)), 0);
  const noTime = { ...happened(0), event: { type: 'found', time: 'noon' } } as never;
  assert.equal(lagOf(noTime, happened(3_599_000)), 3599);
});

test('losses by reason, but for the first snapshot of a host', () => {
  const counts = new FleetCounts();
  for (const reason of ['first', 'lost', 'lost', 'unread'] as const)
    counts.take({ type: 'resynced', time: '', host: hostOf(), reason, complete: true }, NOW);
  assert.deepEqual(
    [...counts.resyncs],
    [
      ['lost', 2],
      ['unread', 1],
    ],
  );
});

test('what was counted of a host stays when the host goes: a counter never falls', () => {
  const counts = new FleetCounts();
  counts.take({ type: 'hostGone', time: '', host: hostOf({ malformed: 3 }) }, NOW);
  assert.equal(counts.malformedBefore, 0);
  counts.take({ type: 'hostRemoved', time: '', host: hostOf({ malformed: 3 }) }, NOW);
  assert.equal(counts.malformedBefore, 3);
  counts.take({ type: 'connection', time: '', state: 'stale', reason: 'x' }, NOW);
  assert.deepEqual(
    [...counts.changes],
    [
      ['hostGone', 1],
      ['hostRemoved', 1],
      ['connection stale', 1],
    ],
  );
});
