/**
 * What is said of what the runtime refuses; with a real `node --permission`:
 * test/cli/host/permission.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { errno, numberOf, systemError } from '../../src/sys/errno.ts';
import { loadRefusal, readRefusal, refusal } from '../../src/sys/permission.ts';

const denied = (permission: string, resource?: string): Error =>
  Object.assign(new Error('Access to this API has been restricted'), {
    code: 'ERR_ACCESS_DENIED',
    permission,
    resource,
  });
const noAddons = Object.assign(new Error('disabled'), { code: 'ERR_DLOPEN_DISABLED' });
/** Allows to read what lies in these. */
const reading = (...paths: string[]): { has: (scope: string, path?: string) => boolean } => ({
  has: (scope, path) => scope === 'fs.read' && paths.includes(path ?? ''),
});

test('each kind by its flag: all packages for one of them, all of /proc for a file of it', () => {
  for (const [error, flag] of [
    [denied('FileSystemRead', '/run/netns'), '--allow-fs-read=/run/netns'],
    [denied('FileSystemRead', '/proc/1/ns/net'), '--allow-fs-read=/proc'],
    [
      denied('FileSystemRead', '/a/node_modules/b/node_modules/koffi/x'),
      '--allow-fs-read=/a/node_modules/b/node_modules',
    ],
    [denied('FileSystemRead', '/a/node_modules/koffi/../@koromix/x'), '--allow-fs-read=/a/node_modules'],
    [denied('FileSystemWrite', '/run/x'), '--allow-fs-write=/run/x'],
    [denied('ChildProcess'), '--allow-child-process'],
    [denied('WorkerThreads'), '--allow-worker'],
  ] as const)
    assert.equal(refusal(error), `the permission model of Node forbids it: start node with ${flag}`);
  assert.match(refusal(denied('SomethingNew')) ?? '', /nodejs\.org\/api\/permissions/);
  assert.match(refusal(Object.assign(new Error('x'), { name: 'NotCapable' })) ?? '', /deno with --allow-all/);
});

test('what the kernel or nobody refused is none of it', () => {
  for (const error of [systemError(errno.EACCES, 'open', '/x'), new Error('x'), null, undefined, 'text']) {
    assert.equal(refusal(error), null);
    assert.equal(loadRefusal(error, reading()), null);
  }
});

test('koffi: everything that nlink needs and has not yet, at once', () => {
  const start = 'the permission model of Node forbids it: start node with';
  assert.equal(
    loadRefusal(noAddons, reading()),
    `${start} --allow-addons --allow-fs-read=/proc --allow-fs-read=/run --allow-fs-read=/var/run`,
  );
  assert.equal(loadRefusal(noAddons, reading('/proc', '/run', '/var/run')), `${start} --allow-addons`);
  assert.equal(
    loadRefusal(denied('FileSystemRead', '/a/node_modules/koffi/index.js'), reading('/run', '/var/run')),
    `${start} --allow-addons --allow-fs-read=/a/node_modules --allow-fs-read=/proc`,
  );
  assert.equal(loadRefusal(noAddons, null), 'node was started with --no-addons: leave that out');
});

test('a directory that Node may not read is EACCES, with the flag; one that it may read has the advice of old', () => {
  assert.equal(numberOf(denied('FileSystemRead', '/x')), -errno.EACCES);
  assert.equal(numberOf(systemError(errno.ENOENT, 'scandir', '/x')), -errno.ENOENT);
  assert.equal(numberOf(new Error('x')), -errno.EIO);
  assert.match(readRefusal('/run/netns', reading('/run')) ?? '', /--allow-fs-read=\/run\/netns$/);
  assert.equal(readRefusal('/run', reading('/run')), null);
  assert.equal(readRefusal('/run', null), null);
  assert.match(systemError(errno.EACCES, 'scandir', '/x').message, /read permission on the directory/);
});
