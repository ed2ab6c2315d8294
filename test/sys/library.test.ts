/** Binding of C functions: results, error numbers, interrupted calls. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { bind, bindIfPresent, bindOnce } from '../../src/sys/library.ts';
import { linux } from '../../src/sys/system.ts';

const POLL = 'int poll(void *fds, unsigned long count, int timeout)';
const EINTR = 4;
const EBADF = 9;

test('a result of zero or more, or -errno', () => {
  const dup = bind('int dup(int fd)');
  const close = bind('int close(int fd)');
  const copy = dup(1);
  assert.ok(copy > 2);
  assert.equal(close(copy), 0);
  assert.equal(close(copy), -EBADF);
  assert.equal(dup(-1), -EBADF);
});

test('a size is a number, and its failure too', () => {
  const read = bind('intptr_t read(int fd, void *buffer, size_t count)');
  assert.equal(read(-1, new Uint8Array(8), 8), -EBADF);
});

test('a function that the C library lacks', () => {
  assert.equal(bindIfPresent('int nlink_no_such_function(int fd)'), null);
  assert.equal(bindIfPresent('int close(int fd)')?.(-1), -EBADF);
  assert.throws(() => bind('int nlink_no_such_function(int fd)'));
});

/**
 * Blocks this thread in poll(2) for `timeout` ms, while signals come every 20 ms, some two seconds
 * long.
 */
async function interrupted(poll: (...args: unknown[]) => number, timeout: number): Promise<number> {
  const signals = `for i in $(seq 100); do echo; kill -USR2 ${process.pid} || exit; sleep 0.02; done`;
  const child = spawn('sh', ['-c', signals], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  const result = poll(null, 0, timeout);
  child.kill('SIGKILL');
  await exited;
  return result;
}

test('a call that a signal interrupts is made again', async (t) => {
  const ignore = (): void => {};
  process.on('SIGUSR2', ignore);
  t.after(() => process.off('SIGUSR2', ignore));
  // First that the signals do interrupt it, then that this does not show.
  assert.equal(await interrupted(bindOnce(POLL), 20_000), -EINTR);
  assert.equal(await interrupted(bind(POLL), 300), 0);
});

test('the system calls are bound once', () => {
  assert.equal(linux(), linux());
});
