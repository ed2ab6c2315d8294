/**
 * Entering for good: the namespace's own /sys and files, the host's mounts as they were, whatever
 * system call fails.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { OverlayFault } from '../../../src/netns/enter/etc-overlay.ts';
import { errno, errnoName } from '../../../src/sys/errno.ts';
import { ownEtc, overlay } from '../../support/etc.ts';
import { freshRun, ip } from '../../support/netns.ts';

const fixture = fileURLToPath(new URL('fixtures/enter.js', import.meta.url));
const PATH = '/run/netns/blue';

interface Outcome {
  faults?: OverlayFault[];
  code?: string;
  syscall?: string;
  message?: string;
  calls: string[];
  namespace: string;
  devices: string[];
  resolver: string;
  /** Descriptors that were opened and not closed. */
  left: number;
}

const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

/** Runs the fixture. Whatever becomes of it, the mounts here are what they were. */
function enter(path: string, name = '', position = 0, number = 0): Outcome {
  const before = mounts();
  const words = [fixture, path, name, String(position), String(number)];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(mounts(), before);
  assert.ok(stdout !== '', stderr);
  return JSON.parse(stdout) as Outcome;
}

/** A host with the namespace `blue`, which has a device of its own. */
function host(t: TestContext): void {
  freshRun(t);
  ownEtc(t);
  ip('netns', 'add', 'blue');
  ip('-n', 'blue', 'link', 'add', 'of-blue', 'type', 'veth', 'peer', 'name', 'other');
}

test('its namespace, its devices in /sys, its files in /etc', (t) => {
  host(t);
  overlay('blue', 'resolv.conf', 'nameserver 192.0.2.99\n');
  const { faults, namespace, devices, resolver } = enter(PATH, 'blue');
  assert.deepEqual(faults, []);
  assert.equal(namespace, `net:[${statSync(PATH).ino}]`);
  assert.ok(devices.includes('of-blue'));
  assert.equal(resolver, 'nameserver 192.0.2.99\n');
  // Without the name, and with another one, which has none.
  for (const name of ['', 'red'])
    assert.deepEqual([enter(PATH, name).resolver, enter(PATH, name).faults], ['nameserver 192.0.2.1\n', []]);
});

test('each file that cannot be laid over another: which, and what to do; the rest is', (t) => {
  host(t);
  const name = 'blue';
  overlay(name, 'resolv.conf', 'nameserver 192.0.2.99\n');
  overlay(name, 'missing.conf', '');
  overlay(name, 'odd\n\udcff', '');
  symlinkSync('/nowhere', `/etc/netns/${name}/hosts`);
  mkdirSync(`/etc/netns/${name}/sub`);
  mkdirSync(`/etc/netns/${name}/group`);
  const { faults = [], resolver } = enter(PATH, name);
  assert.equal(resolver, 'nameserver 192.0.2.99\n');
  assert.deepEqual(
    faults.map(({ onto, code, remedy }) => [onto, code, remedy]),
    [
      ['/etc/group', 'ENOTDIR', 'one of them is a directory and the other is not; make them alike'],
      ['/etc/hosts', 'ENOENT', '/etc/netns/blue/hosts leads nowhere; remove it'],
      ['/etc/missing.conf', 'ENOENT', 'make an empty file /etc/missing.conf first'],
      ['/etc/odd\n\udcff', 'ENOENT', 'make an empty file /etc/odd\n\udcff first'],
      ['/etc/sub', 'ENOENT', 'make an empty directory /etc/sub first'],
    ],
  );
});

test('a link to nothing in /etc: what it is a link to, also over another one; or that it is a circle', (t) => {
  host(t);
  for (const file of ['a', 'b', 'c', 'resolv.conf']) overlay('blue', file, '');
  mkdirSync('/etc/netns/blue/d');
  symlinkSync('/nowhere/at all', '/etc/a');
  symlinkSync('a', '/etc/b');
  symlinkSync('c', '/etc/c');
  symlinkSync("../run/it's", '/etc/d');
  const { faults = [] } = enter(PATH, 'blue');
  const make = 'which is not there; make an empty';
  assert.deepEqual(
    faults.map(({ remedy }) => remedy),
    [
      `/etc/a is a link to /nowhere/at all, ${make} file: install -D -m 644 /dev/null '/nowhere/at all'`,
      `/etc/b is a link to a, ${make} file: install -D -m 644 /dev/null '/nowhere/at all'`,
      '/etc/c is a link to c, which leads nowhere; make it an empty file',
      `/etc/d is a link to ../run/it's, ${make} directory: mkdir -p '/run/it'\\''s'`,
    ],
  );
});

test('symbolic links and directories, on both sides', (t) => {
  host(t);
  overlay('blue', 'away', '');
  writeFileSync('/run/real.conf', 'nameserver 192.0.2.7\n');
  symlinkSync('/run/real.conf', '/etc/netns/blue/resolv.conf');
  writeFileSync('/etc/real-away', '');
  symlinkSync('real-away', '/etc/away');
  mkdirSync('/etc/netns/blue/conf.d');
  writeFileSync('/etc/netns/blue/conf.d/inside', '');
  mkdirSync('/etc/conf.d');
  const { faults, resolver } = enter(PATH, 'blue');
  assert.deepEqual([faults, resolver], [[], 'nameserver 192.0.2.7\n']);
});

test('a file in place of the directory of a name', (t) => {
  host(t);
  mkdirSync('/etc/netns');
  writeFileSync('/etc/netns/flat', '');
  assert.deepEqual(enter(PATH, 'flat').faults, []);
});

test('each system call fails once: nothing is left on the host', (t) => {
  host(t);
  overlay('blue', 'resolv.conf', 'nameserver 192.0.2.99\n');
  const { calls, left } = enter(PATH, 'blue');
  assert.equal(left, 0);
  const made = ['unshare', 'mount', 'umount', 'mount', 'readDirectory', 'mount'];
  assert.deepEqual(calls, ['open', 'setns', 'close', ...made]);
  for (const number of [errno.EPERM, errno.ENOSPC]) {
    for (const [index, call] of calls.entries()) {
      const which = `${call}, call ${index + 1}, ${errnoName(number)}`;
      const outcome = enter(PATH, 'blue', index + 1, number);
      assert.equal(outcome.left, 0, which);
      if (call === 'close' || call === 'umount' || index > 6 || (index === 6 && number === errno.EPERM)) {
        // /sys is then tried to be mounted read-only.
        const faults = index <= 6 ? [] : [index === 7 ? '/etc' : '/etc/resolv.conf'];
        assert.deepEqual(
          outcome.faults?.map(({ onto }) => onto),
          faults,
          which,
        );
        continue;
      }
      assert.equal(outcome.code, errnoName(number), which);
      assert.match(
        outcome.message ?? '',
        call === 'mount' ? /nsenter --net=\/run\/netns\/blue COMMAND/ : /:/,
        which,
      );
    }
  }
  assert.match(enter(PATH, '', 4, errno.ENOSPC).message ?? '', /user\.max_mnt_namespaces/);
});

test('where a chroot has no mount point for its root: refused, with what does without', (t) => {
  host(t);
  const { code, syscall, message } = enter(PATH, '', 5, errno.EINVAL);
  assert.deepEqual([code, syscall], ['EINVAL', 'mount']);
  assert.match(message ?? '', /chroot; nsenter --net=/);
});

test('what is no namespace', (t) => {
  host(t);
  writeFileSync('/run/netns/stale', '');
  const { code, namespace } = enter('/run/netns/stale', 'stale');
  assert.equal(code, 'ERR_NLINK_NOT_A_NAMESPACE');
  assert.notEqual(namespace, `net:[${statSync(PATH).ino}]`);
});
