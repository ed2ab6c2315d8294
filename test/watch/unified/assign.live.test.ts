/**
 * `assignNsids`: every named namespace gets an id, those that are there and those that come, so
 * that each end is told. It takes CAP_NET_ADMIN, which is asked for before anything happens; and
 * somebody else may assign at the same moment.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { follow, watchUnifiedProgram } from '../../support/watching.ts';

test('at the start and later: all names get nsids, and all ends are emitted', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  for (const name of ['a', 'b', 'c']) addNamespace(`${directory}/${name}`);
  await (await connect(t)).setNsid({ path: `${directory}/b` }, 7);
  const replay = await UnifiedReplay.open(t, { directory, assignNsids: true });
  // What the watcher itself assigns at the start is in the snapshot, and not told. The newest is
  // first.
  assert.deepEqual(await replay.settle(), []);
  assert.deepEqual(
    replay.watcher.namespaces().map(({ nsid, names }) => [names[0]?.name, nsid]),
    [
      ['a', 1],
      ['b', 7],
      ['c', 0],
    ],
  );
  addNamespace(`${directory}/d`);
  addAlias(`${directory}/d`, `${directory}/e`);
  await replay.tells('created d', 'created e', 'assigned #2 d e');
  for (const name of ['a', 'b', 'c', 'd', 'e']) deleteNamespace(`${directory}/${name}`);
  const told = await replay.settleAt();
  assert.deepEqual(told.filter((line) => line.startsWith('destroyed')).toSorted(), [
    'destroyed #0 c',
    'destroyed #1 a',
    'destroyed #2 e',
    'destroyed #7 b',
  ]);
  assert.deepEqual(
    told.filter((line) => line.startsWith('deleted')),
    ['deleted a dead', 'deleted b dead', 'deleted c dead', 'deleted d alive', 'deleted e dead'],
  );
});

// Fails if what was assigned by the watcher is told otherwise than what others assign.
test('three hundred at once: each emits each of its events once', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const replay = await UnifiedReplay.open(t, { directory, assignNsids: true });
  const names = Array.from({ length: 300 }, (_, index) => `n${index}`);
  for (const name of names) addNamespace(`${directory}/${name}`);
  const told = await replay.settleAt(...names.keys());
  assert.deepEqual(
    told.filter((line) => line.startsWith('created ')).toSorted(),
    names.map((name) => `created ${name}`).toSorted(),
  );
  assert.equal(told.filter((line) => line.startsWith('assigned ')).length, 300);
  for (const name of names) deleteNamespace(`${directory}/${name}`);
  const ends = await replay.settleAt();
  assert.equal(ends.filter((line) => line.startsWith('destroyed ')).length, 300);
  assert.equal(ends.length, 600);
});

test('somebody else assigns at the same moment: no error, and one id', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const connection = await connect(t);
  const real = netlinkSystem();
  let rival: string | null = null;
  const done: Promise<number>[] = [];
  // Before each request of the watcher, so before the one that assigns too.
  const send: typeof real.send = (fd, bytes, length) => {
    const RTM_NEWNSID = 88;
    if (rival !== null && bytes[4] === RTM_NEWNSID) {
      const path = rival;
      rival = null;
      done.push(connection.setNsid({ path }, 40));
    }
    return real.send(fd, bytes, length);
  };
  const io = { system: { ...real, send }, clock: systemClock, diagnosis: new NameDiagnosis() };
  const replay = await UnifiedReplay.open(t, { directory, assignNsids: true }, io);
  rival = `${directory}/a`;
  addNamespace(rival);
  await replay.tells('created a', 'assigned #40 a');
  assert.deepEqual(await Promise.all(done), [40]);
});

test('without privilege: EPERM before anything happens', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const next = follow(
    t,
    spawnOrdinary(watchUnifiedProgram, JSON.stringify({ directory, assignNsids: true })),
  );
  const { type, code } = await next();
  assert.deepEqual([type, code], ['error', 'EPERM']);
  const { entries } = await (await connect(t)).listNsids();
  assert.deepEqual(entries, []);
});
