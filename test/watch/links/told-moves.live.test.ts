/**
 * A link that moves between namespaces that are followed is told as moved, however long the kernel
 * takes between its leaving and its arriving: one that is up is set down first, and all processors
 * are waited for in between (`dev_change_net_namespace` in net/core/dev.c).
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freshTable } from '../../support/nsids.ts';
import { ipAsync } from '../../support/netns.ts';
import { LinkFollower, settle } from './support/link-follower.ts';
import { LinkHost } from './support/link-host.ts';

const PATIENCE = 15_000;
const MOVES = 6;

/** Moves one end of a veth to and fro, by another process, and counts what is told of each move. */
async function moves(t: TestContext, up: boolean): Promise<string[]> {
  freshTable(t);
  const host = new LinkHost(t);
  for (const name of ['a', 'b']) host.addNamed(name);
  await ipAsync('link', 'add', 'near', 'netns', 'a', 'type', 'veth', 'peer', 'name', 'far');
  await ipAsync('link', 'set', 'far', 'up');
  const follower = await LinkFollower.open({});
  t.after(() => follower.watcher.stop());
  const told: string[] = [];
  for (let move = 0; move < MOVES; move++) {
    const [from, to] = move % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    if (up) await ipAsync('-n', from, 'link', 'set', 'near', 'up');
    assert.deepEqual(await settle(() => host.places, [follower], PATIENCE), []);
    follower.forget();
    await ipAsync('-n', from, 'link', 'set', 'near', 'netns', to);
    assert.deepEqual(await settle(() => host.places, [follower], PATIENCE), []);
    const words = follower.toldLast.matchAll(/^link(?:Moved|Added|Removed)/gm);
    told.push(Array.from(words, ([word]) => word).join(' '));
  }
  return told;
}

const TOLD = Array.from({ length: MOVES }, () => 'linkMoved');

test('one that is down', async (t) => {
  assert.deepEqual(await moves(t, false), TOLD);
});

test('one that is up', async (t) => {
  assert.deepEqual(await moves(t, true), TOLD);
});
