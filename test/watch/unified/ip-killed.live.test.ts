/**
 * `ip netns add` and `del` that are killed between their steps: the file is made and nothing
 * mounted on it, or the namespace is unmounted and the file still there. The watchers say so, and
 * say when it is cleaned up; after many that are killed at any moment they know what is there.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { deleteNamespace, listNamespaces } from '../../../src/index.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import { freshRun, ip, unmountNamespace } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { Replay } from '../support/replay.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { seesMachine } from '../../support/visibility.ts';

const DIRECTORY = '/var/run/netns';
const TIMES = 150;
/**
 * The last moment at which it is killed, in microseconds: on a busy machine it takes long to begin.
 */
const LONGEST = 15_000;

interface Followers {
  names: Replay;
  both: UnifiedReplay;
}

/**
 * A directory of `ip netns` and two watchers of it; their clock runs faster, so that they do not
 * wait long for a mount that does not come.
 */
async function follow(t: TestContext): Promise<Followers> {
  freshTable(t);
  freshRun(t);
  ip('netns', 'add', 'first');
  const io = { system: netlinkSystem(), clock: hastyClock, diagnosis: noDiagnosis };
  return {
    names: await Replay.open(t, { directory: DIRECTORY }, io),
    both: await UnifiedReplay.open(t, { directory: DIRECTORY }, io),
  };
}

/** Fails unless both tell this, and nothing else. */
async function tell({ names, both }: Followers, expected: string): Promise<void> {
  assert.deepEqual(await names.settle(), [expected]);
  assert.deepEqual(await both.settle(), [expected]);
}

for (const [who, clean] of [
  ['ip netns del', (): void => void ip('netns', 'del', 'a')],
  ['deleteNamespace', () => deleteNamespace('a', { force: !seesMachine })],
] as const) {
  test(`add: the file is made, and nothing mounted; cleaned up by ${who}`, async (t) => {
    const followers = await follow(t);
    writeFileSync(`${DIRECTORY}/a`, '', { mode: 0 });
    await tell(followers, 'created a (timeout)');
    assert.deepEqual((await listNamespaces()).map(({ name, ready }) => `${name} ${ready}`).sort(), [
      'a false',
      'first true',
    ]);
    assert.throws(() => ip('netns', 'add', 'a'), /File exists/);
    await clean();
    await tell(followers, 'deleted a');
    ip('netns', 'add', 'a');
    await tell(followers, 'created a');
  });

  test(`del: unmounted, and the file still there; cleaned up by ${who}`, async (t) => {
    const followers = await follow(t);
    ip('netns', 'add', 'a');
    await tell(followers, 'created a');
    unmountNamespace(`${DIRECTORY}/a`);
    await tell(followers, 'unmounted a');
    await clean();
    await tell(followers, 'deleted a');
    ip('netns', 'add', 'a');
    await tell(followers, 'created a');
  });
}

/** Kills `ip` after so many microseconds. @returns whether it had done its work by then */
async function killed(after: number, ...args: string[]): Promise<boolean> {
  const child = spawn('ip', args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const end = performance.now() + after / 1000;
  // A timer alone is too coarse: all of it takes three milliseconds.
  if (after > 3000) await setTimeout(after / 1000 - 2);
  while (performance.now() < end);
  child.kill('SIGKILL');
  const [code] = await exited;
  return code === 0;
}

test(`${TIMES} of each are killed at any moment: known as what they are, and gone when cleaned up`, async (t) => {
  const followers = await follow(t);
  // How long it takes until its work is done, on this machine.
  const start = performance.now();
  for (let time = 0; time < 10; time++) ip('netns', 'add', `timed${time}`);
  const span = Math.min((performance.now() - start) * 100 * 1.5, LONGEST);
  const tally = { add: 0, del: 0, stale: 0 };
  for (let time = 0; time < TIMES; time++) {
    const name = `n${time}`;
    if (await killed(((time % 50) / 50) * span, 'netns', 'add', name)) tally.add++;
    // Half of them go on from what the first one left.
    if (time % 2 === 0 && (await killed(((time % 31) / 31) * span, 'netns', 'del', name))) tally.del++;
  }
  await followers.names.settle();
  await followers.both.settle();
  const there = await listNamespaces();
  tally.stale = there.filter(({ ready }) => !ready).length;
  t.diagnostic(`span ${Math.round(span)} us, ${JSON.stringify(tally)}, left ${there.length}`);
  for (const { name } of there) await deleteNamespace(name, { force: !seesMachine });
  await followers.names.settle();
  await followers.both.settle();
  assert.equal(followers.names.model.names.size, 0);
  assert.deepEqual(await listNamespaces(), []);
});
