/**
 * Watching has no side effects: nothing is held open, no id is assigned, and a namespace that is
 * deleted is freed as soon as without a watcher. Whether one is freed the kernel says at once: an
 * id whose namespace has no reference left is not found (`get_net_ns_by_id`,
 * net/core/net_namespace.c).
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { areAssigned } from '../../../src/netlink/nsid-listing.ts';
import { NETLINK_ROUTE } from '../../../src/netlink/index.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { openDescriptors } from '../../support/descriptors.ts';
import { noDiagnosis, patientClock } from '../support/fast-clock.ts';
import { addNamespace, deleteNamespace, ip, ipAsync, freshRun, netnsDirectory } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

/** Descriptors of namespaces that this process has open. */
const held = (): string[] => [...openDescriptors().values()].filter((target) => target.includes('net:['));

/** Asks the kernel about ids, at once. */
function asking(t: TestContext): (nsid: number) => boolean | null {
  const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1);
  assert(socket !== undefined);
  const requester = new Requester(socket);
  t.after(() => requester.close());
  return (nsid) => {
    const states = areAssigned(requester, [nsid]);
    assert(!(states instanceof Promise));
    return states[0] ?? null;
  };
}

const TRIES = 200;

// Fails if a name, an inotify watch or a descriptor is kept, for however short a time after the
// event was told.
test('two hundred deletions: none is held when the name is gone, as without a watcher', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const isAlive = asking(t);
  const path = `${directory}/a`;
  const replay = await UnifiedReplay.open(t, { directory });
  const before = held();
  for (const watched of [true, false]) {
    if (!watched) await replay.watcher.stop();
    for (let round = 0; round < TRIES; round++) {
      addNamespace(path);
      await replay.connection.setNsid({ path }, 5);
      if (watched) assert.deepEqual(await replay.until('assigned #5 a'), ['created a', 'assigned #5 a']);
      assert.deepEqual(held(), before);
      assert.equal(isAlive(5), true);
      deleteNamespace(path);
      assert.equal(isAlive(5), false, `held after ${round} rounds, ${watched ? 'watched' : 'not watched'}`);
      if (watched)
        assert.deepEqual(await replay.until('destroyed #5 a'), ['deleted a dead', 'destroyed #5 a']);
      else while (!(await freed(replay))) await setImmediate();
    }
  }
});

/** Whether the id is in the table no more. */
const freed = async (replay: UnifiedReplay): Promise<boolean> =>
  (await replay.connection.listNsids()).entries.length === 0;

// The same by iproute2, whose processes hold nothing either: a name's end is the namespace's.
test('ip netns del: dead at once, of forty', async (t) => {
  freshTable(t);
  freshRun(t);
  const io = { system: netlinkSystem(), clock: patientClock, diagnosis: noDiagnosis };
  const replay = await UnifiedReplay.open(t, {}, io);
  const isAlive = asking(t);
  for (let round = 0; round < 40; round++) {
    ip('netns', 'add', 'a');
    ip('netns', 'set', 'a', '5');
    assert.deepEqual(await replay.until('assigned #5 a'), ['created a', 'assigned #5 a']);
    await ipAsync('netns', 'del', 'a');
    assert.equal(isAlive(5), false);
    assert.deepEqual(await replay.until('destroyed #5 a'), ['deleted a dead', 'destroyed #5 a']);
  }
});

test('no id is assigned, and no descriptor of a namespace is open at rest', async (t) => {
  freshTable(t);
  const [one, two] = [netnsDirectory(), netnsDirectory()];
  for (let index = 0; index < 50; index++) addNamespace(`${one}/n${index}`);
  const before = held();
  const replay = await UnifiedReplay.open(t, { directories: [one, two] });
  assert.deepEqual(held(), before);
  for (let index = 0; index < 50; index++) addNamespace(`${two}/n${index}`);
  assert.equal((await replay.settle()).length, 50);
  assert.deepEqual(held(), before);
  assert.deepEqual((await replay.connection.listNsids()).entries, []);
  // All are asked, since none is known to have it.
  const elsewhere = `${netnsDirectory()}/x`;
  addNamespace(elsewhere);
  await replay.connection.setNsid({ path: elsewhere }, 9);
  await replay.tells('assigned #9');
  // From now on a new name is asked, since it is not known who has that nsid.
  for (let index = 50; index < 100; index++) addNamespace(`${two}/n${index}`);
  assert.equal((await replay.settle()).length, 50);
  assert(replay.watcher.stats().asked >= 150);
  assert.deepEqual(held(), before);
  assert.deepEqual(
    (await replay.connection.listNsids()).entries.map(({ nsid }) => nsid),
    [9],
  );
});
