/**
 * Exchanges that fail: the socket is read empty, and the next one works. Over a socket whose kernel
 * is the test.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { NLMSG_ERROR } from '../../src/netlink/constants.ts';
import { encodeMessage } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { NsidDumpRequest } from '../../src/netlink/nsid-dump.ts';
import { Requester } from '../../src/netlink/requester.ts';
import type { Exchange } from '../../src/netlink/requester.ts';
import { errno } from '../../src/sys/errno.ts';
import { within } from '../support/wait.ts';
import { askedNsid, done, dumped, refusal, reply } from './answers.ts';
import { queriesOf, queryOf } from './exchanges.ts';
import { native } from './native.ts';
import { PORT, ScriptedSocket } from './scripted-socket.ts';
import type { Delivery } from './scripted-socket.ts';

const CLOSED = { name: 'NlinkError', code: 'ERR_NLINK_CLOSED' };

type Answer = (first: NetlinkMessage, all: NetlinkMessage[]) => Delivery[];

/**
 * An exchange whose answer is this one fails so, whether the answer is there at once or comes
 * later.
 */
function fails(
  what: string,
  make: () => Exchange<unknown>,
  answer: Answer,
  expected: { code: string; syscall?: string },
): void {
  for (const late of [false, true]) {
    test(`${what}, ${late ? 'later' : 'at once'}: it fails, and the next one works`, async () => {
      let isBroken = true;
      const socket = new ScriptedSocket({
        onSend: (first, socket, all) => {
          assert.equal(socket.queued, 0, 'read empty before the next request is sent');
          if (!isBroken) socket.deliver(...all.map((request) => reply(request, askedNsid(request))));
          else if (!late) socket.deliver(...answer(first, all));
          isBroken = false;
        },
      });
      const requester = new Requester(socket.raw);
      const failure = assert.rejects(async () => requester.exchange(make()), expected);
      const behind = [queryOf(7), queriesOf(3, 4)].map(async (exchange: Exchange<unknown>) =>
        requester.exchange(exchange),
      );
      if (late) socket.deliver(...answer(socket.last, socket.sent[0] ?? []));
      await within('the failure', failure);
      assert.deepEqual(await within('those in line', Promise.all(behind)), [7, [3, 4]]);
      assert.equal(requester.exchange(queryOf(9)), 9);
      assert.equal(socket.queued, 0);
      assert.deepEqual([socket.listening, socket.referenced], [false, false]);
    });
  }
}

const ENOBUFS = -errno.ENOBUFS;
const malformed = { name: 'NlinkError', code: 'ERR_NLINK_MALFORMED' };
const lie = native('ffffffff 0058 0000 00000001 ee40f905 00 000000 0008 0001 00000007');
const replies: Answer = (_, all) => all.map((request) => reply(request, 1));

fails(
  'ENOBUFS in the place of an answer',
  () => queryOf(1),
  () => [ENOBUFS],
  { code: 'ENOBUFS', syscall: 'recv' },
);
fails(
  'ENOBUFS before the answers of a batch',
  () => queriesOf(1, 2, 3),
  (first, all) => [ENOBUFS, ...replies(first, all)],
  { code: 'ENOBUFS', syscall: 'recvmmsg' },
);
fails(
  'ENOBUFS in the middle of a batch',
  () => queriesOf(1, 2, 3, 4),
  (first, all) => replies(first, all).toSpliced(2, 0, ENOBUFS),
  { code: 'ENOBUFS', syscall: 'recvmmsg' },
);
fails(
  'ENOBUFS in the middle of a dump, which goes on',
  () => new NsidDumpRequest(null),
  (first) => [dumped(first, [{ nsid: 1 }]), ENOBUFS, dumped(first, [{ nsid: 2 }]), done(first)],
  { code: 'ENOBUFS' },
);
fails(
  'another error of recv',
  () => queryOf(1),
  () => [-errno.ENOMEM],
  { code: 'ENOMEM', syscall: 'recv' },
);

fails(
  'a message that lies about its length',
  () => queryOf(1),
  () => [lie],
  malformed,
);
fails(
  'a datagram of one byte',
  () => queryOf(1),
  () => [native('00')],
  malformed,
);
fails(
  'a lie in the middle of a batch',
  () => queriesOf(1, 2, 3),
  (first, all) => replies(first, all).toSpliced(1, 0, lie),
  malformed,
);
fails(
  'a lie in the middle of a dump',
  () => new NsidDumpRequest(null),
  (first) => [Buffer.concat([dumped(first, [{ nsid: 1 }]), lie]), dumped(first, [{ nsid: 2 }]), done(first)],
  malformed,
);
const without =
  (payload: string): Answer =>
  (first) => [reply(first, 1, { payload: native(payload) })];
for (const [what, payload] of [
  ['no id', '00 000000'],
  ['no payload', ''],
  ['half an id', '00 000000 0006 0001 =01000000'],
  ['an attribute that lies about its length', '00 000000 ffff 0001 00000001'],
] as const) {
  fails(`an answer with ${what}`, () => queryOf(1), without(payload), malformed);
  fails(`a batch with ${what} in it`, () => queriesOf(1, 2), without(payload), malformed);
  fails(`a dump with ${what} in it`, () => new NsidDumpRequest(null), without(payload), malformed);
}
fails(
  'a dump with the id -1 in it',
  () => new NsidDumpRequest(null),
  (first) => [dumped(first, [{ nsid: -1 }]), done(first)],
  malformed,
);
const halfRefusal: Answer = ({ sequence }) => [
  encodeMessage({ type: NLMSG_ERROR, sequence, port: PORT, payload: native('=0000') }),
];
fails('half a refusal', () => queryOf(1), halfRefusal, malformed);
fails('half a refusal in a batch', () => queriesOf(1, 2), halfRefusal, malformed);
fails('half a refusal of a dump', () => new NsidDumpRequest(null), halfRefusal, malformed);

const truncated = { code: 'ERR_NLINK_TRUNCATED' };
fails(
  'an answer of more than 64 kB',
  () => queryOf(1),
  (first) => [reply(first, 1, { payload: new Uint8Array(65_536) })],
  truncated,
);
fails(
  'an answer of more than 512 bytes in a batch',
  () => queriesOf(1, 2),
  (first, all) => [reply(first, 1, { payload: new Uint8Array(512) }), ...replies(first, all)],
  truncated,
);

test('a refusal at once is thrown, and nothing else comes of it', () => {
  const socket = new ScriptedSocket({
    onSend: (request, socket) =>
      socket.deliver(
        askedNsid(request) === 1 ? refusal(request, errno.ENOENT, 'no such id') : reply(request, 7),
      ),
  });
  const requester = new Requester(socket.raw);
  assert.throws(() => requester.exchange(queryOf(1)), {
    name: 'NetlinkError',
    code: 'ENOENT',
    errno: -errno.ENOENT,
    text: 'no such id',
  });
  assert.equal(requester.exchange(queryOf(7)), 7);
});

test('a send that fails: nothing is waited for', () => {
  let result = -errno.EMSGSIZE;
  const socket = new ScriptedSocket({
    onSend: (request, socket) => {
      if (result >= 0) socket.deliver(reply(request, 7));
      return result;
    },
  });
  const requester = new Requester(socket.raw);
  assert.throws(() => requester.exchange(queryOf(7)), { code: 'EMSGSIZE', syscall: 'send' });
  assert.throws(() => requester.exchange(queriesOf(1, 2)), { code: 'EMSGSIZE', syscall: 'send' });
  assert.equal(socket.listening, false);
  result = 28;
  assert.equal(requester.exchange(queryOf(7)), 7);
});

test('close: who waits and who is in line is rejected, and everything is freed', async () => {
  const socket = new ScriptedSocket();
  const requester = new Requester(socket.raw);
  const exchanges: Exchange<unknown>[] = [queriesOf(1, 2), queryOf(3), new NsidDumpRequest(null)];
  const rejected = exchanges.map(async (exchange) =>
    assert.rejects(async () => requester.exchange(exchange), CLOSED),
  );
  await setImmediate();
  assert.deepEqual([socket.listening, socket.inboxes], [true, 1]);
  requester.close();
  requester.close();
  await within('the rejections', Promise.all(rejected));
  assert.deepEqual([socket.closed, socket.inboxes, socket.referenced], [true, 0, false]);
  assert.equal(socket.sent.length, 1);
  assert.throws(() => requester.exchange(queryOf(3)), CLOSED);
});

test('closed when the answer has come but was not yet taken', async () => {
  const socket = new ScriptedSocket();
  const requester = new Requester(socket.raw);
  const rejected = assert.rejects(async () => requester.exchange(queryOf(3)), CLOSED);
  socket.deliver(reply(socket.last, 3));
  requester.close();
  await within('the rejection', rejected);
});

test('closed without ever having been used, or while nobody waits', () => {
  const unused = new ScriptedSocket();
  new Requester(unused.raw).close();
  assert.equal(unused.closed, true);
  const used = new ScriptedSocket({ onSend: (first, socket, all) => socket.deliver(...replies(first, all)) });
  const requester = new Requester(used.raw);
  assert.deepEqual(requester.exchange(queriesOf(1, 2)), [1, 1]);
  requester.close();
  assert.deepEqual([used.closed, used.inboxes], [true, 0]);
});
