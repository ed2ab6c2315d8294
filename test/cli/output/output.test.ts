/** Output that is slow, closed or full: Output waits, ends in peace, or says what is wrong. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Output } from '../../../src/cli/output/output.ts';
import { within } from '../../support/wait.ts';

/** A stream that takes nothing until it is told to. */
function stuck(): { stream: Writable; taken: string[]; go: (error?: Error) => void } {
  const taken: string[] = [];
  let waiting: ((error?: Error) => void) | undefined;
  const stream = new Writable({
    write(chunk, _encoding, callback) {
      taken.push(String(chunk));
      waiting = callback;
    },
  });
  return { stream, taken, go: (error) => waiting?.(error) };
}

const failure = (code: string): NodeJS.ErrnoException => Object.assign(new Error(`${code}: write`), { code });

test('a write is done when the text was taken, not before', async () => {
  const { stream, taken, go } = stuck();
  const output = new Output(stream, () => assert.fail('not closed'));
  let done = false;
  const write = output.write('one\n').then(() => (done = true));
  await new Promise(setImmediate);
  assert.deepEqual([taken, done], [['one\n'], false]);
  go();
  await within('the write', write);
  await output.write('');
  assert.equal(output.closed, false);
});

for (const code of ['EPIPE', 'ECONNRESET']) {
  test(`${code} ends the stream once, without an error`, async () => {
    const { stream, go } = stuck();
    let closed = 0;
    const output = new Output(stream, () => closed++);
    const write = output.write('one\n');
    go(failure(code));
    await within('the write', write);
    await output.write('two\n');
    await new Promise(setImmediate);
    assert.deepEqual([output.closed, closed], [true, 1]);
  });
}

test('EIO is the end of a terminal, and a fault of anything else', async () => {
  const terminal = stuck();
  const quiet = new Output(Object.assign(terminal.stream, { isTTY: true }), () => {});
  const write = quiet.write('one\n');
  terminal.go(failure('EIO'));
  await within('the write', write);
  assert.equal(quiet.closed, true);

  const disk = stuck();
  const loud = new Output(disk.stream, () => {});
  const failing = loud.write('one\n');
  disk.go(failure('EIO'));
  await assert.rejects(failing, { code: 'EIO' });
});

test('a full disk is an error, of this write and all that follow', async () => {
  const stream = createWriteStream('/dev/full');
  await once(stream, 'open');
  let closed = 0;
  const output = new Output(stream, () => closed++);
  const full = { code: 'ENOSPC', message: /^writing to stdout: ENOSPC: no space left on device/ };
  await assert.rejects(output.write('one\n'), full);
  await assert.rejects(output.write('two\n'), full);
  assert.equal(closed, 1);
});

test('a reader that is gone ends the wait for it', async () => {
  const { stream } = stuck();
  let closed = 0;
  const output = new Output(stream, () => closed++);
  const write = output.write('one\n');
  output.readerGone();
  await within('the write', write);
  assert.deepEqual([output.closed, closed], [true, 1]);
});
