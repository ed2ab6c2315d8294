/**
 * The command with a watcher that the test holds: what is printed, when events are taken, how it
 * ends.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import { NlinkError } from '../../../../src/errors.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import type {
  UnifiedEvent,
  UnifiedNamespaceWatcherOptions,
} from '../../../../src/watch/unified/unified-events.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { verdictOf } from '../../support/verdict.ts';
import { at, created, entry, identity } from '../../support/lines.ts';

const deleted = (name: string): UnifiedEvent => ({
  type: 'deleted',
  ...at(name),
  namespace: identity,
  nsid: null,
  alive: null,
});
const names = (io: FakeIo): unknown[] => io.stdout.lines.map((line) => JSON.parse(line).name);
const turn = (): Promise<void> => new Promise(setImmediate);

/** Runs the command until it waits for events. */
async function start(io: FakeIo, ...words: string[]): Promise<{ status: Promise<number> }> {
  const status = run(['watch', ...words], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  await turn();
  return { status };
}

test('what is there, then what happens, until it is interrupted', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('old'))];
  const { status } = await start(io);
  io.watcher.push(created('blue'), deleted('blue'));
  await turn();
  io.interrupt();
  assert.equal(await within('the end', status), 0);
  assert.deepEqual(io.stdout.lines, [
    '03:04:05.006  present    old               net:[4026532178]  id 9007199254740993',
    '03:04:05.006  created    blue              net:[4026532178]  id 9007199254740993',
    '03:04:05.006  deleted    blue              net:[4026532178]  id 9007199254740993',
  ]);
  assert.equal(io.stderr.text, '');
  assert.deepEqual([io.watcher.stops > 0, io.listening], [true, 0]);
  assert.deepEqual(io.options, {
    directories: ['/var/run/netns'],
    readyTimeout: 1000,
    followSymlinks: true,
    emitDirectoryEvents: true,
    netlink: 'auto',
    assignNsids: false,
    proc: '/proc',
  });
});

test('--no-snapshot, --events', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('old'))];
  const { status } = await start(io, '--json', '--no-snapshot', '--events', 'deleted');
  io.watcher.push(created('blue'), created('red'), deleted('blue'));
  await turn();
  io.interrupt();
  assert.equal(await status, 0);
  assert.deepEqual(names(io), ['blue']);
});

test('nothing there yet: said on stderr', async () => {
  const io = new FakeIo();
  const { status } = await start(io);
  io.interrupt();
  assert.equal(await status, 0);
  assert.equal(io.stderr.text, 'nlink: no namespaces in /var/run/netns yet; waiting for the first\n');
});

test('no directory yet: said on stderr, and when it comes and goes', async () => {
  const io = new FakeIo();
  io.watcher.missing = ['/run/a\nb'];
  const { status } = await start(io, '-d', '/run/a\nb');
  io.watcher.push({ type: 'directoryCreated', path: '/run/a\nb' }, created('blue'));
  io.watcher.push({ type: 'directoryDeleted', path: '/run/a\nb' });
  await turn();
  io.interrupt();
  assert.equal(await status, 0);
  assert.deepEqual(io.stderr.lines, [
    'nlink: /run/a\\nb does not exist yet; waiting for it',
    'nlink: /run/a\\nb exists now',
    'nlink: /run/a\\nb is gone; waiting for it to come back',
  ]);
  assert.equal(io.stdout.lines.length, 1);
});

test('--directory-events: on stdout instead', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--json', '--directory-events');
  io.watcher.push({ type: 'directoryDeleted', path: '/x' }, { type: 'directoryCreated', path: '/x' });
  await turn();
  io.interrupt();
  assert.equal(await status, 0);
  assert.deepEqual(
    io.stdout.lines.map((line) => JSON.parse(line).type),
    ['directoryDeleted', 'directoryCreated'],
  );
  assert.doesNotMatch(io.stderr.text, /\/x/);
});

test('no propagation: how to mend it, once', async () => {
  const io = new FakeIo();
  const reason = 'no-propagation';
  const verdict = verdictOf(reason);
  const unready = { ready: false, namespace: null, nsid: null, reason, verdict } as const;
  io.inventory = [{ ...entry(null), names: [{ ...at('old'), ready: false, reason, verdict }] }];
  const { status } = await start(io);
  io.watcher.push({ type: 'created', ...at('blue'), ...unready });
  await turn();
  io.interrupt();
  assert.equal(await status, 0);
  assert.match(io.stderr.text, /^nlink: mounts made there do not propagate [^\n]*HostToContainer[^\n]*\n$/);
});

test('colours on a terminal, none in JSON', async () => {
  for (const [words, coloured] of [
    [[], true],
    [['--no-color'], false],
    [['--json'], false],
  ] as const) {
    const io = new FakeIo();
    io.stdout.isTTY = true;
    const { status } = await start(io, ...words);
    io.watcher.push(created('blue'));
    await turn();
    io.interrupt();
    assert.equal(await status, 0);
    assert.equal(io.stdout.text.includes('\x1b['), coloured, words.join(' '));
  }
});

test('while the reader is slow no more events are taken than one batch', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--json');
  io.stdout.open = false;
  const all = Array.from({ length: 2000 }, (_, index) => `n${index}`);
  io.watcher.push(...all.map((name) => created(name)));
  await turn();
  const { taken } = io.watcher;
  assert.ok(taken > 0 && taken <= 256, `${taken} taken`);
  await turn();
  assert.equal(io.watcher.taken, taken);
  io.stdout.open = true;
  await waitFor('all lines', () => io.stdout.lines.length === all.length);
  assert.deepEqual(names(io), all);
  io.interrupt();
  assert.equal(await status, 0);
});

test('interrupted while the reader is slow: what was received is still printed', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--json');
  io.stdout.open = false;
  io.watcher.push(created('a'));
  await turn();
  io.watcher.push(created('b'), created('c'));
  io.interrupt();
  await turn();
  io.stdout.open = true;
  assert.equal(await within('the end', status), 0);
  assert.deepEqual(names(io), ['a', 'b', 'c']);
});

test('interrupted in a storm: all that had happened by then is printed', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--json', '--events', 'created');
  const all = Array.from({ length: 2000 }, (_, index) => `n${index}`);
  // Batches of which nothing is printed are not the end.
  io.watcher.push(...all.map(deleted), ...all.map((name) => created(name)));
  io.interrupt();
  assert.equal(await within('the end', status), 0);
  assert.deepEqual(names(io), all);
});

test('interrupted while events go on and on: it ends all the same', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--json', '--events', 'deleted');
  io.watcher.tryRecv = () => created('more');
  io.watcher.push(created('first'));
  io.interrupt();
  assert.equal(await within('the end', status), 0);
});

test('interrupted while it opens: what is there is printed, and that is the end', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('old'))];
  const { listAndWatch } = io;
  const opening = Object.assign(io, {
    listAndWatch: (options: UnifiedNamespaceWatcherOptions) => {
      io.interrupt();
      return listAndWatch(options);
    },
  });
  assert.equal(await within('the end', run(['watch', '--json'], opening)), 0);
  assert.deepEqual(names(io), ['old']);
  assert.ok(io.watcher.stops > 0);
});

test('the reader is gone: the end, at once, with 0 and without a word', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('old'))];
  const { status } = await start(io);
  io.hangUp();
  assert.equal(await within('the end', status), 0);
  assert.deepEqual([io.stderr.text, io.watcher.stops > 0, io.listening], ['', true, 0]);
});

test('the watcher ends by itself: so does the command', async () => {
  const io = new FakeIo();
  const { status } = await start(io);
  void io.watcher.stop();
  assert.equal(await within('the end', status), 0);
});

const failures: [string, Error, number, RegExp][] = [
  [
    'a directory that may not be read',
    systemError(13, 'inotify_add_watch', '/x'),
    3,
    /^nlink: EACCES: inotify_add_watch '\/x': watching needs read permission [^\n]*\n/,
  ],
  [
    'a file',
    systemError(20, 'inotify_add_watch', '/x'),
    1,
    /^nlink: ENOTDIR: .*: this is a file; give the directory/,
  ],
  ['too many watchers', systemError(24, 'inotify_init1'), 1, /^nlink: EMFILE: .*raise the sysctl/],
  ['not Linux', new NlinkError('ERR_NLINK_UNSUPPORTED_PLATFORM', 'Linux only'), 3, /^nlink: Linux only\n$/],
  [
    'no koffi',
    new NlinkError('ERR_NLINK_NATIVE_LIBRARY', 'koffi is not here'),
    3,
    /^nlink: koffi is not here\n$/,
  ],
  [
    'what node --permission forbids',
    Object.assign(new Error('restricted'), {
      code: 'ERR_ACCESS_DENIED',
      permission: 'FileSystemRead',
      resource: '/x',
    }),
    3,
    /^nlink: restricted\nnlink: the permission model of Node forbids it: start node with --allow-fs-read=\/x\n$/,
  ],
  [
    'what Deno forbids',
    Object.assign(new Error('Requires'), { name: 'NotCapable' }),
    3,
    /^nlink: Requires\nnlink: Deno forbids it: start deno with --allow-all\n$/,
  ],
  ['an old kernel', new NlinkError('ERR_NLINK_UNSUPPORTED_KERNEL', 'no /proc'), 3, /^nlink: no \/proc\n$/],
  ['an argument', new NlinkError('ERR_NLINK_INVALID_ARGUMENT', 'too big'), 2, /^nlink: too big\n$/],
  [
    'a mistake of ours',
    new TypeError('x is not\n\x1b[2Ja function'),
    1,
    /^nlink: unexpected TypeError: x is not\\n\\x1b\[2Ja function\nnlink: set NLINK_DEBUG=1 [^\n]*\n$/,
  ],
];

for (const [what, error, expected, text] of failures) {
  test(`${what}: ${expected}, and no stack`, async () => {
    const opening = new FakeIo();
    const io = Object.assign(opening, { listAndWatch: () => Promise.reject(error) });
    assert.equal(await run(['watch'], io), expected);
    assert.match(io.stderr.text, text);
    assert.doesNotMatch(io.stderr.text, /\n +at /);
    assert.deepEqual([io.stdout.text, io.listening], ['', 0]);
  });
}

test('an error while it watches comes after the events before it', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--json');
  io.watcher.push(created('blue'));
  io.watcher.fail(systemError(5, 'read'));
  assert.equal(await within('the end', status), 1);
  assert.deepEqual(names(io), ['blue']);
  assert.match(io.stderr.text, /nlink: EIO: read\n$/);
  assert.equal(io.listening, 0);
});

for (const env of [{ NLINK_DEBUG: '1' }, { NODE_DEBUG: 'fs,nlink' }]) {
  test(`the stack with ${JSON.stringify(env)}`, async () => {
    const io = Object.assign(new FakeIo(), {
      env,
      listAndWatch: () => Promise.reject(new TypeError('oops')),
    });
    assert.equal(await run(['watch'], io), 1);
    assert.match(io.stderr.text, /\n +at .*watch\.test/);
  });
}

test('bad usage: 2, and where to look', async () => {
  const io = new FakeIo();
  assert.equal(await run(['watch', '--quietly'], io), 2);
  assert.equal(
    io.stderr.text,
    'nlink: unknown option "--quietly"; did you mean --quiet?\nnlink: Try \'nlink watch --help\'.\n',
  );
  assert.equal(io.stdout.text, '');
});
