/** What opening the process connector comes to, and what is taken from it; the kernel is the test. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NetlinkMessage } from '../../src/netlink/message.ts';
import { ProcessHints } from '../../src/netlink/process-hints.ts';
import { littleEndian } from '../../src/sys/endian.ts';
import { errno } from '../../src/sys/errno.ts';
import { answerOf, PROCESS, processEvents, programOf } from './process-events.ts';
import { PORT, ScriptedSocket } from './scripted-socket.ts';
import type { Delivery, ScriptedSocketOptions } from './scripted-socket.ts';

/** The operation of a request. */
const operationOf = ({ payload }: NetlinkMessage): number =>
  new DataView(payload.buffer, payload.byteOffset).getUint32(20, littleEndian);
const [LISTEN, IGNORE] = [1, 2];

/** A kernel that answers a request to listen so. */
const answering = (...deliveries: Delivery[]): ScriptedSocketOptions => ({
  onSend: (message, socket) => {
    if (operationOf(message) === LISTEN) socket.deliver(...deliveries);
  },
});

function listening(): { socket: ScriptedSocket; hints: ProcessHints } {
  const socket = new ScriptedSocket(answering(answerOf(PORT)));
  const hints = ProcessHints.listen(socket.raw);
  assert(hints instanceof ProcessHints);
  return { socket, hints };
}

const operations = ({ sent }: ScriptedSocket): number[] => sent.flat().map(operationOf);

test('listens once it is answered; whatever comes before that is dropped', () => {
  const socket = new ScriptedSocket(
    answering(
      -errno.ENOBUFS,
      processEvents.program,
      answerOf(7),
      { from: 9, bytes: answerOf(PORT, 1) },
      answerOf(PORT),
    ),
  );
  const hints = ProcessHints.listen(socket.raw);
  assert(hints instanceof ProcessHints);
  assert.deepEqual(operations(socket), [LISTEN]);
  assert.equal(hints.take(), undefined);
  hints.close();
  assert.deepEqual(operations(socket), [LISTEN, IGNORE], 'the kernel counts');
  assert.equal(socket.inboxes, 0);
  assert(socket.closed);
});

const refused: [what: string, options: ScriptedSocketOptions, refusal: string, code: string | undefined][] = [
  ['to join', { join: -errno.EPERM }, 'right', 'EPERM'],
  ['to send', { onSend: () => -errno.ECONNREFUSED }, 'place', 'ECONNREFUSED'],
  ['by the answer', answering(answerOf(PORT, errno.EPERM)), 'right', 'EPERM'],
  ['by silence', answering(processEvents.program, answerOf(7)), 'silence', undefined],
];
for (const [what, options, refusal, code] of refused) {
  test(`refused ${what}: ${refusal}`, () => {
    const socket = new ScriptedSocket(options);
    const hints = ProcessHints.listen(socket.raw);
    assert('refused' in hints);
    assert.equal(hints.refused, refusal);
    assert.equal(hints.cause?.code, code);
    assert.equal(socket.inboxes, 0);
    assert(socket.closed);
  });
}

const failing: [what: string, options: ScriptedSocketOptions, code: string][] = [
  ['to join', { join: -errno.ENOMEM }, 'ENOMEM'],
  ['to send', { onSend: () => -errno.ENOBUFS }, 'ENOBUFS'],
  ['to receive', answering(-errno.EINTR), 'EINTR'],
  ['by the answer', answering(answerOf(PORT, errno.ENOMEM)), 'ENOMEM'],
];
for (const [what, options, code] of failing) {
  test(`fails ${what}: ${code} is thrown, nothing is left open`, () => {
    const socket = new ScriptedSocket(options);
    assert.throws(() => ProcessHints.listen(socket.raw), { code });
    assert.equal(socket.inboxes, 0);
    assert(socket.closed);
  });
}

test('each process once; threads, ends and what others send are nothing', () => {
  const { socket, hints } = listening();
  const { child, program, thread, user, name, end } = processEvents;
  socket.deliver(child, program, thread, user, name, end, answerOf(7), programOf(3));
  socket.deliver({ from: 9, bytes: programOf(4) }, programOf(0), programOf(-1), child);
  assert.deepEqual(hints.take(), [PROCESS, 3]);
  assert.equal(hints.take(), undefined);
  socket.deliver(child);
  assert.deepEqual(hints.take(), [PROCESS], 'again, since it was taken before');
});

test('takes no more than so many at once, and leaves the others', () => {
  const { socket, hints } = listening();
  const pids = Array.from({ length: 300 }, (_, index) => index + 1);
  socket.deliver(...pids.map(programOf));
  assert.deepEqual(hints.take(), pids.slice(0, 256));
  assert.equal(socket.queued, 44);
  assert.deepEqual(hints.take(), pids.slice(256));
  assert.equal(hints.take(), undefined);
});

for (const before of [0, 64]) {
  test(`a loss after ${before}: all that waits is dropped, what comes later is not`, () => {
    const { socket, hints } = listening();
    const some = Array.from({ length: 3 * 64 }, () => processEvents.program);
    socket.deliver(...some.slice(0, before), -errno.ENOBUFS, ...some);
    assert.equal(hints.take(), 'overflow');
    assert.equal(socket.queued, 0);
    assert.equal(hints.take(), undefined);
    socket.deliver(programOf(6));
    assert.deepEqual(hints.take(), [6]);
  });
}

test('another failure is thrown', () => {
  const { socket, hints } = listening();
  socket.deliver(-errno.EIO);
  assert.throws(() => hints.take(), { code: 'EIO', syscall: 'recvmmsg' });
});

test('waits only between start and pause, and keeps the process alive only if it is to', () => {
  const { socket, hints } = listening();
  hints.pause();
  hints.unref();
  assert.equal(socket.listening, false);
  hints.start(() => {});
  assert.deepEqual([socket.listening, socket.referenced], [true, true]);
  hints.pause();
  hints.unref();
  assert.deepEqual([socket.listening, socket.referenced], [false, false]);
  hints.resume();
  hints.ref();
  assert.deepEqual([socket.listening, socket.referenced], [true, true]);
  hints.close();
  assert.equal(hints.take(), undefined);
  hints.close();
});
