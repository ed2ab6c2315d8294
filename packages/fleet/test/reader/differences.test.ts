/** Whatever happened meanwhile: whoever knew what was there, and is told the differences, knows what is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { described, told } from '../../../../test/page/support/described.ts';
import { HostModel } from '../../../../test/page/support/host-model.ts';
import { modelRuns } from '../../../../test/support/runs.ts';
import { Replay } from '../../src/core.ts';
import type { WireSnapshot } from '../../src/core.ts';
import { differences } from '../../src/reader/differences.ts';
import { checkEvents, checkSnapshot } from '../../src/reader/message-checks.ts';
import { Picture } from '../../src/reader/picture.ts';
import { MemoryAgent } from '../support/memory-agent.ts';
import { toldLines } from '../support/told-lines.ts';
import { MemoryBroker } from '../support/memory-transport.ts';

const acts = fc.array(fc.tuple(fc.nat(13), fc.nat(20), fc.nat(20)), { maxLength: 40, size: 'max' });
const TIME = '2026-11-30T12:00:00.000Z';

const snapshotOf = (agent: MemoryAgent): WireSnapshot => JSON.parse(agent.json()) as WireSnapshot;
const replayOf = (snapshot: WireSnapshot): Replay => {
  const replay = new Replay();
  replay.snapshot(snapshot, 0);
  return replay;
};

test('what was there, and the differences, are what is there', () => {
  const changes = fc.constantFrom('none', 'restart', 'boot');
  fc.assert(
    fc.property(acts, acts, changes, (first, second, change) => {
      let agent = new MemoryAgent(new MemoryBroker(), 'one');
      for (const act of first) agent.act(...act);
      const before = snapshotOf(agent);
      if (change === 'restart') agent = agent.restarted();
      if (change === 'boot') agent = agent.restarted({ boot: '00000002', model: new HostModel() });
      for (const act of second) agent.act(...act);
      const after = snapshotOf(agent);
      const { events, isComplete } = differences(new Picture(before), new Picture(after), TIME);
      assert.ok(isComplete);
      checkEvents(events);
      const replay = replayOf(before);
      replay.events(events, before.seq + events.length, 0);
      replay.tick(Infinity);
      assert.deepEqual(toldLines(replay.model), toldLines(replayOf(after).model));
      // In which order another agent saw the names is told by nobody.
      if (change === 'none') assert.deepEqual(told(replay.model), told(replayOf(after).model));
    }),
    { numRuns: modelRuns(400) },
  );
});

test('of the same nothing is told', () => {
  fc.assert(
    fc.property(acts, (all) => {
      let agent = new MemoryAgent(new MemoryBroker(), 'one');
      for (const act of all) agent.act(...act);
      const before = snapshotOf(agent);
      agent = agent.restarted();
      const found = differences(new Picture(before), new Picture(snapshotOf(agent)), TIME);
      assert.deepEqual(found, { events: [], isComplete: true });
    }),
    { numRuns: modelRuns(200) },
  );
});

test('a picture is written as the rows that it was made of', () => {
  fc.assert(
    fc.property(acts, (all) => {
      const agent = new MemoryAgent(new MemoryBroker(), 'one');
      for (const act of all) agent.act(...act);
      const made = snapshotOf(agent);
      const written = JSON.parse(new Picture(made).json()) as WireSnapshot;
      checkSnapshot(written as never, agent.epoch, made.seq);
      const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
      assert.deepEqual(sorted(written.namespaces), sorted(made.namespaces));
      assert.deepEqual(sorted(written.links), sorted(made.links));
      assert.deepEqual(described(replayOf(written).model), described(replayOf(made).model));
    }),
    { numRuns: modelRuns(200) },
  );
});
