/** Batches whose answers may be of any length, over a socket whose kernel is the test. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { LinkDump, LinkQueries } from '../../src/netlink/link-request.ts';
import { NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../src/netlink/constants.ts';
import { encodeMessage } from '../../src/netlink/message.ts';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { Requester } from '../../src/netlink/requester.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { errno } from '../../src/sys/errno.ts';
import { within } from '../support/wait.ts';
import { done, refusal } from './answers.ts';
import { linkPayload, text, u32 } from './link-encoder.ts';
import type { Attributes } from './link-encoder.ts';
import { native } from './native.ts';
import { PORT, ScriptedSocket } from './scripted-socket.ts';

const SIZES = { most: 8, cost: 8192, slot: 256 };
const TARGET = 1_000_000;
const LONG = 'x'.repeat(255);

interface Differing {
  alias?: string;
  target?: number | null;
  flags?: number;
}

/** A link with a long alias or without; it repeats the target, unless the kernel is old. */
function answer(
  { sequence }: NetlinkMessage,
  { alias = '', target = TARGET, flags = 0 }: Differing = {},
): Uint8Array {
  const attributes: Attributes = [
    [3, text('one')],
    ...(alias === '' ? [] : ([[20, text(alias)]] as const)),
    ...(target === null ? [] : ([[46, u32(target)]] as const)),
  ];
  return encodeMessage({ type: 16, sequence, flags, port: PORT, payload: linkPayload({}, attributes) });
}

const queries = (count: number): LinkQueries =>
  new LinkQueries(Array.from({ length: count }, (_, index) => ({ target: TARGET, ifindex: index + 1 })));

/** Long aliases of these ifindexes; the others have none. */
const kernel = (long: readonly number[]) => (request: NetlinkMessage) => {
  const ifindex = new DataView(Uint8Array.from(request.payload).buffer).getInt32(4, littleEndian);
  if (ifindex === 3) return refusal(request, errno.ENODEV);
  return answer(request, { alias: long.includes(ifindex) ? `${LONG.slice(0, -1)}${ifindex}` : '' });
};

const aliases = (answers: readonly unknown[]): unknown[] =>
  answers.map((one) => (typeof one === 'number' ? one : (one as { alias: string | null }).alias));

for (const late of [false, true]) {
  test(`answers longer than their slots are asked for again, ${late ? 'later' : 'at once'}`, async () => {
    const reply = kernel([2, 4]);
    const socket = new ScriptedSocket({
      onSend: (_, socket, all) => {
        const deliver = (): void => socket.deliver(...all.map(reply));
        if (late) void setImmediate().then(deliver);
        else deliver();
      },
    });
    const requester = new Requester(socket.raw, SIZES);
    const answers = await within('the answers', Promise.resolve(requester.exchange(queries(5))));
    const expected = [null, `${LONG.slice(0, -1)}2`, errno.ENODEV, `${LONG.slice(0, -1)}4`, null];
    assert.deepEqual(aliases(answers), expected);
    assert.deepEqual(
      socket.sent.map((all) => all.length),
      [5, 1, 1],
    );
    // The same requests.
    const [first = []] = socket.sent;
    assert.deepEqual(socket.sent.slice(1).flat(), [first[3], first[1]]);
    // The next batch is one again.
    assert.deepEqual(aliases(await requester.exchange(queries(3))), [null, expected[1], errno.ENODEV]);
    assert.equal(socket.queued, 0);
  });
}

test('an answer to another exchange is passed over, whatever its length', () => {
  const reply = kernel([]);
  const socket = new ScriptedSocket({
    onSend: (first, socket, all) => {
      const stranger = { ...first, sequence: first.sequence + 99 };
      socket.deliver(answer(stranger, { alias: LONG }), ...all.map(reply));
    },
  });
  assert.deepEqual(aliases(new Requester(socket.raw, SIZES).exchange(queries(2)) as unknown[]), [null, null]);
  assert.equal(socket.sent.length, 1);
});

test('a batch is as large as its sizes allow', () => {
  for (const [receiveBuffer, batch] of [
    [8 * 1024 * 1024, 8],
    [32 * 1024, 4],
    [100, 1],
  ] as const)
    assert.equal(new Requester(new ScriptedSocket({ receiveBuffer }).raw, SIZES).batch, batch);
});

test('what is sent: the ifindex, no counters of IPv6, the namespace', () => {
  const socket = new ScriptedSocket({
    onSend: (first, socket) => socket.deliver(answer(first, { target: 7 })),
  });
  void new Requester(socket.raw, SIZES).exchange(new LinkQueries([{ target: 7, ifindex: 5 }]));
  const payload = native('00 =00 0000 00000005 00000000 00000000 0008 001d 00000008 0008 002e 00000007');
  assert.deepEqual(socket.sent, [[{ type: 18, flags: 1, sequence: 1, port: 0, payload }]]);
});

const UNSUPPORTED = { name: 'NlinkError', code: 'ERR_NLINK_UNSUPPORTED_KERNEL' };

test('a kernel that does not repeat the namespace has answered for its own', () => {
  const socket = new ScriptedSocket({
    onSend: (first, socket, all) =>
      socket.deliver(...all.map((request) => answer(request, { target: null })), done(first)),
  });
  const requester = new Requester(socket.raw, SIZES);
  assert.throws(() => requester.exchange(queries(2)), UNSUPPORTED);
  assert.throws(() => requester.exchange(new LinkDump(TARGET)), UNSUPPORTED);
  // It is right where that is what was asked for.
  const dump = requester.exchange(new LinkDump(null));
  assert(!(dump instanceof Promise));
  assert.equal(dump.all.length, 1);
});

test('a dump that was interrupted says so', () => {
  for (const [flags, interrupted] of [
    [NLM_F_MULTI, false],
    [NLM_F_MULTI | NLM_F_DUMP_INTR, true],
  ] as const) {
    const socket = new ScriptedSocket({
      onSend: (first, socket) => socket.deliver(answer(first, { flags }), answer(first), done(first)),
    });
    const dump = new Requester(socket.raw, SIZES).exchange(new LinkDump(TARGET));
    assert(!(dump instanceof Promise));
    assert.deepEqual([dump.all.length, dump.interrupted], [2, interrupted]);
  }
});
