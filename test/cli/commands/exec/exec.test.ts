/**
 * `nlink exec` over a system that the test holds: what is entered, what is run, and what is said.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import type { Ending } from '../../../../src/sys/program.ts';
import { waitFor } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import type { FakeRunner } from '../../support/fake-runner.ts';
import { identity, listed } from '../../support/lines.ts';

/** A host with the names `blue` and `77`, both ready, and the stale name `old`. */
function host(): FakeIo {
  const io = new FakeIo();
  io.namespaces = [
    { ...listed('blue'), ready: true, namespace: identity },
    { ...listed('77'), ready: true, namespace: identity },
    { ...listed('old'), ready: false, namespace: null, reason: 'not-a-namespace' },
  ];
  return io;
}

const exec = (io: FakeIo, ...words: string[]): Promise<number> => run(['exec', ...words], io);

test('which namespace is entered, and whose files in /etc/netns are meant', async () => {
  for (const [words, reference, name] of [
    [['blue'], { path: '/var/run/netns/blue' }, 'blue'],
    [['-d', '/run/netns', 'blue'], { path: '/run/netns/blue' }, 'blue'],
    [['-d', '/run/netns', '77'], { path: '/run/netns/77' }, '77'],
    [['4711'], { pid: 4711 }, null],
    [['/proc/1/ns/net'], { path: '/proc/1/ns/net' }, null],
    [['/run/netns/red'], { path: '/run/netns/red' }, 'red'],
    [['/var/run/netns/red'], { path: '/var/run/netns/red' }, 'red'],
    [['-d', '/x', '/x/red'], { path: '/x/red' }, 'red'],
    [['/x/red'], { path: '/x/red' }, null],
  ] as const) {
    const io = host();
    assert.equal(await exec(io, ...words, '--', 'ls', '-l', ''), 127);
    assert.deepEqual(io.enteredAs, [[reference, { name, sysMounts: false }]]);
    assert.deepEqual(io.became, ['ls', '-l', '']);
    assert.equal(io.stdout.text, '');
  }
});

test('a program that cannot be run: 127 if it is not there, else 126', async () => {
  for (const [number, status] of [
    [2, 127],
    [13, 126],
    [8, 126],
    [20, 126],
  ] as const) {
    const io = host();
    io.refusal = systemError(number, 'execvp', 'a\x1b[2J', 'do this');
    assert.equal(await exec(io, 'blue', 'x'), status);
    assert.match(io.stderr.text, /^nlink: E\w+: execvp 'a\\x1b\[2J': do this\n$/);
  }
});

test('files that do not lie over those in /etc: said, and it goes on', async () => {
  const io = host();
  io.overlays = [{ from: '/etc/netns/a\n/x', onto: '/etc/x', code: 'ENOENT', remedy: 'make it' }];
  assert.equal(await exec(io, 'blue', 'x'), 127);
  assert.equal(io.stderr.lines[0], 'nlink: cannot mount /etc/netns/a\\n/x over /etc/x (ENOENT): make it');
  assert.deepEqual(io.became, ['x']);
});

test('without privilege: 3 and what to do, and nothing is run', async () => {
  for (const words of [
    ['blue', 'x'],
    ['--all', 'x'],
  ]) {
    const io = host();
    io.overlays = null;
    assert.equal(await exec(io, ...words), 3);
    assert.match(io.stderr.text, /^nlink: EPERM: setns: .*needs CAP_SYS_ADMIN: run as root .*unshare -Urnm/);
    assert.equal(io.stderr.lines.length, 1);
    assert.deepEqual([io.became, io.runner, io.stdout.text], [null, null, '']);
  }
});

test('--all: one after the other, by their paths; a heading as that of ip', async () => {
  const io = host();
  io.namespaces = io.namespaces.filter(({ ready }) => ready);
  assert.equal(await exec(io, '-d', '/run/netns', '--all', '--', 'ls', '--all'), 0);
  const job = { directory: '/run/netns', words: ['ls', '--all'], sysMounts: false, collect: false };
  assert.deepEqual(io.runner?.jobs, [
    { name: 'blue', path: '/run/netns/blue', ...job },
    { name: '77', path: '/run/netns/77', ...job },
  ]);
  assert.equal(io.runner?.closed, 1);
  assert.deepEqual([io.stdout.text, io.stderr.text], ['\nnetns: blue\n\nnetns: 77\n', '']);
});

test('--all: what failed is said, the others are run, and the end is 1', async () => {
  const io = host();
  io.endings = [
    { status: 3, signal: null },
    { status: null, signal: 'SIGKILL' },
  ];
  assert.equal(await exec(io, '--all', 'x'), 1);
  assert.deepEqual(io.stderr.lines, [
    'nlink: blue: ended with 3',
    'nlink: 77: ended by SIGKILL',
    'nlink: old: not run: a file on which no namespace is mounted',
  ]);
  assert.equal(io.runner?.jobs.length, 2);
});

test('--all where there is none: said, 0', async () => {
  const io = new FakeIo();
  assert.equal(await exec(io, '--all', '-d', '/a', '-d', '/b', 'x'), 0);
  assert.deepEqual([io.stdout.text, io.stderr.text], ['', 'nlink: no namespaces in /a, /b\n']);
});

test('--all: nobody reads any more: nothing else is run, 0', async () => {
  const io = host();
  io.stdout._write = (_chunk, _encoding, callback: (error?: Error) => void): void =>
    callback(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  assert.equal(await exec(io, '--all', 'x'), 0);
  assert.deepEqual([io.runner?.jobs, io.stderr.text, io.runner?.closed], [[], '', 1]);
});

test('a process that is not there: what it was taken for', async () => {
  const io = host();
  io.enterNamespace = async () => {
    throw systemError(2, 'open', '/proc/4711/ns/net', 'there is no process 4711');
  };
  assert.equal(await exec(io, '4711', 'x'), 1);
  assert.match(io.stderr.text, /no process 4711; 4711 is not a name in \/var\/run\/netns either\n$/);
});

test('--all: what could not be entered or run, by the name; the others are run', async () => {
  const io = host();
  io.namespaces = io.namespaces.filter(({ ready }) => ready);
  io.endings = [systemError(2, 'posix_spawnp', 'x', 'there is no such program')];
  assert.equal(await exec(io, '--all', '--sys-mounts', 'x'), 1);
  assert.deepEqual(io.stderr.lines, ["nlink: blue: ENOENT: posix_spawnp 'x': there is no such program"]);
  assert.deepEqual(
    io.runner?.jobs.map(({ name, sysMounts }) => [name, sysMounts]),
    [
      ['blue', true],
      ['77', true],
    ],
  );
});

test('--all: nothing else is started when the user has asked to stop', async () => {
  const io = host();
  let end: (ending: Ending) => void = () => {};
  io.endings = [new Promise((resolve) => (end = resolve))];
  const done = exec(io, '--all', 'x');
  await waitFor('the program', () => io.runner?.jobs.length === 1);
  (io.runner as FakeRunner).stopRequested = true;
  end({ status: null, signal: 'SIGTERM' });
  await done;
  assert.deepEqual([io.runner?.jobs.length, io.runner?.closed, io.stderr.text], [1, 1, '']);
});

/** As many ends as the test gives. */
function ends(count: number): { endings: Promise<Ending>[]; end: ((ending: Ending) => void)[] } {
  const end: ((ending: Ending) => void)[] = [];
  const endings = Array.from({ length: count }, () => new Promise<Ending>((resolve) => end.push(resolve)));
  return { endings, end };
}
const WELL: Ending = { status: 0, signal: null };

test('--jobs: so many at a time; their output whole, in the order of the names', async () => {
  const io = new FakeIo();
  io.namespaces = ['a', 'b', 'c', 'd'].map((name) => ({ ...listed(name), ready: true, namespace: identity }));
  const { endings, end } = ends(4);
  io.endings = [...endings];
  const done = exec(io, '--all', '--jobs', '2', 'x');
  const started = (): string => (io.runner?.jobs ?? []).map(({ name }) => name).join('');
  await waitFor('the first two', () => started() === 'ab');
  end[1]?.({ status: 3, signal: null });
  await waitFor('the third', () => started() === 'abc');
  assert.equal(io.stdout.text, '');
  end[2]?.(WELL);
  await waitFor('the fourth', () => started() === 'abcd');
  end[0]?.(WELL);
  end[3]?.(WELL);
  assert.equal(await done, 1);
  assert.deepEqual(
    io.stdout.text,
    ['a', 'b', 'c', 'd'].map((name) => `\nnetns: ${name}\nout of ${name}\n`).join(''),
  );
  assert.deepEqual(io.stderr.lines, [
    'err of a',
    'err of b',
    'nlink: b: ended with 3',
    'err of c',
    'err of d',
  ]);
});

test('--jobs: the reader is gone: running programs get SIGPIPE, no others start', async () => {
  const io = new FakeIo();
  io.namespaces = ['a', 'b', 'c'].map((name) => ({ ...listed(name), ready: true, namespace: identity }));
  const { endings, end } = ends(2);
  io.endings = [...endings];
  const done = exec(io, '--all', '--jobs', '2', 'x');
  await waitFor('two', () => io.runner?.jobs.length === 2);
  io.hangUp();
  assert.deepEqual(io.runner?.signals, ['SIGPIPE']);
  for (const it of end) it({ status: null, signal: 'SIGPIPE' });
  assert.equal(await done, 0);
  assert.deepEqual([io.runner?.jobs.length, io.stdout.text, io.stderr.text], [2, '', '']);
});

test('--jobs: stdout fails: running programs are ended and awaited, no others start', async () => {
  const io = new FakeIo();
  io.namespaces = ['a', 'b', 'c', 'd'].map((name) => ({ ...listed(name), ready: true, namespace: identity }));
  const { endings, end } = ends(3);
  io.endings = [...endings];
  io.stdout._write = (_chunk, _encoding, callback: (error?: Error) => void): void =>
    callback(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  const done = exec(io, '--all', '--jobs', '2', 'x');
  await waitFor('two', () => io.runner?.jobs.length === 2);
  end[0]?.(WELL);
  await waitFor('the signal', () => io.runner?.signals.length === 1);
  assert.deepEqual([io.runner?.signals, io.runner?.closed], [['SIGPIPE'], 0]);
  for (const it of end) it({ status: null, signal: 'SIGPIPE' });
  assert.equal(await done, 1);
  assert.match(io.stderr.text, /writing to stdout: full/);
  assert.equal(io.runner?.closed, 1);
  assert.ok((io.runner?.jobs.length ?? 4) < 4);
});

test('--jobs is a whole number, and only with --all', async () => {
  for (const words of [
    ['--all', '--jobs', '0', 'x'],
    ['--all', '--jobs', '1.5', 'x'],
    ['--jobs', '2', 'blue', 'x'],
  ])
    assert.equal(await exec(host(), ...words), 2);
});
