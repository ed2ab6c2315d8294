/**
 * What gives a namespace an id, and what takes it away, on the real kernel: each is told once, in
 * order, at the moment it happens. Ids come by request or with a device across namespaces; they go
 * when the namespace is freed, which the last that holds it decides.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { holders } from '../support/holders.ts';
import { deleteNamespace, freshRun, ip, ipAsync } from '../../support/netns.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { connect, freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';

// Fails if an id is read without its sign or its byte order, and if an event has more to it than
// the kernel said.
test('ip netns set: a number that is given, the largest, and the lowest that is free', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await NsidReplay.open(t);
  for (const name of ['a', 'b', 'c', 'd']) ip('netns', 'add', name);
  await ipAsync('netns', 'set', 'a', '5');
  assert.deepEqual(await replay.next(), { type: 'newNsid', nsid: 5 });
  await ipAsync('netns', 'set', 'b', String(2 ** 31 - 1));
  assert.deepEqual(await replay.next(), { type: 'newNsid', nsid: 2 ** 31 - 1 });
  await ipAsync('netns', 'set', 'c', 'auto');
  assert.deepEqual(await replay.next(), { type: 'newNsid', nsid: 0 });
  await ipAsync('netns', 'del', 'a');
  assert.deepEqual(await replay.next(), { type: 'delNsid', nsid: 5 });
  assert.deepEqual(await replay.settleAt(0, 2 ** 31 - 1), []);
  for (const name of ['b', 'c', 'd']) ip('netns', 'del', name);
  assert.deepEqual((await replay.settleAt()).toSorted(), ['del 0', `del ${2 ** 31 - 1}`]);
});

// Fails if the subscriber tells of what it asks itself, or asks in a way that assigns an id.
test('names without an nsid come and go and are queried: emits nothing', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await NsidReplay.open(t);
  ip('netns', 'add', 'a');
  ip('netns', 'exec', 'a', 'true');
  assert.equal(await replay.connection.getNsid('a'), null);
  ip('netns', 'del', 'a');
  assert.deepEqual(await replay.barrier(), []);
  assert.deepEqual(await replay.settleAt(), []);
});

test('a refused assignment is not reported', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t);
  const [a = '', b = ''] = makeNamespaces(2);
  await replay.assign(a, 1);
  await assert.rejects(replay.assign(a, 2), { code: 'EEXIST' });
  await assert.rejects(replay.assign(b, 1), { code: 'EEXIST' });
  assert.deepEqual(await replay.settleAt(1), ['new 1']);
});

test('the end of a device pair is moved into a namespace: it gets an id', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await NsidReplay.open(t);
  ip('netns', 'add', 'a');
  ip('link', 'add', 'outside', 'type', 'veth', 'peer', 'name', 'inside');
  assert.deepEqual(await replay.settleAt(), []);
  await ipAsync('link', 'set', 'inside', 'netns', 'a');
  assert.equal((await replay.until('new 0')).length, 1);
  ip('netns', 'del', 'a');
  assert.deepEqual(await replay.until('del 0'), ['del 0']);
});

// Fails if what comes in one wake is told in another order than the kernel's.
test('many in one turn of the event loop: in order', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t);
  const paths = makeNamespaces(200);
  const ids = paths.map((_, index) => (index * 77) % 200);
  for (const [index, path] of paths.entries()) await replay.assign(path, ids[index]);
  assert.deepEqual(
    await replay.settleAt(...ids),
    ids.map((nsid) => `new ${nsid}`),
  );
  // The kernel frees them together, in no order.
  for (const path of paths) deleteNamespace(path);
  assert.deepEqual((await replay.settleAt()).toSorted(), ids.map((nsid) => `del ${nsid}`).toSorted());
});

// Fails if the group is joined after the listing, or if what was listed is told as well.
test('an nsid assigned before is in the snapshot and emits only its end', async (t) => {
  freshTable(t);
  const [a = '', b = '', c = ''] = makeNamespaces(3);
  const connection = await connect(t);
  await connection.setNsid({ path: a }, 7);
  await connection.setNsid({ path: b }, 3);
  const replay = await NsidReplay.open(t);
  assert.deepEqual(replay.snapshot, [3, 7]);
  assert.equal(replay.subscriber.tryRecv(), undefined);
  await replay.assign(c);
  assert.deepEqual(await replay.settleAt(0, 3, 7), ['new 0']);
  deleteNamespace(a);
  assert.deepEqual(await replay.until('del 7'), ['del 7']);
  assert.deepEqual(replay.subscriber.nsids(), [0, 3]);
});

// Fails if an assignment between the snapshot and the first event is lost or told twice, wherever
// it falls.
test('opened again and again while ids are assigned: snapshot and events come to the same', async (t) => {
  freshTable(t);
  freshRun(t);
  const names = Array.from({ length: 60 }, (_, index) => `n${index}`);
  for (const name of names) ip('netns', 'add', name);
  let assigned = 0;
  const assigning = (async () => {
    for (const name of names) {
      await ipAsync('netns', 'set', name, 'auto');
      assigned++;
    }
  })();
  const replays: NsidReplay[] = [];
  while (assigned < names.length && replays.length < 100) {
    replays.push(await NsidReplay.open(t));
    await new Promise(setImmediate);
  }
  await assigning;
  const between = replays.filter(({ snapshot }) => snapshot.length > 0 && snapshot.length < names.length);
  t.diagnostic(`opened ${replays.length} times, ${between.length} of them with some ids assigned`);
  for (const replay of replays) await replay.settleAt(...names.keys());
});

test('nothing holds it: it ends with its name', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t);
  const path = makeNamespace();
  await replay.assign(path, 5);
  deleteNamespace(path);
  assert.deepEqual(await replay.until('del 5'), ['new 5', 'del 5']);
});

for (const [what, hold] of Object.entries(holders)) {
  // Fails if a name's end is taken for the namespace's, or if the subscriber itself holds the
  // namespace.
  test(`${what} holds it: it ends when that lets go`, async (t) => {
    freshTable(t);
    const replay = await NsidReplay.open(t);
    const path = makeNamespace();
    await replay.assign(path, 5);
    const release = await hold(t, path);
    deleteNamespace(path);
    assert.deepEqual(await replay.barrier(), ['new 5']);
    assert.deepEqual(await replay.settleAt(5), []);
    await release();
    assert.deepEqual(await replay.until('del 5'), ['del 5']);
  });
}

test('all of them hold it: it ends when the last lets go, in whatever order', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t);
  for (let first = 0; first < Object.keys(holders).length; first++) {
    const path = makeNamespace();
    await replay.assign(path, first);
    const releases: (() => unknown)[] = [];
    for (const hold of Object.values(holders)) releases.push(await hold(t, path));
    deleteNamespace(path);
    const order = [...releases.slice(first), ...releases.slice(0, first)];
    const last = order.pop();
    for (const release of order) await release();
    assert.deepEqual(await replay.barrier(), [`new ${first}`]);
    await last?.();
    assert.deepEqual(await replay.until(`del ${first}`), [`del ${first}`]);
  }
});

// Fails if the table of the own namespace is confused with that of another: the pair gives both an
// id, one in each.
test('an id for the own namespace, and one of it in another', async (t) => {
  freshTable(t);
  freshRun(t);
  const replay = await NsidReplay.open(t);
  await replay.assign('/proc/self/ns/net', 4);
  ip('netns', 'add', 'a');
  const inside = await NsidReplay.open(t, { namespace: 'a' });
  ip('link', 'add', 'outside', 'type', 'veth', 'peer', 'name', 'inside');
  ip('link', 'set', 'inside', 'netns', 'a');
  assert.deepEqual(await replay.settleAt(0, 4), ['new 4', 'new 0']);
  assert.deepEqual(await inside.settleAt(0), ['new 0']);
});
