/** `nlink watch --exec` over a watcher and hooks that the test holds. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { BACKLOG } from '../../../../src/cli/commands/watch/hook-queue.ts';
import { run } from '../../../../src/cli/run.ts';
import type {
  NamespaceProcesses,
  ProcessesByNamespace,
} from '../../../../src/netns/processes/processes-by-namespace.ts';
import type { ProcessOwner } from '../../../../src/netns/processes/process-owner.ts';
import type { UnifiedEvent } from '../../../../src/watch/unified/unified-events.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import type { FakeHook } from '../../support/fake-io.ts';
import { at, created, entry, identity } from '../../support/lines.ts';

const other = (name: string): UnifiedEvent => ({
  type: 'created',
  ...at(name),
  ready: true,
  nsid: null,
  namespace: { ...identity, id: BigInt(name.charCodeAt(0)) },
});
const deleted = (name: string, ino: bigint | null = null): UnifiedEvent => ({
  type: 'deleted',
  ...at(name),
  namespace: ino === null ? { ...identity, id: BigInt(name.charCodeAt(0)) } : { ...identity, ino },
  nsid: null,
  alive: null,
});
const turn = (): Promise<void> => new Promise(setImmediate);
const turns = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await turn();
};
const names = (io: FakeIo): unknown[] =>
  io.hooks.map(({ start }) => `${start.env['NLINK_TYPE']} ${start.env['NLINK_NAME']}`);
const hook = (io: FakeIo, index: number): FakeHook => io.hooks[index] as FakeHook;

/** How many walks through /proc there were, and who is in which namespace, by its number. */
let walks = 0;
const inhabited = new Map<bigint, number[]>();
const owners = new Map<number, ProcessOwner>();
const censusOf = (each: readonly (readonly [bigint, NamespaceProcesses])[]): ProcessesByNamespace => ({
  namespaces: new Map(each),
  complete: true,
  unseen: () => ({ processes: 0, hidden: false, outside: false }),
  procfs: { path: '/proc', own: true, initial: true },
});
/** A walk that takes its time. */
let held: Promise<ProcessesByNamespace> | null = null;

async function start(io: FakeIo, ...words: string[]): Promise<{ status: Promise<number> }> {
  io.calls = {
    ...io.calls,
    processesByNamespace: async () => {
      walks++;
      if (held !== null) return held;
      const each = [...inhabited].map(([ino, pids]) => [ino, { dev: 4n, ino, pids }] as const);
      return censusOf(each);
    },
    ownerOf: async ([pid = 0]) => owners.get(pid) ?? null,
  };
  const status = run(['watch', '--exec', 'the command', ...words], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  await turn();
  return { status };
}

async function finish(io: FakeIo, status: Promise<number>): Promise<void> {
  io.interrupt();
  for (const each of io.hooks) each.end();
  assert.equal(await within('the end', status), 0);
  assert.deepEqual([io.listening, io.timers.size], [0, 0]);
}

test('what is there and each event, as environment and as JSON; no lines', async () => {
  const io = new FakeIo();
  io.env = { PATH: '/bin', NLINK_REASON: 'stale', NLINK_DEBUG: '' };
  io.inventory = [entry(3, at('old'))];
  const { status } = await start(io);
  io.watcher.push(other('b'));
  await turns();
  hook(io, 0).end();
  assert.deepEqual(names(io), ['present old', 'created b']);
  const { command, env, input, stdout } = hook(io, 0).start;
  assert.deepEqual([command, stdout], ['the command', 'stdout']);
  const time = io.now().toISOString();
  assert.deepEqual(env, {
    PATH: '/bin',
    NLINK_DEBUG: '',
    NLINK_TYPE: 'present',
    NLINK_TIME: time,
    NLINK_NAME: 'old',
    NLINK_PATH: '/var/run/netns/old',
    NLINK_DIRECTORY: '/var/run/netns',
    NLINK_READY: 'true',
    NLINK_NSID: '3',
    NLINK_OWN: 'false',
    NLINK_ID: '9007199254740993',
    NLINK_DEV: '4',
    NLINK_INODE: '4026532178',
    NLINK_SINCE: '1732370400123456789',
  });
  assert.ok(input.endsWith('}\n'));
  assert.deepEqual(JSON.parse(input).namespace.id, '9007199254740993');
  await finish(io, status);
  assert.equal(io.stdout.text, '');
});

test('of an event with several names the first; a name that is not UTF-8', async () => {
  const io = new FakeIo();
  const { status } = await start(io);
  io.watcher.push(
    { type: 'destroyed', nsid: 0, namespace: null, names: [at('caf\udce9'), at('b')] },
    { type: 'resynced', lost: ['names', 'nsids'], complete: false },
  );
  await turns();
  hook(io, 0).end();
  await turns();
  const { env } = hook(io, 0).start;
  assert.deepEqual(
    [env['NLINK_NAME'], env['NLINK_RAW_NAME'], env['NLINK_NSID'], env['NLINK_ID']],
    ['caf\udce9', '636166e9', '0', undefined],
  );
  const lost = hook(io, 1).start.env;
  assert.deepEqual([lost['NLINK_LOST'], lost['NLINK_COMPLETE']], ['names nsids', 'false']);
  await finish(io, status);
});

test('lines if they are asked for, and the hook prints to stderr', async () => {
  for (const words of [['--json'], ['--format', 'human']]) {
    const io = new FakeIo();
    const { status } = await start(io, ...words, '--time', 'none');
    io.watcher.push(created('blue'));
    await turns();
    assert.equal(hook(io, 0).start.stdout, 'stderr');
    assert.ok(hook(io, 0).start.env['NLINK_TIME']);
    assert.equal(io.stdout.lines.length, 1);
    await finish(io, status);
  }
});

test('--count counts only what --events, patterns and --no-snapshot let through', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('old'))];
  const { status } = await start(io, '--no-snapshot', '-e', 'created', 'a*', '--count', '1');
  io.watcher.push(deleted('a'), created('b'), created('ab'), created('ac'));
  await turns();
  assert.deepEqual(names(io), ['created ab']);
  const ended = status.then((value) => value);
  hook(io, 0).end();
  assert.equal(await within('the end', ended), 0);
  assert.equal(io.listening, 0);
});

test('one at a time for a namespace, in order; others beside it, up to --exec-jobs', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--exec-jobs', '2');
  io.watcher.push(other('a'), deleted('a'), other('b'), other('c'));
  await turns();
  assert.deepEqual(names(io), ['created a', 'created b']);
  hook(io, 1).end();
  await turns();
  assert.deepEqual(names(io).slice(2), ['created c']);
  hook(io, 0).end();
  await turns();
  assert.deepEqual(names(io).slice(3), ['deleted a']);
  await finish(io, status);
});

test('the same namespace under another name is the same one', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--exec-jobs', '9');
  io.watcher.push(created('a'), created('alias'), deleted('other', 5n));
  await turns();
  // That of `other` has the same number, which is what counts.
  assert.deepEqual(names(io), ['created a']);
  await finish(io, status);
});

test('the owner comes from a process inside, and is remembered until the end', async (t) => {
  const docker: ProcessOwner = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' };
  inhabited.set(identity.ino, [7, 9]);
  owners.set(7, docker);
  t.after(() => (inhabited.clear(), owners.clear()));
  const io = new FakeIo();
  io.env = { NLINK_OWNER_ID: 'stale' };
  const { status } = await start(io);
  io.watcher.push(created('a'));
  await turns();
  inhabited.clear();
  hook(io, 0).end();
  io.watcher.push({ ...deleted('a'), namespace: identity } as UnifiedEvent, other('b'));
  await turns();
  const [first, second, third] = io.hooks.map(({ start: { env, input } }) => [
    env['NLINK_OWNER_KIND'],
    env['NLINK_OWNER_NAME'],
    env['NLINK_OWNER_ID'],
    JSON.parse(input).owner,
  ]);
  assert.deepEqual(first, ['docker', docker.name, docker.id, docker]);
  assert.deepEqual(second, first);
  assert.deepEqual(third, [undefined, undefined, undefined, null]);
  // What concerns no namespace has none.
  hook(io, 1).end();
  hook(io, 2).end();
  io.watcher.push({ type: 'resynced', lost: ['nsids'], complete: true });
  await turns();
  assert.equal('owner' in JSON.parse(hook(io, 3).start.input), false);
  await finish(io, status);
});

// Fails if nobody in it, or no identity, makes the owner that an event has unknown.
test('the owner that an event has, where no process leads to it any more; one number in order', async () => {
  const docker: ProcessOwner = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' };
  const io = new FakeIo();
  const { status } = await start(io, '--all');
  const rest = { nsid: null, number: 1000007, pids: [7, 9], loOnly: false, owner: docker };
  io.watcher.push(
    { type: 'found', namespace: null, ...rest },
    { type: 'found', namespace: identity, ...rest, number: 1000008 },
    { type: 'destroyed', namespace: null, names: [], ...rest },
  );
  await turns();
  assert.deepEqual(
    io.hooks.map(({ start: { env } }) => [env['NLINK_TYPE'], env['NLINK_NUMBER']]),
    [
      ['found', '1000007'],
      ['found', '1000008'],
    ],
  );
  hook(io, 0).end();
  await turns();
  for (const { start: told } of io.hooks) {
    assert.deepEqual(JSON.parse(told.input).owner, docker);
    const { NLINK_OWNER_NAME: name, NLINK_PIDS: pids, NLINK_LO_ONLY: loOnly } = told.env;
    assert.deepEqual([name, pids, loOnly], [docker.name, '7 9', 'false']);
  }
  assert.equal(hook(io, 2).start.env['NLINK_TYPE'], 'destroyed');
  await finish(io, status);
});

test('one walk through /proc for all events before it; none without hooks', async () => {
  const io = new FakeIo();
  walks = 0;
  const { status } = await start(io, '--exec-jobs', '9');
  io.watcher.push(other('a'), other('b'), other('c'));
  await turns();
  assert.equal(io.hooks.length, 3);
  assert.equal(walks, 1);
  io.watcher.push(other('d'));
  await turns();
  assert.equal(walks, 2);
  await finish(io, status);

  const plain = new FakeIo();
  walks = 0;
  plain.calls = { ...plain.calls, processesByNamespace: io.calls.processesByNamespace };
  const watching = run(['watch'], plain);
  await waitFor('the command to be loaded', () => plain.listening === 2);
  plain.watcher.push(other('a'));
  await waitFor('the line', () => plain.stdout.text.includes('created'));
  plain.interrupt();
  assert.equal(await watching, 0);
  assert.equal(walks, 0);
});

test('--settle: what is gone by then never was; --for and --count end after it', async () => {
  for (const [words, end] of [
    [['--count', '3'], (): void => {}],
    [['--for', '500ms'], (io: FakeIo): void => io.pass(500)],
  ] as const) {
    const io = new FakeIo();
    io.inventory = [entry(null, at('old'))];
    const { status } = await start(io, '--settle', '1s', ...words);
    io.calls = { ...io.calls, identityAt: async () => identity };
    io.watcher.push(created('a'), created('b'), deleted('a'));
    await turns();
    end(io);
    await turns();
    // Too late to be told of, but not for what settles.
    io.watcher.push(created('c'), deleted('d'));
    await turns();
    assert.deepEqual(names(io), ['present old']);
    io.pass(999);
    await turns();
    assert.deepEqual(names(io), ['present old']);
    hook(io, 0).end();
    io.pass(1);
    await turns();
    assert.deepEqual(names(io), ['present old', 'created b']);
    hook(io, 1).end();
    assert.equal(await within('the end', status), 0);
    assert.deepEqual([io.listening, io.timers.size], [0, 0]);
  }
});

test('--settle: runs no hook for a name that is gone, even if its end was not reported', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--settle', '1s', '-e', 'created', '--count', '2');
  io.calls = {
    ...io.calls,
    identityAt: async (path) => (path.endsWith('b') ? { ...identity, since: 0n } : null),
  };
  io.watcher.push(created('a'), created('b'), deleted('a'));
  await turns();
  io.pass(1000);
  await turns();
  assert.deepEqual(names(io), ['created b']);
  hook(io, 0).end();
  // It is looked at twice, since an event may be late.
  io.pass(1000);
  assert.equal(await within('the end', status), 0);
  assert.deepEqual([io.hooks.length, io.timers.size], [1, 0]);
});

test('Ctrl-C while the owner is looked for: the command is not started any more', async (t) => {
  const io = new FakeIo();
  const { status } = await start(io);
  let answer: (census: ProcessesByNamespace) => void = () => {};
  held = new Promise((resolve) => (answer = resolve));
  t.after(() => (held = null));
  io.watcher.push(created('a'));
  await turns();
  io.interrupt();
  await turns();
  answer(censusOf([]));
  assert.equal(await within('the end', status), 0);
  assert.equal(io.hooks.length, 0);
  assert.equal(io.stderr.lines.at(-1), 'nlink: no hook was run for 1 event');
});

test('--settle: Ctrl-C does not wait for what has not settled', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--settle', '1s');
  io.watcher.push(created('a'));
  await turns();
  io.interrupt();
  assert.equal(await within('the end', status), 0);
  assert.deepEqual([io.hooks.length, io.timers.size], [0, 0]);
  assert.deepEqual(io.stderr.lines.slice(1), ['nlink: no hook was run for 1 event']);
});

test('slow hooks in a storm: no more events are taken', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--exec-jobs', '1');
  for (let made = 0; made < 5000; made++) io.watcher.push(created(`n${made}`));
  await turns();
  const most = 1 + 256;
  assert.equal(io.hooks.length, 1);
  assert.ok(io.watcher.taken <= most, String(io.watcher.taken));
  for (let ended = 0; ended < 300; ended++) {
    hook(io, ended).end();
    await turns();
  }
  assert.ok(io.watcher.taken <= 300 + BACKLOG + most, String(io.watcher.taken));
  assert.equal(io.hooks.length, 301);
  await finish(io, status);
});

test('failures are reported and end nothing', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--exec-jobs', '9');
  io.watcher.push(other('a'), other('b'), other('c'), { type: 'resynced', lost: ['nsids'], complete: true });
  await turns();
  hook(io, 0).end({ status: 3 });
  hook(io, 1).end({ status: null, signal: 'SIGSEGV' });
  hook(io, 2).fail(Object.assign(new Error('spawn /bin/sh EAGAIN'), { code: 'EAGAIN' }));
  await turns();
  hook(io, 3).end({ status: 1 });
  await turns();
  assert.deepEqual(io.stderr.lines.slice(1), [
    'nlink: the hook for created a ended with status 3',
    'nlink: the hook for created b was killed by SIGSEGV',
    'nlink: the hook for created c could not be started: spawn /bin/sh EAGAIN',
    'nlink: the hook for resynced ended with status 1',
  ]);
  await finish(io, status);
});

test('--exec-timeout: SIGTERM, then SIGKILL for whoever is left, and only then the next', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--exec-timeout', '3s');
  io.watcher.push(other('a'), deleted('a'));
  await turns();
  const first = hook(io, 0);
  io.pass(2999);
  assert.deepEqual(first.signals, []);
  io.pass(1);
  assert.deepEqual(first.signals, ['SIGTERM']);
  first.end({ status: null, signal: 'SIGTERM' });
  await turns();
  assert.equal(io.hooks.length, 1);
  io.pass(2000);
  await turns();
  assert.deepEqual(first.signals, ['SIGTERM', 0, 'SIGKILL']);
  assert.deepEqual(names(io), ['created a', 'deleted a']);
  const second = hook(io, 1);
  second.alive = false;
  io.pass(3000);
  second.end({ status: null, signal: 'SIGTERM' });
  await turns();
  assert.deepEqual(second.signals, ['SIGTERM', 0]);
  assert.equal(io.stderr.lines.filter((line) => line.includes('was killed after 3000 ms')).length, 2);
  await finish(io, status);
});

test('Ctrl-C: running hooks are awaited, no more are started, and a note says so', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--exec-jobs', '1');
  io.watcher.push(other('a'), deleted('a'), other('b'));
  await turns();
  let over = false;
  void status.then(() => (over = true));
  io.interrupt();
  await turns();
  assert.equal(over, false);
  hook(io, 0).end();
  assert.equal(await within('the end', status), 0);
  assert.equal(io.hooks.length, 1);
  assert.deepEqual(io.stderr.lines.slice(1), [
    'nlink: waiting for 1 command; a second signal exits at once',
    'nlink: no hook was run for 2 events',
  ]);
});

test('--for: what was taken by then is still run', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--for', '1s', '--exec-jobs', '1');
  io.watcher.push(other('a'), deleted('a'));
  await turns();
  io.pass(1000);
  await turns();
  hook(io, 0).end();
  await turns();
  assert.equal(io.hooks.length, 2);
  hook(io, 1).end();
  assert.equal(await within('the end', status), 0);
});

test('--nsids: its own fields', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--nsids', '--count', '1');
  io.subscriber.push({ type: 'delNsid', nsid: 5, origin: 2 });
  await turns();
  const { env } = hook(io, 0).start;
  assert.deepEqual([env['NLINK_TYPE'], env['NLINK_NSID'], env['NLINK_ORIGIN']], ['delNsid', '5', '2']);
  hook(io, 0).end();
  assert.equal(await within('the end', status), 0);
});
