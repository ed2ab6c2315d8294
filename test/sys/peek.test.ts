/** A look into the queue of a Unix socket: what is in it is duplicated, and stays there. */
import { strict as assert } from 'node:assert';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { errno } from '../../src/sys/errno.ts';
import { inspectionSystem } from '../../src/sys/inspection.ts';
import { bind } from '../../src/sys/library.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { sendDescriptors, SOCK_DGRAM, SOCK_STREAM, socketPair } from '../support/in-flight.ts';

const SOL_SOCKET = 1;
const SO_PASSCRED = 16;
const SO_TIMESTAMP = 29;
const SO_PASSPIDFD = 76;
const system = inspectionSystem();
const linkOf = (fd: number): string => readlinkSync(`/proc/self/fd/${fd}`);

/** A pair, closed after the test. */
function pairOf(t: TestContext, type: number): [sender: number, receiver: number] {
  const pair = socketPair(type);
  t.after(() => pair.forEach((fd) => closeSync(fd)));
  return pair;
}

/** Where the peeked ones lead, which are closed. */
function peeked(fd: number): string[] | number {
  const found = system.peekDescriptors(fd);
  if (typeof found === 'number') return found;
  const links = found.sent.map(linkOf);
  for (const copy of [...found.sent, ...found.others]) closeSync(copy);
  return links;
}

for (const [name, type] of [
  ['datagrams', SOCK_DGRAM],
  ['a stream', SOCK_STREAM],
] as const) {
  test(`of ${name} the first message, again and again; nothing is left open`, async (t) => {
    const [sender, receiver] = pairOf(t, type);
    assert.equal(peeked(receiver), -errno.EAGAIN);
    const [first, second] = [openSync('/dev/null', 'r'), openSync('/dev/zero', 'r')];
    sendDescriptors(sender, first, second, first);
    sendDescriptors(sender, second);
    closeSync(first);
    closeSync(second);
    await withoutLeak(() => {
      for (let round = 0; round < 3; round++)
        assert.deepEqual(peeked(receiver), ['/dev/null', '/dev/zero', '/dev/null']);
    });
    assert.equal(peeked(sender), -errno.EAGAIN);
  });
}

test('as many as a message carries, beside credentials, a time and the sender as a descriptor', (t) => {
  const [sender, receiver] = pairOf(t, SOCK_DGRAM);
  const setOption = bind('int setsockopt(int fd, int level, int option, const void *value, uint32_t length)');
  const isSet = [SO_PASSCRED, SO_TIMESTAMP, SO_PASSPIDFD].map((option) =>
    setOption(receiver, SOL_SOCKET, option, Int32Array.of(1), 4),
  );
  const fd = openSync('/dev/null', 'r');
  t.after(() => closeSync(fd));
  sendDescriptors(sender, ...Array.from({ length: 253 }, () => fd));
  const found = system.peekDescriptors(receiver);
  assert.ok(typeof found === 'object');
  assert.deepEqual([...new Set(found.sent.map(linkOf))], ['/dev/null']);
  // SO_PASSPIDFD since Linux 6.5.
  assert.deepEqual([found.sent.length, found.others.length], [253, isSet[2] === 0 ? 1 : 0]);
  for (const copy of [...found.sent, ...found.others]) closeSync(copy);
});

test('what is no socket: refused', (t) => {
  const fd = openSync('/dev/null', 'r');
  t.after(() => closeSync(fd));
  assert.equal(system.peekDescriptors(fd), -errno.ENOTSOCK);
});
