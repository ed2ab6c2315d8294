/**
 * Whether the reader of a pipe is gone, learnt without writing. (Of a socket:
 * test/cli/commands/watch/watch.live.test.ts.)
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { check } from '../../src/sys/errno.ts';
import { onHangup } from '../../src/sys/hangup.ts';
import { bind } from '../../src/sys/library.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { within } from '../support/wait.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SHUT_RD = 0;
const SHUT_WR = 1;

/** Both ends of a pipe. */
function pipe(t: TestContext): { reader: number; writer: number } {
  const directory = mkdtempSync(`${tmpdir()}/nlink-hangup-`);
  t.after(() => rmSync(directory, { recursive: true }));
  execFileSync('mkfifo', [`${directory}/pipe`]);
  const reader = openSync(`${directory}/pipe`, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(`${directory}/pipe`, 'w');
  return { reader, writer };
}

/** As many turns as a call would need to arrive. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

test('told once, when the reader is gone and not before; nothing stays open', async (t) => {
  onHangup(pipe(t).writer, () => {})();
  await withoutLeak(async () => {
    const { reader, writer } = pipe(t);
    let told = 0;
    const gone = new Promise<void>((resolve) => {
      onHangup(writer, () => {
        told++;
        resolve();
      });
    });
    writeSync(writer, 'unread');
    await turns();
    assert.equal(told, 0);
    closeSync(reader);
    await within('the hang-up', gone);
    await turns();
    assert.equal(told, 1);
    closeSync(writer);
  });
});

test('ended: not told, nothing stays open', async (t) => {
  await withoutLeak(async () => {
    const { reader, writer } = pipe(t);
    const end = onHangup(writer, () => assert.fail('told after the end'));
    end();
    end();
    closeSync(reader);
    await turns();
    closeSync(writer);
  });
});

test('ended at any moment around the hang-up: not told after that', async (t) => {
  for (let turn = 0; turn < 4; turn++) {
    const { reader, writer } = pipe(t);
    let ended = false;
    const end = onHangup(writer, () => assert.ok(!ended, `told after the end in turn ${turn}`));
    closeSync(reader);
    for (let passed = 0; passed < turn; passed++) await new Promise(setImmediate);
    end();
    ended = true;
    await turns();
    closeSync(writer);
  }
});

test('a socket on which only the other direction is shut down still has its reader', async () => {
  const ends = new Int32Array(2);
  check(
    bind('int socketpair(int domain, int type, int protocol, int *ends)')(AF_UNIX, SOCK_STREAM, 0, ends),
    'socketpair',
  );
  const [reader, writer] = ends as unknown as [number, number];
  const shutdown = bind('int shutdown(int fd, int how)');
  // As systemd does with the socket to the journal, and as who has nothing to say does on the other
  // side.
  check(shutdown(writer, SHUT_RD), 'shutdown');
  check(shutdown(reader, SHUT_WR), 'shutdown');
  let told = false;
  const gone = new Promise<void>((resolve) => {
    onHangup(writer, () => {
      told = true;
      resolve();
    });
  });
  await turns();
  assert.equal(told, false);
  closeSync(reader);
  await within('the hang-up', gone);
  closeSync(writer);
});

test('anything else has no reader: a file, a device', () => {
  for (const path of ['/dev/null', process.execPath]) {
    const fd = openSync(path, 'r');
    onHangup(fd, () => assert.fail('told'))();
    closeSync(fd);
  }
});
