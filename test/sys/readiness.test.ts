/**
 * The readiness of a descriptor, on pipes: that none of koffi's traps (koffi.test.ts) can be
 * noticed above it.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { koffi } from '../../src/sys/library.ts';
import { onReadable } from '../../src/sys/readiness.ts';
import type { PollHandle, Polls } from '../../src/sys/readiness.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { collectGarbage } from '../support/gc.ts';
import { Pipe } from '../support/pipe.ts';
import { waitFor } from '../support/wait.ts';

const fixture = fileURLToPath(new URL('fixtures/readiness.js', import.meta.url));

/** Enough turns of the event loop for a wrong call to happen. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await setTimeout(1);
    await setImmediate();
  }
}

test('the listener is called without arguments, each turn until the descriptor was read empty', async (t) => {
  const pipe = new Pipe(t);
  const calls: unknown[][] = [];
  const readiness = onReadable(pipe.readEnd, (...args: unknown[]) => {
    calls.push(args);
    if (calls.length === 3) assert.equal(pipe.read(), 'ab');
  });
  await someTurns();
  assert.equal(calls.length, 0);
  pipe.write('ab');
  await waitFor('three calls', () => calls.length === 3);
  await someTurns();
  assert.deepEqual(calls, [[], [], []]);
  readiness.close();
});

test('it goes on when nobody keeps what onReadable returned', async (t) => {
  const pipe = new Pipe(t);
  const got: string[] = [];
  (() => {
    const readiness = onReadable(pipe.readEnd, () => {
      got.push(pipe.read());
      if (got.length === 2) readiness.close();
    });
  })();
  for (const text of ['first', 'second']) {
    await collectGarbage();
    pipe.write(text);
    await waitFor(text, () => got.at(-1) === text);
  }
});

test('promise jobs run in the same turn, when all of its listeners were called', async (t) => {
  const order: string[] = [];
  const readiness = ['a', 'b'].map((name) => {
    const pipe = new Pipe(t);
    pipe.write('x');
    return onReadable(pipe.readEnd, () => {
      pipe.read();
      order.push(name);
      void Promise.resolve().then(() => order.push(`job of ${name}`));
      if (name === 'b') setImmediate().then(() => order.push('next turn'), assert.fail);
    });
  });
  t.after(() => readiness.forEach((one) => one.close()));
  await waitFor('both', () => order.length === 5);
  assert.deepEqual(order, ['a', 'b', 'job of a', 'job of b', 'next turn']);
});

for (const state of ['readable', 'erroneous']) {
  test(`what a listener throws is an uncaught exception at once, and it goes on: ${state}`, () => {
    const run = spawnSync(process.execPath, [fixture, 'throw', state], { encoding: 'utf8', timeout: 30_000 });
    assert.equal(run.stdout, 'listener\nuncaught: 1\nlistener\nuncaught: 2\n', run.stderr);
  });
}

test('pause and resume lose nothing', async (t) => {
  const pipe = new Pipe(t);
  let got = '';
  const readiness = onReadable(pipe.readEnd, () => {
    got += pipe.read();
  });
  let sent = '';
  for (let round = 0; round < 20; round++) {
    // Paused with and without something unread, by one call or two, and resumed as often.
    if (round % 2 === 0) pipe.write(String(round));
    if (round % 2 === 0) sent += String(round);
    readiness.pause();
    if (round % 3 === 0) readiness.pause();
    const before = got;
    pipe.write('x');
    sent += 'x';
    await someTurns();
    assert.equal(got, before, 'called while paused');
    readiness.resume();
    readiness.resume();
    await waitFor('what was written', () => got === sent);
  }
  readiness.close();
});

test('pausing and closing stop even the call that is under way', async (t) => {
  for (const stop of ['pause', 'close'] as const) {
    // Both are ready in one turn; whichever listener comes first stops the other.
    const called: number[] = [];
    const both = [0, 1].map((index) => {
      const pipe = new Pipe(t);
      pipe.write('x');
      return onReadable(pipe.readEnd, () => {
        pipe.read();
        called.push(index);
        both[1 - index]?.[stop]();
      });
    });
    await waitFor('one call', () => called.length > 0);
    await someTurns();
    assert.equal(called.length, 1, stop);
    if (stop === 'pause') {
      both.forEach((one) => one.resume());
      await waitFor('the other call', () => called.length === 2);
    }
    both.forEach((one) => one.close());
  }
});

test('pause and resume inside the listener', async (t) => {
  const pipe = new Pipe(t);
  let calls = 0;
  const readiness = onReadable(pipe.readEnd, () => {
    calls++;
    readiness.pause();
    if (calls === 1) readiness.resume();
  });
  pipe.write('x');
  await waitFor('the second call', () => calls === 2);
  await someTurns();
  assert.equal(calls, 2);
  readiness.close();
});

test('after close nothing happens any more, whatever is called', async (t) => {
  const pipe = new Pipe(t);
  let calls = 0;
  const readiness = onReadable(pipe.readEnd, () => {
    calls++;
    readiness.close();
    readiness.close();
  });
  pipe.write('x');
  await waitFor('the call', () => calls === 1);
  for (const method of ['pause', 'resume', 'ref', 'unref', 'close', 'resume'] as const) readiness[method]();
  await someTurns();
  assert.equal(calls, 1);
});

test('a descriptor can have a listener again after close, and nothing stays open', async (t) => {
  const pipe = new Pipe(t);
  await withoutLeak(async () => {
    for (let round = 0; round < 100; round++) {
      let calls = 0;
      const readiness = onReadable(pipe.readEnd, () => {
        pipe.read();
        calls++;
      });
      if (round % 10 === 0) {
        pipe.write('x');
        await waitFor('the call', () => calls === 1);
      }
      readiness.close();
    }
  });
});

test('an error is told by a call, again and again as long as it lasts, until close', async (t) => {
  const pipe = new Pipe(t);
  let calls = 0;
  const readiness = onReadable(pipe.writeEnd, () => {
    if (++calls === 3) readiness.pause();
  });
  pipe.close(pipe.readEnd);
  await waitFor('three calls', () => calls === 3);
  await someTurns();
  assert.equal(calls, 3);
  readiness.resume();
  await waitFor('more calls', () => calls > 5);
  readiness.close();
  const last = calls;
  await someTurns();
  assert.equal(calls, last);
});

test('the end of a pipe is told by a call', async (t) => {
  const pipe = new Pipe(t);
  let got: string | undefined;
  const readiness = onReadable(pipe.readEnd, () => {
    got = pipe.read();
    readiness.close();
  });
  pipe.close(pipe.writeEnd);
  await waitFor('the end', () => got === '');
});

test('descriptors that cannot be waited for are refused', (t) => {
  const pipe = new Pipe(t);
  const file = openSync(process.execPath, 'r');
  assert.throws(() => onReadable(file, () => {}), { code: 'EPERM', syscall: 'epoll_ctl' });
  closeSync(file);
  assert.throws(() => onReadable(file, () => {}), { code: 'EBADF', syscall: 'epoll_ctl' });
  assert.throws(() => onReadable(-1, () => {}), { code: 'EBADF' });
  const readiness = onReadable(pipe.readEnd, () => {});
  assert.throws(() => onReadable(pipe.readEnd, () => {}), { code: 'EEXIST', syscall: 'epoll_ctl' });
  readiness.close();
});

test('a process ends in peace although a descriptor can be read', () => {
  const { status, stderr } = spawnSync(process.execPath, [fixture, 'end'], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

// Fails where koffi's code is unloaded with the thread: libuv calls it after that.
test('a worker thread that waits is terminated, and the process goes on', () => {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [fixture, 'worker'], {
    encoding: 'utf8',
  });
  assert.deepEqual(
    { status, signal, stdout, stderr },
    { status: 0, signal: null, stdout: 'alive\n', stderr: '' },
  );
});

/** Polls as Deno's are: a handle calls once after each start. Counts the starts but the first. */
function pollsOnce(): Polls & { starts: number } {
  const polls = {
    kind: 'once' as const,
    starts: 0,
    open(fd: number, first: (status: number) => void): PollHandle {
      let callback = first;
      const once = (status: number): void => {
        handle.stop();
        callback(status);
      };
      const handle = koffi().node.poll(
        fd,
        { readable: true },
        once as unknown as () => void,
      ) as unknown as PollHandle;
      return {
        start(options, next) {
          polls.starts++;
          callback = next;
          handle.start(options, once);
        },
        stop: () => handle.stop(),
        ref: () => handle.ref(),
        unref: () => handle.unref(),
        close: () => handle.close(),
      };
    },
  };
  return polls;
}

// Without a start after each call the second thing written is never told.
test('a handle that tells once is started again after each call, and only then', async (t) => {
  const pipe = new Pipe(t);
  const by = pollsOnce();
  let got = '';
  const readiness = onReadable(pipe.readEnd, () => (got += pipe.read()), by);
  t.after(() => readiness.close());
  for (const text of ['one', 'two', 'three']) {
    const before = got;
    pipe.write(text);
    await waitFor(text, () => got === before + text);
    await someTurns();
  }
  assert.equal(by.starts, 3);
  readiness.pause();
  pipe.write('four');
  await someTurns();
  assert.equal(by.starts, 3);
  readiness.resume();
  await waitFor('four', () => got.endsWith('four'));
  await someTurns();
  assert.equal(by.starts, 5);
});

test('a handle that tells once: what is left unread is told again', async (t) => {
  const pipe = new Pipe(t);
  let calls = 0;
  const readiness = onReadable(pipe.readEnd, () => calls++, pollsOnce());
  pipe.write('x');
  await waitFor('three calls', () => calls >= 3);
  readiness.close();
  const last = calls;
  await someTurns();
  assert.equal(calls, last);
});

const modes: [calls: string, outcome: 'ends' | 'reads' | 'stays'][] = [
  ['', 'reads'],
  ['unref', 'ends'],
  ['unref, ref', 'reads'],
  ['ref, unref', 'ends'],
  ['close', 'ends'],
  ['pause', 'stays'],
  ['pause, unref', 'ends'],
  ['unref, pause', 'ends'],
  ['unref, pause, ref', 'stays'],
  ['pause, close', 'ends'],
  ['pause, resume', 'reads'],
  ['unref, pause, resume', 'ends'],
];
for (const [calls, outcome] of modes) {
  test(`what keeps the process alive: after ${calls || 'no call'} it ${outcome}`, async () => {
    const child = spawn(process.execPath, [fixture, 'alive', calls], { stdio: ['pipe', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), exited]);
    if (outcome !== 'ends') {
      // Nothing but the descriptor keeps it.
      await setTimeout(100);
      assert.equal(child.exitCode, null);
      if (outcome === 'reads') child.stdin.end('x');
      else child.kill('SIGKILL');
    }
    // Else the pipe stays open on this side until it has gone.
    const ends = { ends: [0, null], reads: [7, null], stays: [null, 'SIGKILL'] };
    assert.deepEqual(await exited, ends[outcome]);
    child.stdin.destroy();
  });
}
