/**
 * `nlink exec` as a process on real namespaces, side by side with `ip netns exec`: programs must
 * not see the difference.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { overlay } from '../../../support/etc.ts';
import { addNamespace, ip, netnsDirectory, spawnHolder } from '../../../support/netns.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { host, mounts, nlink, run, same, waiting, WAYS } from './exec-host.ts';
import type { Ended } from './exec-host.ts';
import { main, outcomeOf, programOf, start } from '../../support/program.ts';

test('the same namespace, devices, files, directory, environment and signals', (t) => {
  host(t);
  overlay('blue', 'resolv.conf', 'nameserver 192.0.2.99\n');
  const before = mounts();
  for (const [script, expected] of [
    ['readlink /proc/self/ns/net', RegExp(`^net:\\[${statSync('/run/netns/blue').ino}\\]\n$`)],
    ['ip -brief link', /of-blue@other/],
    ['ls /sys/class/net', /^lo\nof-blue\nother\n$/],
    ['ls /sys /sys/fs/cgroup', /class/],
    ['cat /etc/resolv.conf /etc/hosts', /^nameserver 192\.0\.2\.99\n127/],
    ['pwd; umask; cat /proc/self/environ', /^\/usr\n/],
    ['grep -E "^(Sig(Blk|Ign|Cgt)|Cap|Groups|NoNewPrivs|Seccomp:)" /proc/self/status', /SigIgn:\t0+\n/],
    ['cat /proc/self/limits', /open files/],
    // Without the ids of mounts, which are new each time, and of groups of peers.
    ['cut -d " " -f 4- /proc/self/mountinfo | sed -E "s/[0-9]+:[0-9]+|master:[0-9]+//g"', / - sysfs blue /],
  ] as const)
    assert.match(same(['blue', 'sh', '-c', script]).stdout, expected, script);
  assert.equal(mounts(), before);
  assert.equal(readFileSync('/etc/resolv.conf', 'utf8'), 'nameserver 192.0.2.1\n');
  assert.equal(ip('netns', 'list').split('\n').length, 3);
});

test('exit status, and the signal that killed it', (t) => {
  host(t);
  for (const status of [0, 1, 3, 7, 255]) {
    const ended = same(['red', 'sh', '-c', `exit ${status}`]);
    assert.deepEqual([ended.status, ended.stderr], [status, '']);
  }
  for (const signal of ['KILL', 'TERM', 'INT', 'PIPE', 'XFSZ'])
    assert.equal(same(['red', 'sh', '-c', `kill -${signal} $$`]).signal, `SIG${signal}`);
});

test('standard streams: the input is read, and no flag of a pipe changes', (t) => {
  host(t);
  assert.equal(same(['red', 'cat'], 'printf "a\\000b\\n" | "$@"').stdout, 'a\0b\n');
  const flags = [
    'red',
    'grep',
    '-h',
    'flags',
    '/proc/self/fdinfo/0',
    '/proc/self/fdinfo/1',
    '/proc/self/fdinfo/2',
  ];
  for (const script of ['true | "$@" 2>&1 | cat', '"$@" <&2', '"$@" 2>/dev/null </dev/null'])
    assert.match(same(flags, script).stdout, /flags/);
  // Also where nlink has something to say before.
  overlay('red', 'missing', '');
  assert.match(
    run('nlink', flags, 'true | "$@" 2>&1 | cat').stdout,
    /missing[^\n]*\nflags:\t00\nflags:\t01\nflags:\t01\n/,
  );
});

test('a program whose reader goes away ends by SIGPIPE', (t) => {
  host(t);
  const { stdout, stderr } = same(['red', 'yes'], '{ "$@"; echo "$?" >&2; } | head -1');
  assert.deepEqual([stdout, stderr], ['y\n', '141\n']);
});

test('the same process: a signal reaches the program', async (t) => {
  host(t);
  const program = start(t, 'exec', 'blue', ...waiting('SIGTERM'));
  assert.equal(await program.stdout.next(), String(program.child.pid));
  assert.equal(readlinkSync(`/proc/${program.child.pid}/ns/net`), `net:[${statSync('/run/netns/blue').ino}]`);
  program.child.kill('SIGTERM');
  const { status, stdout } = await outcomeOf(program);
  assert.deepEqual([status, stdout], [9, ['got SIGTERM']]);
});

test('descriptors of a shell are passed on', (t) => {
  host(t);
  const script = 'exec 9>/run/nine; "$@" 3</etc/hosts; cat /run/nine';
  assert.match(same(['blue', 'sh', '-c', 'cat <&3; echo nine >&9'], script).stdout, /^127.*\nnine\n$/);
});

test('words and names of any bytes', (t) => {
  host(t);
  const name = 'odd\udcff\n';
  addNamespace(`/run/netns/${name}`);
  overlay(name, 'resolv.conf', 'odd\n');
  const named = (rest: string): string => `n=$(printf 'odd\\377\\n.'); n=\${n%.}; ${rest}`;
  const look = named(`"$@" "$n" sh -c 'cat /etc/resolv.conf; printf %s "$0" "$1" | od -An -tx1' "$n" ''`);
  assert.equal(same([], look).stdout, 'odd\n 6f 64 64 ff 0a\n');
  const show = `sh -c 'cat /etc/resolv.conf; printf %s "$0" | od -An -tx1' "$n"`;
  const everywhere = spawnSync('sh', ['-c', named(`exec "$@" ${show}`), 'sh', ...WAYS.nlink, '--all', '--']);
  assert.equal(everywhere.status, 0);
  const parts = everywhere.stdout.toString('latin1').split('\nnetns: ');
  assert.ok(parts.includes('"odd\\xff\\n"\nodd\n 6f 64 64 ff 0a\n'), parts.join('|'));
});

test('a file that cannot be laid over /etc is noted, and the program runs', (t) => {
  host(t);
  overlay('blue', 'missing', 'x');
  const { stdout, stderr, status } = run('nlink', ['blue', 'echo', 'ran']);
  assert.deepEqual(
    [stdout, stderr, status],
    [
      'ran\n',
      'nlink: cannot mount /etc/netns/blue/missing over /etc/missing (ENOENT): make an empty file /etc/missing first\n',
      0,
    ],
  );
  assert.deepEqual([run('ip', ['blue', 'echo', 'ran']).status, existsSync('/etc/missing')], [0, false]);
});

test('mounts: those of the host arrive, those of the program stay with it', async (t) => {
  host(t);
  for (const directory of ['/run/shared', '/run/private']) mkdirSync(directory);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run/shared']);
  execFileSync('mount', ['--make-shared', '/run/shared']);
  mkdirSync('/run/shared/later');
  mkdirSync('/run/shared/inside');
  const script = 'mount -t tmpfs inside /run/shared/inside; echo ready; read x; ls /run/shared/later';
  const child = spawn(process.execPath, [main, 'exec', 'blue', 'sh', '-c', script]);
  const program = programOf(t, child);
  assert.equal(await program.stdout.next(), 'ready');
  assert.ok(!mounts().includes(' inside '));
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run/shared/later']);
  writeFileSync('/run/shared/later/arrived', '');
  child.stdin.end('go on\n');
  assert.deepEqual(await program.stdout.rest(), ['arrived']);
  execFileSync('umount', ['-R', '/run/shared']);
});

test('by path and by process; one namespace inside another', async (t) => {
  host(t);
  overlay('blue', 'resolv.conf', 'of blue\n');
  const holder = await spawnHolder(t, '/run/netns/blue');
  symlinkSync('/run/netns/blue', '/run/door');
  const directory = netnsDirectory();
  addNamespace(`${directory}/blue`);
  const namespace = (path: string): string => `net:[${statSync(path).ino}]`;
  const look = ['sh', '-c', 'readlink /proc/self/ns/net; cat /etc/resolv.conf'];
  for (const [words, path, resolver] of [
    [['/run/netns/blue'], '/run/netns/blue', 'of blue'],
    [['/run/door'], '/run/netns/blue', 'nameserver 192.0.2.1'],
    [[String(holder.pid)], '/run/netns/blue', 'nameserver 192.0.2.1'],
    [['-d', directory, 'blue'], `${directory}/blue`, 'of blue'],
    [['red', process.execPath, main, 'exec', 'blue'], '/run/netns/blue', 'of blue'],
  ] as const) {
    const expected = { status: 0, stdout: [namespace(path), resolver], stderr: [] };
    assert.deepEqual(await nlink(t, ...words, ...look), expected, words.join(' '));
  }
});

test('what cannot be run or entered: its status, and what is wrong, as ip fails', async (t) => {
  host(t);
  writeFileSync('/run/netns/stale', '', { mode: 0o444 });
  writeFileSync('/run/broken', '#!/no/such/shell\n', { mode: 0o755 });
  for (const [words, status, expected] of [
    [['blue', 'nlink-no-such'], 127, /ENOENT: execvp 'nlink-no-such': no directory in PATH has a program/],
    [['blue', '/no/such'], 127, /ENOENT: execvp '\/no\/such': there is no such file$/],
    [['blue', '/run/broken'], 127, /the file is there, but not what its first line/],
    [['blue', '/etc/hosts'], 126, /EACCES: execvp '\/etc\/hosts': this is no program/],
    [['blue', '/'], 126, /EACCES/],
    [['nope', 'true'], 1, /ENOENT: open '\/var\/run\/netns\/nope': there is no such namespace/],
    [['stale', 'true'], 1, /\/var\/run\/netns\/stale is no network namespace/],
    [['a/../..', 'true'], 1, /ENOENT|EACCES|is no network namespace/],
    [['..', 'true'], 2, /cannot be the name of a network namespace/],
  ] as const) {
    const outcome = await nlink(t, ...words);
    assert.deepEqual([outcome.status, outcome.stdout], [status, []], words.join(' '));
    assert.match(outcome.stderr.join('\n'), expected);
    // Of a name without a namespace it may also say what to do.
    const most = outcome.stderr[0]?.includes('is no network namespace') === true ? 2 : 1;
    assert.ok(outcome.stderr.length >= 1 && outcome.stderr.length <= most);
    assert.notEqual(run('ip', words).status, 0);
  }
});

test('what PATH leads to: nothing, 127; a file that may not be run, 126', (t) => {
  host(t);
  const { status, stderr } = run(
    'nlink',
    ['blue', 'x'],
    'PATH=/etc/hosts/bin:/run/none; export PATH; exec "$@"',
  );
  assert.equal(status, 127);
  assert.match(stderr, /no directory in PATH has a program/);
  writeFileSync('/run/x', 'text');
  const denied = run('nlink', ['blue', 'x'], 'PATH=/run; export PATH; exec "$@"');
  assert.equal(denied.status, 126);
  assert.match(
    denied.stderr,
    /EACCES: execvp 'x': a directory in PATH may not be searched, or what is found/,
  );
});

test('without privilege: 3, and what to do', async (t) => {
  host(t);
  for (const words of [
    ['blue', 'true'],
    ['--all', 'true'],
  ]) {
    const outcome = await outcomeOf(programOf(t, spawnOrdinary(main, 'exec', ...words)));
    assert.deepEqual([outcome.status, outcome.stdout], [3, []]);
    assert.match(
      outcome.stderr.join('\n'),
      /^nlink: EPERM: setns.*CAP_SYS_ADMIN: run as root .*unshare -Urnm/,
    );
  }
});

test('in a user namespace, also where there is no way back', (t) => {
  host(t);
  for (const way of ['-Urnm', '-Urm']) {
    // Without a network namespace of its own ip says that it cannot return, and has made the name
    // all the same.
    const script = `mount -t tmpfs tmpfs /run && { ip netns add z 2>/dev/null || true; } && exec "$@"`;
    const words = ['z', 'sh', '-c', 'ls /sys/class/net; ip -brief link'];
    const entered = (command: readonly string[]): Ended => {
      const line = [way, 'sh', '-c', script, 'sh', ...command, ...words];
      const { stdout, stderr, status, signal } = spawnSync('unshare', line, { encoding: 'utf8' });
      return { stdout, stderr, status, signal };
    };
    const outcome = entered(WAYS.nlink);
    assert.deepEqual([outcome.stderr, outcome.status], ['', 0], way);
    assert.match(outcome.stdout, /^lo\nlo +DOWN/);
    assert.deepEqual(outcome, entered(WAYS.ip));
  }
});
