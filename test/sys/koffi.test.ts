/**
 * What koffi does that src/sys/ must handle (notes/koffi.md). These tests hold koffi itself to it:
 * where one fails after an update, a trap has gone or moved, and src/sys/ can be made simpler or
 * must follow.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { koffi } from '../../src/sys/library.ts';
import { collectGarbage } from '../support/gc.ts';
import { Pipe } from '../support/pipe.ts';
import { within } from '../support/wait.ts';

type RawCallback = (status: number, events: Record<string, boolean>) => void;

/** koffi's own, with the callback it really has. */
function rawPoll(fd: number, callback: RawCallback): { close(): void } {
  return koffi().node.poll(fd, { readable: true }, callback as unknown as () => void);
}

/** Runs fixtures/koffi.ts in a process that may die of it. */
function runCase(name: string): {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
} {
  const script = fileURLToPath(new URL('fixtures/koffi.js', import.meta.url));
  return spawnSync(process.execPath, [script, name], { encoding: 'utf8', timeout: 30_000 });
}

test('a poll handle that nothing refers to is collected and goes silent', async (t) => {
  const pipe = new Pipe(t);
  let calls = 0;
  const { promise: collected, resolve } = deferred<void>();
  const registry = new FinalizationRegistry(() => resolve());
  registry.register(
    rawPoll(pipe.readEnd, () => {
      pipe.read();
      calls++;
    }),
    undefined,
  );
  await collectGarbage();
  await within('the collection of the handle', collected);
  pipe.write('x');
  await setTimeout(20);
  assert.equal(calls, 0);
});

test('the callback gets a status and three kinds of event', async (t) => {
  const pipe = new Pipe(t);
  const { promise, resolve } = deferred<unknown[]>();
  const handle = rawPoll(pipe.readEnd, (...args) => resolve(args));
  pipe.write('x');
  assert.deepEqual(await promise, [0, { readable: true, writable: false, disconnect: false }]);
  handle.close();
});

test('an error gives the status EBADF, no event, and stops the handle', async (t) => {
  const pipe = new Pipe(t);
  const calls: unknown[] = [];
  const { promise, resolve } = deferred<void>();
  const handle = rawPoll(pipe.writeEnd, (...args) => {
    calls.push(args);
    resolve();
  });
  // Who writes to a pipe that nobody reads has POLLERR, for good.
  pipe.close(pipe.readEnd);
  await promise;
  await setTimeout(20);
  assert.deepEqual(calls, [[-9, { readable: false, writable: false, disconnect: false }]]);
  handle.close();
});

test('promise jobs wait until the callbacks of all handles have run', async (t) => {
  const order: string[] = [];
  const { promise, resolve } = deferred<void>();
  const handles = ['a', 'b'].map((name) => {
    const pipe = new Pipe(t);
    pipe.write('x');
    return rawPoll(pipe.readEnd, () => {
      pipe.read();
      order.push(name);
      Promise.resolve()
        .then(() => order.push(`job of ${name}`))
        .then(() => order.length === 4 && resolve(), assert.fail);
    });
  });
  await promise;
  assert.deepEqual(order, ['a', 'b', 'job of a', 'job of b']);
  handles.forEach((handle) => handle.close());
});

test('what a callback throws comes out of the next call of koffi, whoever makes it', () => {
  const { stdout, stderr } = runCase('throw');
  assert.equal(stdout, 'polled\ntimer\nuncaught: thrown in the poll callback\n', stderr);
});

for (const [name, what] of [
  ['file', 'a regular file'],
  ['closed', 'a closed descriptor'],
  ['twice', 'a descriptor that has a handle'],
] as const) {
  test(`a descriptor that libuv refuses aborts the process: ${what}`, () => {
    const { signal, stderr } = runCase(name);
    assert.equal(signal, 'SIGABRT', stderr);
  });
}

test('a handle with something to read when the process ends aborts it', () => {
  const { signal, stderr } = runCase('end');
  assert.equal(signal, 'SIGABRT', stderr);
});

test('ssize_t is no type of koffi', () => {
  const libc = koffi().load(null);
  assert.throws(() => libc.func('ssize_t read(int fd, void *buffer, size_t count)'), /ssize_t/);
});

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((give) => {
    resolve = give;
  });
  return { promise, resolve };
}
