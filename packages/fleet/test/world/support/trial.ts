/** One fault, carried out in a fleet of its own: what came of it. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { waitFor } from '../../../../../test/support/wait.ts';
import { systemClock } from '../../../src/core.ts';
import type { Fault } from './faults.ts';
import { HOSTS, INTERVAL, Scene } from './scene.ts';
import type { Look } from './fleet-process.ts';

/** After the fault is over, in milliseconds. */
const RECOVERY = 5000;
const CHURN = 200;
/** From the last head on: three intervals of up to 1.2 each, and a look each second. */
const LATE_AFTER = 3 * INTERVAL * 1.2 + 1000;
/** Until a reader knows that what it was told may be old. */
const STALE_AFTER = 15_000;

export interface Outcome {
  /** Until the reader held the truth of every host. */
  recovery: number;
  resyncs: string[];
  events: number;
  said: string[];
}

export async function tryFault(fault: Fault, binary: string): Promise<Outcome> {
  const disk = (await fault.disk?.()) ?? null;
  const scene = await Scene.start(binary, disk?.path);
  try {
    return await carryOut(fault, scene, disk);
  } finally {
    await scene.end();
  }
}

async function carryOut(fault: Fault, scene: Scene, disk: Parameters<Fault['begin']>[1]): Promise<Outcome> {
  await waitFor('every host at the reader', () => scene.isTrue());
  await scene.churn(CHURN);
  await setTimeout(2000);
  const begun = systemClock.now();
  await fault.begin(scene, disk);
  await setTimeout(fault.lasts);
  // On a machine that is too busy for its heartbeats, a reader may doubt its connection meanwhile.
  if (!fault.isStale)
    await waitFor('a connection that is live', async () => (await scene.look()).connection === 'live');
  const during = await scene.look();
  const lasted = systemClock.now() - begun;
  await fault.end(scene, disk);
  const over = systemClock.now();
  await scene.churn(0);
  await waitFor('the reader to hold the truth', () => scene.isTrue());
  const recovery = systemClock.now() - over;
  await scene.act();
  await waitFor('what happens now', () => scene.isTrue());
  const after = await scene.look();
  const { resyncs, events } = after;
  const said = after.said.map(({ at, text }) => `${((at - begun) / 1000).toFixed(1)} s: ${text}`);
  checkMeanwhile(fault, during, lasted);
  checkAfter(fault, after, begun);
  assert.ok(recovery < RECOVERY, `recovered after ${Math.round(recovery)} ms; ${said.join('; ')}`);
  return { recovery, resyncs, events, said };
}

function checkMeanwhile({ unheard, isStale }: Fault, { connection, hosts }: Look, lasted: number): void {
  for (const key of HOSTS) {
    const { state, current } = hosts[key] ?? { state: 'missing', current: '' };
    if (!unheard.includes(key)) {
      assert.deepEqual([key, state, current], [key, 'live', 'current']);
      continue;
    }
    assert.ok(state === 'late' || (state === 'live' && lasted < LATE_AFTER), `${key} is ${state}`);
    if (state === 'late') assert.equal(current, 'stale');
  }
  if (isStale && lasted > STALE_AFTER) assert.equal(connection, 'stale');
}

function checkAfter({ unheard }: Fault, { said, wrong }: Look, begun: number): void {
  assert.deepEqual(wrong, []);
  const since = said.filter(({ at }) => at > begun);
  const expected = ['hostLate', 'hostLive'];
  for (const { text } of since) {
    const [who, what = ''] = text.split(' ');
    if (who !== 'connection') assert.ok(unheard.includes(who ?? '') && expected.includes(what), text);
  }
}
