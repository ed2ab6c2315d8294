/**
 * Descriptors from one socket to another: the structures of every kind of machine, and the real
 * calls, which leave nothing open.
 */
import { strict as assert } from 'node:assert';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  DescriptorMessage,
  descriptorPassing,
  MOST_DESCRIPTORS,
  MOST_TEXT,
} from '../../src/sys/descriptor-passing.ts';
import type { Layout } from '../../src/sys/descriptor-passing.ts';
import { check, errno } from '../../src/sys/errno.ts';
import { bind } from '../../src/sys/library.ts';
import { openDescriptors, withDescriptorsLeft, withoutLeak } from '../support/descriptors.ts';

/** The descriptors of the next message. */
function receiveDescriptors(fd: number): readonly number[] | number {
  const message = descriptorPassing.receiveMessage(fd);
  return typeof message === 'number' ? message : message.descriptors;
}

const ADDRESS = 0x1000n;
const MSG_CTRUNC = 8;

/** A message in memory that a test can read as the kernel would, and write. */
function messageOf(pointer: 4 | 8, littleEndian: boolean) {
  let memory = new ArrayBuffer(0);
  const allocate = (size: number): ReturnType<Layout['allocate']> => ({
    address: ADDRESS,
    buffer: (memory = new ArrayBuffer(size)),
  });
  const message = new DescriptorMessage({ pointer, littleEndian, allocate });
  const view = new DataView(memory);
  const word = (at: number): number =>
    pointer === 8 ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const setWord = (at: number, value: number): void =>
    pointer === 8
      ? view.setBigUint64(at, BigInt(value), littleEndian)
      : view.setUint32(at, value, littleEndian);
  const int = (at: number): number => view.getInt32(at, littleEndian);
  const setInt = (at: number, value: number): void => view.setInt32(at, value, littleEndian);
  const setText = (at: number, text: string): void => void Buffer.from(memory).write(text, at);
  /** Where a pointer at this place leads to. */
  const target = (at: number): number => word(at) - Number(ADDRESS);
  return { message, word, setWord, int, setInt, setText, target, size: memory.byteLength };
}

for (const pointer of [4, 8] as const)
  for (const littleEndian of [true, false]) {
    const machine = `${pointer * 8} bits, ${littleEndian ? 'little' : 'big'} endian`;
    const control = 4 * pointer;
    const controlLength = 5 * pointer;
    const flags = 6 * pointer;
    const head = pointer + 8;

    test(`${machine}: a message to send`, () => {
      const { message, word, int, target, size } = messageOf(pointer, littleEndian);
      message.put([7, 300, 9]);
      message.put([5, 258]);
      // No address; one iovec of one byte, inside the memory.
      assert.deepEqual([word(0), int(pointer), word(3 * pointer)], [0, 0, 1]);
      const vector = target(2 * pointer);
      assert.equal(word(vector + pointer), 1);
      assert(target(vector) >= target(control) + head + 4 * MOST_DESCRIPTORS && target(vector) < size);
      const at = target(control);
      assert.equal(at % pointer, 0);
      assert.deepEqual([word(controlLength), word(at)], [head + 8, head + 8]);
      assert.deepEqual([int(at + pointer), int(at + pointer + 4)], [1, 1]);
      assert.deepEqual([int(at + head), int(at + head + 4)], [5, 258]);
      assert.equal(word(flags), 0);
    });

    test(`${machine}: messages received`, () => {
      const { message, word, setWord, setInt, setText, target, size } = messageOf(pointer, littleEndian);
      const at = target(control);
      const vector = target(2 * pointer);
      /** What the kernel writes. */
      const receive = (descriptors: readonly number[], flag = 0, kind = 1): void => {
        message.clear();
        assert.equal(word(controlLength), head + 4 * MOST_DESCRIPTORS);
        assert(at + word(controlLength) <= target(vector));
        assert.equal(word(vector + pointer), MOST_TEXT);
        assert.equal(target(vector) + MOST_TEXT, size);
        setInt(flags, flag);
        setWord(controlLength, descriptors.length === 0 ? 0 : head + 4 * descriptors.length);
        if (descriptors.length === 0) return;
        setWord(at, head + 4 * descriptors.length);
        setInt(at + pointer, 1);
        setInt(at + pointer + 4, kind);
        for (const [index, fd] of descriptors.entries()) setInt(at + head + 4 * index, fd);
      };
      const most = Array.from({ length: MOST_DESCRIPTORS }, (_, index) => 300 + index);
      for (const descriptors of [[3], [40, 7], most, []]) {
        receive(descriptors);
        assert.deepEqual(message.take(0), { descriptors, text: '', complete: true });
      }
      receive([3], MSG_CTRUNC);
      assert.deepEqual(message.take(0), { descriptors: [3], text: '', complete: false });
      // SCM_CREDENTIALS.
      receive([3, 4, 5], 0, 2);
      assert.deepEqual(message.take(0), { descriptors: [], text: '', complete: true });
      for (const [sent, text] of [
        ['no', 'no'],
        ['\0', ''],
        ['x'.repeat(MOST_TEXT), 'x'.repeat(MOST_TEXT)],
      ] as const) {
        receive([9]);
        setText(target(vector), sent);
        assert.deepEqual(message.take(sent.length), { descriptors: [9], text, complete: true });
      }
    });
  }

/** Two connected ends, closed at the end of the test, and a file to send. */
function connected(t: TestContext) {
  const pair = descriptorPassing.socketPair();
  assert(typeof pair !== 'number');
  const file = openSync('/proc/self/maps', 'r');
  const ours = [...pair, file];
  const close = (fd: number): void => {
    closeSync(fd);
    ours.splice(ours.indexOf(fd), 1);
  };
  t.after(() => ours.forEach((fd) => closeSync(fd)));
  return { from: pair[0], to: pair[1], file, close };
}

const flagsOf = (fd: number): number =>
  parseInt(/^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '', 8);
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;

test('both ends, and what is received, are closed to programs; neither end waits', async (t) => {
  const { from, to, file } = connected(t);
  for (const fd of [from, to]) assert.equal(flagsOf(fd) & (O_NONBLOCK | O_CLOEXEC), O_NONBLOCK | O_CLOEXEC);
  assert.equal(receiveDescriptors(to), -errno.EAGAIN);
  await withoutLeak(() => {
    check(descriptorPassing.sendDescriptors(from, [file, from]), 'sendmsg');
    const received = receiveDescriptors(to);
    assert(typeof received !== 'number');
    assert.deepEqual(
      received.map((fd) => fstatSync(fd).ino),
      [file, from].map((fd) => fstatSync(fd).ino),
    );
    for (const fd of received) {
      assert.notEqual(flagsOf(fd) & O_CLOEXEC, 0);
      closeSync(fd);
    }
    assert.equal(receiveDescriptors(to), -errno.EAGAIN);
  });
});

test('messages are received one by one, also after their sender has gone', async (t) => {
  const { from, to, file, close } = connected(t);
  check(descriptorPassing.sendDescriptors(from, [file]), 'sendmsg');
  check(descriptorPassing.sendDescriptors(from, []), 'sendmsg');
  const send = bind('intptr_t send(int fd, const char *bytes, size_t length, int flags)');
  check(send(from, 'rubbish', 7, 0), 'send');
  check(descriptorPassing.sendDescriptors(from, [file, file]), 'sendmsg');
  close(from);
  await withoutLeak(() => {
    const received = [1, 2, 3, 4, 5].map(() => {
      const message = descriptorPassing.receiveMessage(to);
      assert(typeof message !== 'number');
      for (const fd of message.descriptors) closeSync(fd);
      return `${message.descriptors.length} ${message.text}`;
    });
    assert.deepEqual(received, ['1 ', '0 ', '0 rubbish', '2 ', '0 ']);
  });
});

test('too many, or nobody to receive them', async (t) => {
  const { from, to, file, close } = connected(t);
  const most = Array.from({ length: MOST_DESCRIPTORS }, () => file);
  assert.equal(descriptorPassing.sendDescriptors(from, [...most, file]), -errno.EINVAL);
  check(descriptorPassing.sendDescriptors(from, most), 'sendmsg');
  await withoutLeak(() => {
    const received = receiveDescriptors(to);
    assert(typeof received !== 'number');
    assert.equal(received.length, MOST_DESCRIPTORS);
    for (const fd of received) closeSync(fd);
  });
  assert.equal(descriptorPassing.sendDescriptors(from, [9999]), -errno.EBADF);
  close(to);
  // Without a signal, which would end the process.
  assert.equal(descriptorPassing.sendDescriptors(from, [file]), -errno.EPIPE);
});

test('no room for all of them: EMFILE, and none is left', async (t) => {
  const { from, to, file } = connected(t);
  for (const left of [0, 1, 2]) {
    check(descriptorPassing.sendDescriptors(from, [file, file, file]), 'sendmsg');
    await withoutLeak(() =>
      withDescriptorsLeft(left, async () => assert.equal(receiveDescriptors(to), -errno.EMFILE)),
    );
  }
  const before = openDescriptors();
  check(descriptorPassing.sendDescriptors(from, [file]), 'sendmsg');
  const [fd] = receiveDescriptors(to) as number[];
  assert(fd !== undefined && !before.has(String(fd)));
  closeSync(fd);
});
