/** What the kernel tells of links, as hints: of all namespaces that have a number, or of one's own. */
import '../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NETLINK_ROUTE } from '../../src/netlink/constants.ts';
import { LinkGroupReader } from '../../src/netlink/link-group-reader.ts';
import type { LinkHint } from '../../src/netlink/link-hint.ts';
import { openSockets } from '../../src/netlink/raw-socket.ts';
import type { RawSocket } from '../../src/netlink/raw-socket.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { ip } from '../support/netns.ts';
import { freshTable, makeNamespaces } from '../support/nsids.ts';
import { inside, openScratch } from './scratch-links.ts';

const A = 1_000_001;
const B = 1_000_002;

interface Scene {
  reader: LinkGroupReader;
  a: string;
  b: string;
}

/** A reader in a scratch namespace in which two namespaces have a number. */
async function setScene(t: TestContext, receiveBuffer = 4 * 1024 * 1024): Promise<Scene> {
  const [a = '', b = ''] = makeNamespaces(2);
  const scratch = await openScratch(t, 1);
  const reader = new LinkGroupReader(scratch.sockets[0] as RawSocket, receiveBuffer, true);
  t.after(() => reader.close());
  scratch.number(a, A);
  scratch.number(b, B);
  return { reader, a, b };
}

/** All there is. */
function hints(reader: LinkGroupReader): LinkHint[] {
  const all: LinkHint[] = [];
  for (let hint = reader.next(); hint !== null; hint = reader.next()) all.push(hint);
  return all;
}

const PLAIN = {
  newNsid: null,
  newIfindex: null,
  name: null,
  address: null,
  kind: null,
  isBirth: false,
  cut: false,
};

test('a link is made, changed, moved, renamed on the way, deleted', async (t) => {
  const { reader, a, b } = await setScene(t);
  const marks = { address: '02:00:00:00:00:01', kind: 'bridge' };
  const macvlan = { address: '02:00:00:00:00:02', kind: 'macvlan' };
  inside(a, 'link', 'add', 'one', 'index', '7', 'address', marks.address, 'type', 'bridge');
  assert.deepEqual(hints(reader), [
    { ...PLAIN, ...marks, type: 'newLink', origin: A, ifindex: 7, name: 'one', isBirth: true },
  ]);
  inside(a, 'link', 'set', 'one', 'mtu', '1400');
  assert.deepEqual(hints(reader), [{ ...PLAIN, type: 'newLink', origin: A, ifindex: 7 }]);
  const add = ['link', 'add', 'two', 'link', 'one', 'index', '8', 'address', macvlan.address];
  inside(a, ...add, 'type', 'macvlan');
  assert.deepEqual(
    hints(reader).flatMap(({ ifindex, name }) => (ifindex === 8 ? [name] : [])),
    ['two'],
  );
  inside(a, 'link', 'set', 'two', 'netns', b, 'name', 'three');
  const moved = hints(reader);
  const [gone, arrived] = moved.filter(({ name }) => name !== null);
  const newNsid = gone?.newNsid ?? -1;
  // In the table of the namespace that it left.
  assert(newNsid >= 0 && newNsid < A, String(newNsid));
  assert.deepEqual(gone, {
    ...PLAIN,
    ...macvlan,
    type: 'delLink',
    origin: A,
    ifindex: 8,
    newNsid,
    newIfindex: arrived?.ifindex,
    name: 'two',
  });
  const expected = { ...PLAIN, ...macvlan, type: 'newLink', origin: B, isBirth: true } as const;
  assert.deepEqual(arrived, { ...expected, ifindex: gone?.newIfindex ?? 0, name: arrived?.name ?? '' });
  inside(b, 'link', 'delete', 'three');
  assert.deepEqual(hints(reader).at(-1), { ...PLAIN, type: 'delLink', origin: B, ifindex: arrived?.ifindex });
  assert.equal(reader.takeLoss(), null);
});

test('what a bridge says of its ports is no hint', async (t) => {
  const { reader, a } = await setScene(t);
  inside(a, 'link', 'add', 'bridge0', 'type', 'bridge');
  inside(a, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
  inside(a, 'link', 'set', 'one', 'master', 'bridge0');
  hints(reader);
  const { otherFamilies } = reader.counters;
  inside(a, 'link', 'set', 'one', 'nomaster');
  assert.deepEqual(
    hints(reader).filter(({ type }) => type === 'delLink'),
    [],
  );
  assert(reader.counters.otherFamilies > otherFamilies);
});

test('a notification that is longer than its slot is a hint all the same', async (t) => {
  const { reader, a, b } = await setScene(t);
  inside(a, 'link', 'add', 'base', 'type', 'bridge');
  inside(a, 'link', 'add', 'one', 'link', 'base', 'index', '7', 'type', 'macvlan');
  for (let index = 0; index < 20; index++)
    inside(a, 'link', 'property', 'add', 'dev', 'one', 'altname', `${index}-`.padEnd(120, 'x'));
  hints(reader);
  inside(a, 'link', 'set', 'one', 'mtu', '1300');
  assert.deepEqual(hints(reader), [{ ...PLAIN, type: 'newLink', origin: A, ifindex: 7, cut: true }]);
  inside(a, 'link', 'set', 'one', 'netns', b);
  const moved = hints(reader).filter(({ name }) => name === 'one');
  // The altnames stand at the end.
  assert.deepEqual(
    moved.map(({ type, cut, kind }) => [type, cut, kind]),
    [
      ['delLink', true, 'macvlan'],
      ['newLink', true, 'macvlan'],
    ],
  );
  assert.equal(moved[0]?.newIfindex, moved[1]?.ifindex);
  assert.deepEqual([reader.takeLoss(), reader.counters.unreadable], [null, 0]);
});

test('more than the buffer holds: one loss, read empty, and by whom', async (t) => {
  const { reader, a, b } = await setScene(t, 32 * 1024);
  inside(a, 'link', 'add', 'one', 'type', 'bridge');
  inside(b, 'link', 'add', 'one', 'type', 'bridge');
  hints(reader);
  inside(b, 'link', 'set', 'one', 'mtu', '1300');
  for (let count = 0; count < 60; count++) inside(a, 'link', 'set', 'one', 'mtu', String(1300 + count));
  assert.deepEqual(hints(reader), []);
  assert.deepEqual([reader.takeLoss(), reader.takeLoss()], ['overflow', null]);
  assert(reader.counters.overflows >= 1);
  const fromA = reader.dropped.get(A) ?? 0;
  assert(fromA > 1, String(fromA));
  assert.deepEqual([...reader.dropped.keys()], [B, A]);
  assert.equal(reader.dropped.get(B), 1);
  // It hears again.
  inside(a, 'link', 'set', 'one', 'mtu', '1300');
  assert.deepEqual(
    hints(reader).map(({ origin }) => origin),
    [A],
  );
});

test("one's own namespace only: without an origin", (t) => {
  freshTable(t);
  const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1);
  const reader = new LinkGroupReader(socket as RawSocket, 1024 * 1024, false);
  t.after(() => reader.close());
  ip('link', 'set', 'lo', 'up');
  assert.deepEqual(hints(reader), [{ ...PLAIN, type: 'newLink', origin: null, ifindex: 1 }]);
});
