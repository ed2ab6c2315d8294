/**
 * `created` means that the namespace can be entered: `ip netns add` makes the file first and mounts
 * the namespace about a millisecond later. Each name is entered at the moment at which it is told,
 * and so is proved that this check can fail.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { freshRun, ip } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { waitFor, within } from '../../support/wait.ts';

const DIRECTORY = '/var/run/netns';
const CLONE_NEWNET = 0x40000000;
const ADDERS = 4;
/** By one `ip` a name, and by one `ip -batch` for all. */
const SINGLE = 25;
const BATCHED = 100;

/** Enters the namespace of a path and comes back. @returns whether it could */
function enter(path: string): boolean {
  const system = linux();
  const back = check(system.open(cPath('/proc/thread-self/ns/net'), 0), 'open');
  const fd = system.open(cPath(path), 0);
  const entered = fd >= 0 && system.setns(fd, CLONE_NEWNET) === 0;
  if (entered) check(system.setns(back, CLONE_NEWNET), 'setns');
  if (fd >= 0) system.close(fd);
  system.close(back);
  return entered;
}

/** Adds names in another process, so that the watcher can look at any moment. */
function adder(prefix: string): Promise<unknown> {
  const script = `
    for i in $(seq ${SINGLE}); do ip netns add ${prefix}-$i; done
    for i in $(seq ${BATCHED}); do echo netns add ${prefix}-b$i; done | ip -batch -`;
  const child = spawn('sh', ['-ec', script], { stdio: ['ignore', 'ignore', 'inherit'] });
  return once(child, 'exit').then(([code]) => assert.equal(code, 0));
}

/**
 * 500 additions, by several at once. @returns how many of them could not be entered when `created`
 * was told
 */
async function tooEarly(t: TestContext, readyTimeout: number): Promise<number> {
  freshRun(t);
  ip('netns', 'add', 'first');
  const replay = await Replay.open(t, { directory: DIRECTORY, readyTimeout });
  const count = ADDERS * (SINGLE + BATCHED);
  assert.equal(count, 500);
  const adders = Promise.all(Array.from({ length: ADDERS }, (_, index) => adder(`a${index}`)));
  let early = 0;
  for (let created = 0; created < count;) {
    const event = await replay.next();
    if (event.type !== 'created') continue;
    created++;
    const entered = enter(event.path);
    if (readyTimeout !== 0) assert(event.ready, `${event.name} is not ready`);
    if (!entered) early++;
  }
  await within('the adders', adders);
  await replay.settle();
  assert.equal(replay.model.names.size, count + 1);
  assert([...replay.model.names.values()].every((namespace) => namespace !== null));
  return early;
}

test('each of 500 names can be entered when created is emitted', async (t) => {
  assert.equal(await tooEarly(t, 30_000), 0);
});

// The same check, and nothing held back: it sees the race that the other proves absent.
test('with readyTimeout 0 some names cannot be entered before mounted is emitted', async (t) => {
  assert((await tooEarly(t, 0)) > 0);
});

// Fails if the listing is made before the watch stands, or what it holds is reported again.
test('leaves no gap and emits no duplicate when opened amid additions and deletions', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'first');
  const script = `
    for i in $(seq 300); do echo netns add x$i; done | ip -batch -
    for i in $(seq 300); do if [ $((i % 3)) != 0 ]; then echo netns del x$i; fi; done | ip -batch -`;
  const child = spawn('sh', ['-ec', script], { stdio: ['ignore', 'ignore', 'inherit'] });
  const replays: Replay[] = [];
  await waitFor('the first addition', () => existsSync(`${DIRECTORY}/x1`));
  while (child.exitCode === null && replays.length < 40) {
    replays.push(await Replay.open(t, { directory: DIRECTORY, bufferSize: 1000 }));
    // Let some run, so that they meet each state of the directory.
    await setTimeout(10);
  }
  if (child.exitCode === null) await once(child, 'exit');
  const snapshots = new Set<number>();
  for (const replay of replays) {
    await replay.settle();
    assert.equal(replay.model.names.size, 101);
    snapshots.add(replay.snapshot.length);
  }
  assert(snapshots.size > 3, 'all were opened at the same state');
});
