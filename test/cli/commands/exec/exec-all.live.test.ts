/** `nlink exec --all` on real namespaces: each in turn, whatever fails, until the user ends it. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { overlay } from '../../../support/etc.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { host, nlink, run, waiting } from './exec-host.ts';
import { main, outcomeOf, programOf } from '../../support/program.ts';
import type { Program } from '../../support/program.ts';

test('--all: the same output as of ip, in each; streams of the program', (t) => {
  host(t);
  overlay('red', 'resolv.conf', 'of red\n');
  const words = [
    'sh',
    '-c',
    'readlink /proc/self/ns/net; cat /etc/resolv.conf; ls /sys/class/net; cat; exit "$0"',
    '0',
  ];
  const byIp = spawnSync('ip', ['-all', 'netns', 'exec', ...words], { encoding: 'utf8', input: '' });
  const byUs = spawnSync(process.execPath, [main, 'exec', '--all', ...words], {
    encoding: 'utf8',
    input: '',
  });
  const parts = (text: string): string[] => text.split('\nnetns: ').sort();
  assert.equal(parts(byUs.stdout).length, 3);
  assert.deepEqual(parts(byUs.stdout), parts(byIp.stdout));
  assert.deepEqual([byUs.stderr, byUs.status, byIp.status], ['', 0, 0]);
  const flags = run(
    'nlink',
    ['--all', 'grep', '-h', 'flags', '/proc/self/fdinfo/0', '/proc/self/fdinfo/1'],
    'true | "$@" | cat',
  );
  assert.equal(flags.stdout.replaceAll(/\nnetns: .*\n/g, ''), 'flags:\t00\nflags:\t01\n'.repeat(2));
});

test('--all: goes on after a failure, says which, ends with 1', async (t) => {
  host(t);
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  const script = 'if ip link show of-blue >/dev/null 2>&1; then exit 3; fi';
  const { status, stdout, stderr } = await nlink(t, '--all', '--', 'sh', '-c', script);
  assert.deepEqual([status, stdout], [1, ['', 'netns: blue', '', 'netns: red']]);
  assert.deepEqual(stderr, [
    'nlink: blue: ended with 3',
    'nlink: stale: not run: a file on which no namespace is mounted',
  ]);
  assert.equal((await nlink(t, '--all', 'nlink-no-such')).status, 1);
});

/** Starts `nlink exec --all` as a shell with job control does: in a group of its own. */
async function startGroup(t: TestContext, ...words: string[]): Promise<Program & { program: number }> {
  const line = [main, 'exec', '--all', '--', ...words];
  const child = programOf(
    t,
    spawn(process.execPath, line, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
  assert.deepEqual([await child.stdout.next(), await child.stdout.next()], ['', 'netns: blue']);
  return { ...child, program: Number(await child.stdout.next()) };
}

test('--all: Ctrl-C ends the whole, after the program that runs', async (t) => {
  host(t);
  for (const status of [0, 9]) {
    const { child, ...program } = await startGroup(t, ...waiting('SIGINT', status));
    process.kill(-(child.pid as number), 'SIGINT');
    const outcome = await outcomeOf({ child, ...program });
    assert.deepEqual([outcome.status, outcome.stdout, outcome.stderr], ['SIGINT', ['got SIGINT'], []]);
  }
});

test('--all: SIGTERM and SIGHUP reach the program, and end the whole', async (t) => {
  host(t);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const { child, ...program } = await startGroup(t, ...waiting(signal));
    child.kill(signal);
    const outcome = await outcomeOf({ child, ...program });
    assert.deepEqual([outcome.status, outcome.stdout, outcome.stderr], [signal, [`got ${signal}`], []]);
  }
});

test('--all: a program that is killed is no reason to end', async (t) => {
  host(t);
  const { child, program, ...rest } = await startGroup(
    t,
    'sh',
    '-c',
    'echo $$; ip link show of-blue >/dev/null 2>&1 && exec sleep 1000',
  );
  process.kill(program, 'SIGTERM');
  assert.equal(await rest.stderr.next(), 'nlink: blue: ended by SIGTERM');
  assert.deepEqual((await rest.stdout.rest()).slice(0, 2), ['', 'netns: red']);
  assert.equal(await within('the end', rest.ended), 1);
  assert.ok(child.pid !== program);
});

test('--all: nobody reads any more: what that ends is no failure, and nothing else is run', async (t) => {
  host(t);
  const { child, stderr, ended } = await startGroup(t, 'sh', '-c', 'echo $$; exec yes 2>/dev/null');
  child.stdout.destroy();
  assert.deepEqual([await within('the end', ended), await stderr.rest()], [0, []]);
});

test('--all: one Node in all, whose namespaces and directory stay what they are', (t) => {
  host(t);
  const log = '/run/starts';
  writeFileSync('/run/count.cjs', `require('node:fs').appendFileSync('${log}', 'x')`);
  // The program may be there before nlink is back, but not for long.
  const look = `pwd; until [ "$(readlink /proc/$PPID/ns/net)" = "$0" ]; do sleep 0.01; done
    readlink /proc/$PPID/ns/mnt /proc/$PPID/cwd`;
  const [network, mounts] = ['net', 'mnt'].map((of) => readlinkSync(`/proc/self/ns/${of}`));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [main, 'exec', '--all', 'sh', '-c', look, network as string],
    {
      encoding: 'utf8',
      cwd: '/usr',
      env: { ...process.env, NODE_OPTIONS: '--require /run/count.cjs' },
      timeout: 60_000,
    },
  );
  const each = ['/usr', mounts, '/usr', ''].join('\n');
  assert.deepEqual([stdout, stderr, status], [`\nnetns: blue\n${each}\nnetns: red\n${each}`, '', 0]);
  assert.equal(readFileSync(log, 'utf8'), 'x');
});

test('--all: signals, mounts and limits are those that ip gives a program', (t) => {
  host(t);
  const look = [
    'grep -E "^(Sig(Blk|Ign|Cgt)|Cap|Groups|NoNewPrivs|Seccomp:)" /proc/self/status',
    'cut -d " " -f 4- /proc/self/mountinfo | sed -E "s/[0-9]+:[0-9]+|master:[0-9]+//g"',
    'cat /proc/self/environ; umask; ls /proc/self/fd',
  ].join('; ');
  const parts = (way: readonly string[]): string[] => {
    const [program, ...words] = way;
    const ended = spawnSync(program as string, [...words, 'sh', '-c', look], {
      encoding: 'utf8',
      cwd: '/usr',
    });
    assert.deepEqual([ended.stderr, ended.status], ['', 0]);
    return ended.stdout.split('\nnetns: ').sort();
  };
  assert.deepEqual(parts([process.execPath, main, 'exec', '--all']), parts(['ip', '-all', 'netns', 'exec']));
});

test('--all: a file without a format is run by the shell', (t) => {
  host(t);
  writeFileSync('/run/script', 'echo "by the shell: $1"\n', { mode: 0o755 });
  for (const words of [
    ['/run/script', 'a b'],
    ['script', 'a b'],
  ]) {
    const { stdout } = run('nlink', ['--all', ...words], 'PATH=/run:$PATH; exec "$@"');
    assert.equal(stdout, '\nnetns: blue\nby the shell: a b\n\nnetns: red\nby the shell: a b\n');
  }
});

test('--all where there is no way back: nlink is started for each, and all else is the same', (t) => {
  host(t);
  const script = `mount -t tmpfs tmpfs /run; for name in y z; do ip netns add $name 2>/dev/null; done; exec "$@"`;
  const look = ['sh', '-c', 'pwd; ls /sys/class/net; exit 3'];
  for (const words of [[], ['--jobs', '2']]) {
    const line = [
      '-Urm',
      'sh',
      '-c',
      script,
      'sh',
      process.execPath,
      main,
      'exec',
      '--all',
      ...words,
      '--',
      ...look,
    ];
    const { stdout, stderr, status } = spawnSync('unshare', line, { encoding: 'utf8', cwd: '/usr' });
    assert.deepEqual(
      [stdout, stderr, status],
      ['\nnetns: y\n/usr\nlo\n\nnetns: z\n/usr\nlo\n', 'nlink: y: ended with 3\nnlink: z: ended with 3\n', 1],
    );
  }
});

test('--all without CAP_SYS_CHROOT: as before, in the same directory', (t) => {
  host(t);
  const words = ['--bounding-set', '-sys_chroot', process.execPath, main, 'exec', '--all', 'pwd'];
  const { stdout, stderr, status } = spawnSync('setpriv', words, { encoding: 'utf8', cwd: '/usr' });
  assert.deepEqual([stdout, stderr, status], ['\nnetns: blue\n/usr\n\nnetns: red\n/usr\n', '', 0]);
});

test('--jobs: at the same time, with an empty input; what each wrote is whole and in order', (t) => {
  host(t);
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  execFileSync('mkfifo', ['/run/there', '/run/back']);
  // Neither ends before the other one is there too.
  const script = `cat; if ip link show of-blue >/dev/null 2>&1
    then echo first; read x </run/back; echo "$x" >&2; else echo second; echo met >/run/back; fi; echo end`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [main, 'exec', '--all', '--jobs', '2', '--', 'sh', '-c', script],
    { encoding: 'utf8', input: 'for nobody\n', timeout: 60_000 },
  );
  assert.deepEqual(
    [stdout, stderr, status],
    [
      '\nnetns: blue\nfirst\nend\n\nnetns: red\nsecond\nend\n',
      'met\nnlink: stale: not run: a file on which no namespace is mounted\n',
      1,
    ],
  );
});

test('--jobs: Ctrl-C and SIGTERM end the whole, after all that run', async (t) => {
  host(t);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    writeFileSync('/run/ready', '');
    const program = `process.on('${signal}', () => { console.log('got ${signal}'); process.exit(9) });
      setInterval(() => {}, 1e9); require('node:fs').appendFileSync('/run/ready', '.')`;
    const line = [main, 'exec', '--all', '--jobs', '2', '--', process.execPath, '-e', program];
    const started = programOf(
      t,
      spawn(process.execPath, line, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    await waitFor('both', () => readFileSync('/run/ready', 'utf8') === '..');
    if (signal === 'SIGINT') process.kill(-(started.child.pid as number), signal);
    else started.child.kill(signal);
    const outcome = await outcomeOf(started);
    const each = (name: string): string[] => ['', `netns: ${name}`, `got ${signal}`];
    assert.deepEqual(
      [outcome.status, outcome.stdout, outcome.stderr],
      [signal, [...each('blue'), ...each('red')], []],
    );
  }
});

// Fails if what a program writes is kept without end: it fills the memory of the machine.
test('--jobs: a program that writes without end is ended, and the others are not', (t) => {
  host(t);
  const look = 'ip link show of-blue >/dev/null 2>&1 && exec yes; echo fine';
  const words = ['exec', '--all', '--jobs', '2', '--', 'sh', '-c', look];
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { maxBuffer: 2 ** 26 });
  assert.match(stdout.toString('latin1'), /netns: red\nfine\n$/);
  assert.match(
    stderr.toString(),
    /^nlink: blue: killed: it wrote more than the 16 MiB per program that --jobs keeps/,
  );
  assert.equal(status, 1);
});
