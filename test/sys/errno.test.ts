/** From -errno to the errors that users see. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { check, errno, errnoName, systemError } from '../../src/sys/errno.ts';

test('the fields are those of errors of Node itself', () => {
  let node: NodeJS.ErrnoException | undefined;
  try {
    readFileSync('/nonexistent');
  } catch (error) {
    node = error as NodeJS.ErrnoException;
  }
  const own = systemError(errno.ENOENT, 'open', '/nonexistent');
  assert.ok(own instanceof Error);
  for (const field of ['code', 'errno', 'syscall', 'path'] as const) assert.equal(own[field], node?.[field]);
});

test('without a path there is no field', () => {
  const error = systemError(errno.EBADF, 'read');
  assert.equal('path' in error, false);
  assert.equal(error.message, 'EBADF: read');
});

test('check gives back a result and throws the error of a failure', () => {
  assert.equal(check(0, 'read'), 0);
  assert.equal(check(7, 'read'), 7);
  assert.throws(() => check(-errno.EACCES, 'statx', '/root/x'), {
    code: 'EACCES',
    errno: -errno.EACCES,
    syscall: 'statx',
    path: '/root/x',
  });
});

test('names of error numbers: as Node, also what only os.constants knows', () => {
  assert.equal(errnoName(errno.EPERM), 'EPERM');
  assert.equal(errnoName(errno.EWOULDBLOCK), 'EAGAIN');
  assert.equal(errnoName(errno.EOPNOTSUPP), 'ENOTSUP');
  assert.equal(errnoName(errno.ESTALE), 'ESTALE');
  assert.equal(errnoName(117), 'E117');
  assert.equal(systemError(117, 'mount').code, 'E117');
});

const remedies: [number: number, syscall: string, remedy: RegExp][] = [
  [errno.EMFILE, 'inotify_init1', /fs\.inotify\.max_user_instances/],
  [errno.ENOSPC, 'inotify_add_watch', /fs\.inotify\.max_user_watches/],
  [errno.EACCES, 'inotify_add_watch', /read permission on the directory/],
  [errno.ENOTDIR, 'inotify_add_watch', /this is a file/],
  [errno.ENOSPC, 'unshare', /user\.max_net_namespaces/],
  [errno.EPERM, 'unshare', /CAP_SYS_ADMIN.*unshare -Urnm/],
  [errno.EPERM, 'mount', /CAP_SYS_ADMIN/],
  [errno.EPERM, 'umount2', /CAP_SYS_ADMIN/],
  [errno.EMFILE, 'open', /ulimit -n/],
  [errno.ENFILE, 'open', /fs\.file-max/],
];
for (const [number, syscall, remedy] of remedies) {
  test(`the remedy of ${errnoName(number)} from ${syscall}`, () => {
    assert.match(message(number, syscall), remedy);
  });
}

function message(number: number, syscall: string): string {
  return systemError(number, syscall, '/some/path').message;
}

test('a remedy that the caller knows better', () => {
  const error = systemError(errno.EPERM, 'mount', '/x', 'do this instead');
  assert.equal(error.message, "EPERM: mount '/x': do this instead");
});

test('an error of another call has no remedy of this one', () => {
  assert.equal(message(errno.ENOSPC, 'open'), "ENOSPC: open '/some/path'");
});
