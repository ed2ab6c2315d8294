/**
 * What `nlink exec` shows of the file system: what is mounted below /sys, and the files in /etc
 * when the host changes its own.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { overlay } from '../../../support/etc.ts';
import { host, mounts, run, same } from './exec-host.ts';
import { main, programOf } from '../../support/program.ts';

/** Puts a file system of each kind below /sys, as far as this user may; else any. */
function mountBelowSys(t: TestContext): void {
  for (const [type, place] of [
    ['cgroup2', '/sys/fs/cgroup'],
    ['bpf', '/sys/fs/bpf'],
  ] as const) {
    const mounted = spawnSync('mount', ['-t', type, type, place]).status === 0;
    if (!mounted) execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place]);
    t.after(() => execFileSync('umount', [place]));
  }
}

test('what is mounted below /sys: not there, as with ip; with --sys-mounts it is', (t) => {
  host(t);
  mountBelowSys(t);
  const before = mounts();
  const look = ['stat', '-f', '-c', '%T', '/sys/fs/cgroup', '/sys/fs/bpf', '/sys'];
  const outside = execFileSync('stat', look.slice(1), { encoding: 'utf8' });
  assert.equal(same(['blue', ...look]).stdout, 'sysfs\nsysfs\nsysfs\n');
  assert.notEqual(outside, 'sysfs\nsysfs\nsysfs\n');
  const kept = run('nlink', ['--sys-mounts', 'blue', ...look]);
  assert.deepEqual([kept.stdout, kept.stderr], [outside, '']);
  assert.match(run('nlink', ['--sys-mounts', 'blue', 'ls', '/sys/class/net']).stdout, /of-blue/);
  const everywhere = run('nlink', ['--all', '--sys-mounts', ...look]);
  assert.equal(everywhere.stdout, `\nnetns: blue\n${outside}\nnetns: red\n${outside}`);
  assert.equal(mounts(), before);
});

test('a resolv.conf that the host replaces by renaming: the program loses its own; with a copy of /etc it does not', async (t) => {
  host(t);
  overlay('blue', 'resolv.conf', 'of blue\n');
  const look = 'cat /etc/resolv.conf; read x; cat /etc/resolv.conf';
  const document = readFileSync(
    fileURLToPath(new URL('../../../../../docs/command/exec.md', import.meta.url)),
    'utf8',
  );
  const copy = /^# nlink exec blue sh -c '(mount .*)' sh PROGRAM$/m.exec(document)?.[1];
  assert.ok(copy !== undefined);
  for (const [words, later] of [
    [['sh', '-c', look], 'of the host'],
    [['sh', '-c', copy, 'sh', 'sh', '-c', look], 'of blue'],
  ] as const) {
    const child = spawn(process.execPath, [main, 'exec', 'blue', ...words]);
    const program = programOf(t, child);
    assert.equal(await program.stdout.next(), 'of blue');
    writeFileSync('/etc/.new', 'of the host\n');
    renameSync('/etc/.new', '/etc/resolv.conf');
    child.stdin.end('go on\n');
    assert.deepEqual(await program.stdout.rest(), [later]);
  }
});

test('/etc/resolv.conf is a link to nothing: said, with a command that helps', (t) => {
  host(t);
  overlay('blue', 'resolv.conf', 'of blue\n');
  rmSync('/etc/resolv.conf');
  symlinkSync('../run/it is/stub', '/etc/resolv.conf');
  const { stderr, status } = run('nlink', ['blue', 'true']);
  assert.deepEqual(
    [stderr, status],
    [
      'nlink: cannot mount /etc/netns/blue/resolv.conf over /etc/resolv.conf (ENOENT): /etc/resolv.conf is a link to ' +
        "../run/it is/stub, which is not there; make an empty file: install -D -m 644 /dev/null '/run/it is/stub'\n",
      0,
    ],
  );
  execFileSync('sh', ['-c', /: (install .*)$/m.exec(stderr)?.[1] as string]);
  const after = run('nlink', ['blue', 'cat', '/etc/resolv.conf']);
  assert.deepEqual([after.stdout, after.stderr], ['of blue\n', '']);
});
