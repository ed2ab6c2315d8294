/** The reader of notifications about links, over a socket whose kernel is the test. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { LinkGroupReader } from '../../src/netlink/link-group-reader.ts';
import type { LinkHint } from '../../src/netlink/link-hint.ts';
import { encodeMessage } from '../../src/netlink/message.ts';
import { errno } from '../../src/sys/errno.ts';
import { hex, linkInfo, linkPayload, text, u32 } from './link-encoder.ts';
import { native } from './native.ts';
import { ScriptedSocket } from './scripted-socket.ts';

const changed = (ifindex: number): Uint8Array =>
  encodeMessage({ type: 16, payload: linkPayload({ ifindex }) });

/** The indexes of all hints there are. */
function indexes(reader: LinkGroupReader): number[] {
  const all: number[] = [];
  for (let hint = reader.next(); hint !== null; hint = reader.next()) all.push(hint.ifindex);
  return all;
}

function open(): { socket: ScriptedSocket; reader: LinkGroupReader } {
  const socket = new ScriptedSocket();
  return { socket, reader: new LinkGroupReader(socket.raw, 4096, false) };
}

test('what is no news of a link from the kernel gives no hint', () => {
  const { socket, reader } = open();
  const port = encodeMessage({ type: 17, payload: linkPayload({ family: 7, ifindex: 2 }) });
  socket.deliver(
    changed(1),
    { from: 99, bytes: changed(3) },
    port,
    encodeMessage({ type: 20, payload: linkPayload({ ifindex: 4 }) }),
    Buffer.concat([changed(5), port, changed(6)]),
    new Uint8Array(0),
  );
  assert.deepEqual(indexes(reader), [1, 5, 6]);
  const counters = { datagrams: 5, foreign: 1, overflows: 0, unreadable: 0, otherFamilies: 2 };
  assert.deepEqual([reader.counters, reader.takeLoss(), reader.received], [counters, null, false]);
});

const moved = linkPayload({ ifindex: 7, change: 0xffffffff }, [
  [3, text('one')],
  [1, hex('020000000001')],
  linkInfo('veth', []),
  [45, u32(3)],
  [49, u32(9)],
]);
const hint: LinkHint = {
  type: 'delLink',
  origin: null,
  ifindex: 7,
  newNsid: 3,
  newIfindex: 9,
  name: 'one',
  address: '02:00:00:00:00:01',
  kind: 'veth',
  isBirth: false,
  cut: false,
};

test('a link that moved, whole and cut off at each place', () => {
  const { socket, reader } = open();
  socket.deliver(encodeMessage({ type: 17, payload: moved }));
  assert.deepEqual(reader.next(), hint);
  assert.equal(reader.next(), null);
  // Where the slot ends, by an alias of such a length before what is told.
  for (let length = 1850; length < 2040; length++) {
    const padded = linkPayload({ ifindex: 7, change: 0xffffffff }, [[99, new Uint8Array(length)]]);
    socket.deliver(encodeMessage({ type: 17, payload: Buffer.concat([padded, moved.subarray(16)]) }));
    const got = reader.next();
    assert.equal(got?.ifindex, 7);
    if (!got.cut) assert.deepEqual(got, hint);
    else if (got.newIfindex === null) assert.equal(got.name, null);
    else assert.deepEqual(got, { ...hint, cut: true });
  }
  assert.deepEqual([reader.takeLoss(), reader.counters.unreadable], [null, 0]);
});

for (const [what, bytes] of [
  ['less than a header', native('00')],
  ['a message that lies about its length', native('00000040 0010 0000 00000000 00000000')],
  ['no struct ifinfomsg', encodeMessage({ type: 16, payload: new Uint8Array(15) })],
  [
    'an attribute that lies',
    encodeMessage({ type: 17, payload: Buffer.concat([linkPayload({}), hex('ffff0300')]) }),
  ],
] as const) {
  test(`${what}: a loss, and what waits is dropped`, () => {
    const { socket, reader } = open();
    socket.deliver(changed(1), bytes, changed(2), changed(3));
    assert.deepEqual(indexes(reader), [1]);
    assert.deepEqual([reader.counters.unreadable, reader.takeLoss()], [1, 'malformed']);
    assert.equal(socket.queued, 0);
    socket.deliver(changed(4));
    assert.deepEqual(indexes(reader), [4]);
  });
}

test('ENOBUFS: read empty before anything else, then heard again; closed once', () => {
  const { socket, reader } = open();
  socket.deliver(-errno.ENOBUFS, changed(1), changed(2));
  assert.deepEqual(indexes(reader), []);
  assert.equal(socket.queued, 0);
  assert.deepEqual([...reader.dropped], [[null, 2]]);
  socket.deliver(changed(3));
  assert.deepEqual(indexes(reader), [], 'not before the loss was taken');
  assert.equal(reader.takeLoss(), 'overflow');
  assert.deepEqual(indexes(reader), [3]);
  reader.close();
  reader.close();
  assert.deepEqual([socket.closed, socket.inboxes], [true, 0]);
});
