/** Requests and their answers: over a socket whose kernel is the test. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { NLM_F_REQUEST, RTM_GETNSID } from '../../src/netlink/constants.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { Requester } from '../../src/netlink/requester.ts';
import type { Exchange } from '../../src/netlink/requester.ts';
import { errno } from '../../src/sys/errno.ts';
import { within } from '../support/wait.ts';
import { done, dumped, refusal, reply } from './answers.ts';
import { kinds, queriesOf, queryOf } from './exchanges.ts';
import { native } from './native.ts';
import { PORT, ScriptedSocket } from './scripted-socket.ts';

for (const { what, make, answer, result } of kinds) {
  test(`${what}: an answer that is there at once is returned, and nothing is polled`, () => {
    const socket = new ScriptedSocket({
      onSend: (first, socket, all) => socket.deliver(...answer(first, all)),
    });
    assert.deepEqual(new Requester(socket.raw).exchange(make()), result);
    assert.equal(socket.listening, false);
    assert.equal(socket.queued, 0);
  });

  test(`${what}: an answer that comes later, piece by piece`, async () => {
    const socket = new ScriptedSocket();
    const promise = new Requester(socket.raw).exchange(make());
    assert.ok(promise instanceof Promise);
    for (const piece of answer(socket.last, socket.sent[0] ?? [])) {
      await setImmediate();
      assert.deepEqual([socket.listening, socket.referenced], [true, true]);
      socket.deliver(piece);
    }
    assert.deepEqual(await within('the answer', promise), result);
    // Nobody waits, and nothing keeps the process alive.
    assert.deepEqual([socket.listening, socket.referenced], [false, false]);
  });

  test(`${what}: answers to others are passed over`, async () => {
    const soon = new ScriptedSocket({
      onSend: (first, socket, all) => {
        for (const datagram of answer(first, all)) socket.deliver(...strangers(first, all.length), datagram);
      },
    });
    assert.deepEqual(new Requester(soon.raw).exchange(make()), result);
    assert.equal(soon.queued, 0);
    const late = new ScriptedSocket();
    const promise = new Requester(late.raw).exchange(make());
    late.deliver(...strangers(late.last, late.sent[0]?.length ?? 0));
    await setImmediate();
    assert.equal(late.queued, 0);
    late.deliver(...answer(late.last, late.sent[0] ?? []));
    assert.deepEqual(await within('the answer', Promise.resolve(promise)), result);
  });
}

/** What was asked for long ago, or by another socket; some of it makes no sense. */
function strangers(request: NetlinkMessage, count: number): Uint8Array[] {
  const { sequence } = request;
  const before = { ...request, sequence: sequence - 1 };
  return [
    reply(request, 99, { sequence: sequence - 1 }),
    reply(request, 99, { sequence: sequence + count }),
    reply(request, 99, { sequence: 0 }),
    reply(request, 99, { sequence: 0xffffffff }),
    reply(request, 99, { port: 0 }),
    reply(request, 99, { port: PORT & 0x7fffffff }),
    reply(request, 99, { sequence: 0, payload: new Uint8Array(0) }),
    Buffer.concat([dumped(before, [{ nsid: 99 }]), done(before)]),
    refusal(before, errno.EPERM),
  ];
}

test('an answer behind one to another, in the same datagram', () => {
  const socket = new ScriptedSocket({
    onSend: (request, socket) =>
      socket.deliver(Buffer.concat([reply(request, 99, { sequence: 0 }), reply(request, 7)])),
  });
  assert.equal(new Requester(socket.raw).exchange(queryOf(7)), 7);
});

test('what is sent: a request, by number, to the kernel', async () => {
  const socket = new ScriptedSocket({ onSend: (request, socket) => socket.deliver(reply(request, 7)) });
  await new Requester(socket.raw).exchange(queryOf(7));
  const payload = native('00 000000 0008 0001 00000007');
  assert.deepEqual(socket.sent, [
    [{ type: RTM_GETNSID, flags: NLM_F_REQUEST, sequence: 1, port: 0, payload }],
  ]);
});

test('sequence numbers count on, and wrap at 2^32 without ever being 0', async () => {
  const socket = new ScriptedSocket({
    onSend: (_, socket, all) => socket.deliver(...all.map((request) => reply(request, 1))),
  });
  const requester = new Requester(socket.raw);
  const numbers = async (exchange: Exchange<unknown>): Promise<number[]> => {
    await requester.exchange(exchange);
    return (socket.sent.at(-1) ?? []).map(({ sequence }) => sequence);
  };
  assert.deepEqual(await numbers(queryOf(7)), [1]);
  assert.deepEqual(await numbers(queriesOf(1, 2, 3)), [2, 3, 4]);
  // It takes nearly all numbers there are, and is content with the answer to the first.
  const huge: Exchange<null> = {
    count: 2 ** 32 - 10,
    write: (scratch, sequence) => queryOf(7).write(scratch, sequence),
    take: (_, index) => index === 0,
    result: () => null,
  };
  assert.deepEqual(await numbers(huge), [5]);
  assert.deepEqual(await numbers(queryOf(7)), [2 ** 32 - 5]);
  // Four more do not fit.
  assert.deepEqual(await numbers(queriesOf(1, 2, 3, 4)), [1, 2, 3, 4]);
  assert.deepEqual(await numbers(queryOf(7)), [5]);
});

test('a batch is no larger than the receive buffer has room for answers', () => {
  for (const [receiveBuffer, batch] of [
    [212_992, 128],
    [8 * 1024 * 1024, 128],
    [64 * 1024, 39],
    [2304, 1],
    [256, 1],
  ] as const) {
    assert.equal(new Requester(new ScriptedSocket({ receiveBuffer }).raw).batch, batch);
  }
});
