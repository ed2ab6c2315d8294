/**
 * Exchanges whose answers are not there at once: one waits, the others are in line. Over a socket
 * whose kernel is the test.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { RTM_GETNSID } from '../../src/netlink/constants.ts';
import { GeneralRequest } from '../../src/netlink/general-request.ts';
import { NsidDumpRequest } from '../../src/netlink/nsid-dump.ts';
import { Requester } from '../../src/netlink/requester.ts';
import type { Exchange } from '../../src/netlink/requester.ts';
import { errno } from '../../src/sys/errno.ts';
import { within } from '../support/wait.ts';
import { askedNsid, done, refusal, reply } from './answers.ts';
import { queriesOf, queryOf } from './exchanges.ts';
import { native } from './native.ts';
import { ScriptedSocket } from './scripted-socket.ts';

test('the first part of an answer is there at once, the rest later', async () => {
  const socket = new ScriptedSocket({ onSend: (request, socket) => socket.deliver(reply(request, 3)) });
  const promise = new Requester(socket.raw).exchange(queriesOf(3, 4));
  assert.ok(promise instanceof Promise);
  const [, second] = socket.sent[0] ?? [];
  assert.ok(second);
  socket.deliver(reply(second, 4));
  assert.deepEqual(await within('the rest', promise), [3, 4]);
});

test('one after the other waits', async () => {
  const socket = new ScriptedSocket();
  const requester = new Requester(socket.raw);
  for (let nsid = 0; nsid < 5; nsid++) {
    const promise = requester.exchange(queryOf(nsid));
    assert.deepEqual([socket.listening, socket.referenced], [true, true]);
    await setImmediate();
    socket.deliver(reply(socket.last, nsid));
    assert.equal(await within(`answer ${nsid}`, Promise.resolve(promise)), nsid);
    assert.deepEqual([socket.listening, socket.referenced], [false, false]);
  }
});

test('a refusal that comes later', async () => {
  const text = 'Peer netns reference is invalid';
  const expected = { name: 'NetlinkError', code: 'ENOENT', syscall: 'RTM_GETNSID', text };
  const socket = new ScriptedSocket();
  const requester = new Requester(socket.raw);
  const general = new GeneralRequest({ type: RTM_GETNSID, payload: native('00 000000') });
  for (const exchange of [queryOf(7), general] as Exchange<unknown>[]) {
    const refused = assert.rejects(async () => requester.exchange(exchange), expected);
    socket.deliver(refusal(socket.last, errno.ENOENT, text));
    await within('the refusal', refused);
    assert.deepEqual([socket.listening, socket.referenced], [false, false]);
  }
  const dump = assert.rejects(async () => requester.exchange(new NsidDumpRequest(1)), { code: 'EINVAL' });
  socket.deliver(done(socket.last, errno.EINVAL));
  await within('the end of the dump', dump);
  // In a batch it is one of the answers.
  const batch = requester.exchange(queriesOf(3, 4));
  const [first, second] = socket.sent.at(-1) ?? [];
  assert.ok(first && second);
  socket.deliver(refusal(first, errno.ENOENT, text), reply(second, 4));
  const [refused, found] = await within('the answers', Promise.resolve(batch));
  assert.equal((refused as { code?: string }).code, 'ENOENT');
  assert.equal(found, 4);
});

test('who comes while another waits is in line: sent in order, answered in order', async () => {
  const socket = new ScriptedSocket();
  const requester = new Requester(socket.raw);
  const order: unknown[] = [];
  const ask = async (exchange: Exchange<unknown>): Promise<void> => {
    order.push(await requester.exchange(exchange));
  };
  const asked = [queryOf(0), queryOf(1), queriesOf(2, 3), queryOf(4)].map(ask);
  for (let turn = 0; turn < 5; turn++) {
    await setImmediate();
    assert.equal(socket.sent.length, turn + 1, 'each is sent when the one before is done');
    // One more comes meanwhile, and is the last.
    if (turn === 1) asked.push(ask(queryOf(5)));
    socket.deliver(...(socket.sent[turn] ?? []).map((request) => reply(request, askedNsid(request))));
    await within(`answer ${turn}`, Promise.resolve(asked[turn]));
  }
  await within('all answers', Promise.all(asked));
  assert.deepEqual(order, [0, 1, [2, 3], 4, 5]);
});

test('who is in line behind one that waits, and is answered at once', async () => {
  let isSlow = true;
  const socket = new ScriptedSocket({
    onSend: (request, socket) => {
      if (!isSlow) socket.deliver(reply(request, askedNsid(request)));
      isSlow = false;
    },
  });
  const requester = new Requester(socket.raw);
  const asked = [0, 1, 2].map(async (nsid) => requester.exchange(queryOf(nsid)));
  socket.deliver(reply(socket.last, 0));
  assert.deepEqual(await within('the answers', Promise.all(asked)), [0, 1, 2]);
  // And then nobody waits.
  assert.equal(requester.exchange(queryOf(3)), 3);
});

test('who is asked for by the continuation of another is behind those in line', async () => {
  const socket = new ScriptedSocket();
  const requester = new Requester(socket.raw);
  const order: number[] = [];
  const ask = async (nsid: number): Promise<void> => {
    await requester.exchange(queryOf(nsid));
    order.push(nsid);
  };
  const asked = [ask(0).then(() => ask(2)), ask(1)];
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate();
    socket.deliver(reply(socket.last, 1));
    await setImmediate();
  }
  await within('the answers', Promise.all(asked));
  assert.deepEqual(order, [0, 1, 2]);
});

test('keeps waiting after a wake-up without data', async () => {
  const socket = new ScriptedSocket();
  const promise = new Requester(socket.raw).exchange(queryOf(7));
  for (let turn = 0; turn < 3; turn++) {
    socket.tellForNothing();
    await setImmediate();
  }
  assert.equal(socket.listening, true);
  socket.deliver(reply(socket.last, 7));
  assert.equal(await within('the answer', Promise.resolve(promise)), 7);
});
