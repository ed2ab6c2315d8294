/** `nlink exec` over a system that the test holds: what is entered, what is run, and what is said. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../src/cli/run.ts';
import { systemError } from '../../src/sys/errno.ts';
import { FakeIo } from './fake-io.ts';
import { identity, listed } from './lines.ts';

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
    assert.deepEqual(io.enteredAs, [[reference, name]]);
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
  assert.equal(io.stderr.lines[0], 'nlink: /etc/netns/a\\n/x does not lie over /etc/x (ENOENT): make it');
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
    assert.deepEqual([io.became, io.ranAgain, io.stdout.text], [null, [], '']);
  }
});

test('--all: one after the other, by their paths; a heading as that of ip', async () => {
  const io = host();
  io.namespaces = io.namespaces.filter(({ ready }) => ready);
  assert.equal(await exec(io, '-d', '/run/netns', '--all', '--', 'ls', '--all'), 0);
  assert.deepEqual(io.ranAgain, [
    ['exec', '--directory', '/run/netns', '--', '/run/netns/blue', 'ls', '--all'],
    ['exec', '--directory', '/run/netns', '--', '/run/netns/77', 'ls', '--all'],
  ]);
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
    'nlink: old: nothing was run: a file on which no namespace is mounted',
  ]);
  assert.equal(io.ranAgain.length, 2);
});

test('--all where there is none: said, 0', async () => {
  const io = new FakeIo();
  assert.equal(await exec(io, '--all', '-d', '/a', '-d', '/b', 'x'), 0);
  assert.deepEqual([io.stdout.text, io.stderr.text], ['', 'nlink: there is no namespace in /a, /b\n']);
});

test('--all: nobody reads any more: nothing else is run, 0', async () => {
  const io = host();
  io.stdout._write = (_chunk, _encoding, callback: (error?: Error) => void): void =>
    callback(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  assert.equal(await exec(io, '--all', 'x'), 0);
  assert.deepEqual([io.ranAgain, io.stderr.text], [[], '']);
});

test('a process that is not there: what it was taken for', async () => {
  const io = host();
  io.enterNamespace = async () => {
    throw systemError(2, 'open', '/proc/4711/ns/net', 'there is no process 4711');
  };
  assert.equal(await exec(io, '4711', 'x'), 1);
  assert.match(io.stderr.text, /no process 4711; 4711 is no name in \/var\/run\/netns either\n$/);
});
