/** Making a name where something is full: what it is, and that what is said to do helps. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { create } from '../../../src/netns/names/create.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { faulty } from '../../support/faults.ts';
import { freshRun } from '../../support/netns.ts';
import { main } from '../../cli/support/program.ts';

const nlink = [process.execPath, main] as const;

function tiny(t: TestContext, options: string): void {
  freshRun(t);
  mkdirSync('/run/it is', { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', '/run/it is']);
}

test('no inode is left: of the directory, and of the one that it would be in', (t) => {
  tiny(t, 'nr_inodes=2');
  const add = (name: string): { stderr: string; status: number | null } => {
    const [program, ...words] = [...nlink, 'add', '-d', '/run/it is/netns', name];
    const { stderr, status } = spawnSync(program, words, { encoding: 'utf8' });
    return { stderr, status };
  };
  execFileSync('touch', ['/run/it is/file']);
  const parent = add('a');
  assert.match(
    parent.stderr,
    /^nlink: ENOSPC: mkdir '\/run\/it is\/netns': the file system of \/run\/it is has no inode left \(2 in all\)/,
  );
  execFileSync('rm', ['/run/it is/file']);
  const { stderr, status } = add('a');
  assert.equal(status, 1);
  assert.match(
    stderr,
    /^nlink: ENOSPC: open '\/run\/it is\/netns\/a': the file system of \/run\/it is\/netns has no inode left \(2 in all\): remove files there, or make it larger: mount -o remount,/,
  );
  assert.ok(!existsSync('/run/it is/netns/a'));
  // In a user namespace mount(8) passes on the owner that it reads, by a number which the kernel
  // does not know there.
  if (/^\s*0\s+0\s+4294967295/.test(readFileSync('/proc/self/uid_map', 'latin1')))
    execFileSync('sh', ['-c', /larger: (.*)$/m.exec(stderr)?.[1] as string]);
  else execFileSync('mount', ['-i', '-o', 'remount,nr_inodes=4', '--options-mode', 'ignore', '/run/it is']);
  assert.deepEqual(add('a'), { stderr: '', status: 0 });
});

test('the limit of this user namespace, and that of an outer one', (t) => {
  freshRun(t);
  const set = 'mount -t tmpfs tmpfs /run; echo "$0" >/proc/sys/user/max_net_namespaces; exec "$@"';
  const inner = ['unshare', '-Urmn', 'sh', '-c', 'mount -t tmpfs tmpfs /run; exec "$@"', 'sh'];
  const run = (limit: string, ...words: string[]): string => {
    const line = ['-Urm', 'sh', '-c', set, limit, ...words, ...nlink, 'add', 'a'];
    return spawnSync('unshare', line, { encoding: 'utf8' }).stderr;
  };
  assert.match(
    run('1', 'unshare', '-n'),
    /^nlink: ENOSPC: unshare: .*user\.max_net_namespaces, which is 1 in this user namespace, or that of an outer one/,
  );
  assert.match(
    run('1', ...inner),
    /^nlink: ENOSPC: unshare: .* in an outer user namespace: .*here it is 2147483647/,
  );
});

test('too many mounts: neither file nor directory is left, and the count is said', async (t) => {
  freshRun(t);
  const { system } = faulty(linux(), (call) => (call === 'mount' ? -errno.ENOSPC : undefined));
  await assert.rejects(create(system, { path: '/run/a', directory: null }), {
    code: 'ENOSPC',
    message:
      /mount '\/run\/a': a mount namespace is full: .*it has \d+ mounts, and the sysctl fs\.mount-max is \d+/,
  });
  assert.ok(!existsSync('/run/a'));
});
