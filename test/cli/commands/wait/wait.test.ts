/** `nlink wait` over a watcher and a clock that the test holds. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import type { NamespaceId } from '../../../../src/netns/identity/identity.ts';
import type { NotReadyReason } from '../../../../src/netns/identity/observe.ts';
import type { InventoryEntry, UnifiedEvent } from '../../../../src/watch/unified/unified-events.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { verdictOf } from '../../support/verdict.ts';
import { at, created, DIRECTORY, entry, identity, OTHER } from '../../support/lines.ts';

const deleted = (name: string, nsid: number | null = null): UnifiedEvent => ({
  type: 'deleted',
  ...at(name),
  namespace: identity,
  nsid,
  alive: null,
});
const unready = (name: string, reason: NotReadyReason): UnifiedEvent => ({
  type: 'created',
  ...at(name),
  ready: false,
  namespace: null,
  nsid: null,
  reason,
  ...(reason === 'no-propagation' && { verdict: verdictOf(reason) }),
});
const bare = (name: string, reason: NotReadyReason): InventoryEntry => ({
  ...entry(null),
  names: [{ ...at(name), ready: false, reason }],
});
const mounted = (name: string): UnifiedEvent => ({
  type: 'mounted',
  ...at(name),
  namespace: identity,
  nsid: null,
});
const destroyed = (nsid: number, namespace: typeof identity | null = identity): UnifiedEvent => ({
  type: 'destroyed',
  nsid,
  namespace,
  names: [],
});

const turn = (): Promise<void> => new Promise(setImmediate);
const turns = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await turn();
};

/** Runs the command, until it waits or has ended. */
async function start(
  io: FakeIo,
  ...words: string[]
): Promise<{ status: Promise<number>; over: () => boolean }> {
  let over = false;
  const status = run(['wait', ...words], io).finally(() => (over = true));
  await waitFor('the command to wait', () => over || io.options !== null);
  await turns();
  return { status, over: () => over };
}

async function ended(io: FakeIo, status: Promise<number>, expected: number): Promise<void> {
  assert.equal(await within('the end', status), expected);
  assert.deepEqual([io.watcher.stops > 0 || io.options === null, io.listening, io.timers.size], [true, 0, 0]);
}

test('ready already: at once, in silence', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue')), entry(null, at('red'))];
  await ended(io, run(['wait', 'blue', 'red', 'blue'], io), 0);
  assert.deepEqual([io.stdout.text, io.stderr.text], ['', '']);
  assert.deepEqual(io.options, {
    directories: [DIRECTORY],
    netlink: 'off',
    readyTimeout: 1000,
    proc: '/proc',
  });
});

test('ready: when all are at the same time', async () => {
  const io = new FakeIo();
  const { status, over } = await start(io, 'blue', 'red');
  for (const event of [created('blue'), created('other'), deleted('blue'), created('red')]) {
    io.watcher.push(event);
    await turns();
    assert.equal(over(), false);
  }
  io.watcher.push(created('blue'));
  await ended(io, status, 0);
});

test('ready: takes all waiting events first, so a name that is gone again is not ready', async () => {
  const io = new FakeIo();
  const { status, over } = await start(io, 'blue');
  io.watcher.push(created('blue'), deleted('blue'));
  await turns();
  assert.equal(over(), false);
  io.watcher.push(created('blue'), deleted('blue'), created('blue'));
  await ended(io, status, 0);
});

test('not ready: why, at once and once, what can be done, and it goes on', async () => {
  const io = new FakeIo();
  io.inventory = [bare('blue', 'wrong-type'), bare('other', 'dangling-symlink')];
  const { status } = await start(io, 'blue', 'red');
  io.watcher.push(
    unready('red', 'no-propagation'),
    unready('red', 'no-propagation'),
    unready('x', 'timeout'),
  );
  await turns();
  const { lines } = io.stderr;
  assert.equal(lines.length, 3);
  assert.equal(
    lines[0],
    'nlink: blue exists, but is not ready (wrong-type): a namespace, but not a network namespace; still waiting',
  );
  assert.match(lines[1] ?? '', /^nlink: red exists, but is not ready \(no-propagation\)/);
  assert.match(lines[2] ?? '', /^nlink: mounts made there do not propagate .*HostToContainer/);
  io.watcher.push(mounted('blue'), mounted('red'));
  await ended(io, status, 0);
});

test('a file without a namespace is emitted after a second, since one may still be mounted', async () => {
  const io = new FakeIo();
  io.inventory = [bare('blue', 'not-a-namespace')];
  const { status } = await start(io, 'blue', '--timeout', '5s');
  io.pass(999);
  assert.equal(io.stderr.text, '');
  io.pass(1);
  assert.match(
    io.stderr.text,
    /^nlink: blue exists, but is not ready \(not-a-namespace\): .*; still waiting\n$/,
  );
  io.watcher.push(mounted('blue'));
  await ended(io, status, 0);
  const quick = new FakeIo();
  quick.inventory = [bare('blue', 'not-a-namespace')];
  const { status: done } = await start(quick, 'blue');
  quick.watcher.push(mounted('blue'));
  await ended(quick, done, 0);
  assert.equal(quick.stderr.text, '');
});

test('unmounted is not ready', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue'))];
  const { status, over } = await start(io, 'blue', 'red');
  io.watcher.push({ type: 'unmounted', ...at('blue'), namespace: identity, nsid: null, alive: null });
  io.watcher.push(created('red'));
  await turns();
  assert.equal(over(), false);
  io.watcher.push(mounted('blue'));
  await ended(io, status, 0);
});

test('timed out: which are missing, and why', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('green'))];
  io.watcher.missing = [];
  const { status } = await start(io, 'blue', 'red', 'green', 'a\nb', '--timeout', '2s');
  io.watcher.push(unready('red', 'timeout'));
  await turns();
  io.pass(1999);
  await turns();
  assert.equal(io.watcher.stops, 0);
  io.pass(1);
  await ended(io, status, 124);
  assert.deepEqual(io.stderr.lines.slice(1), [
    `nlink: timed out: no name blue in ${DIRECTORY}`,
    `nlink: timed out: red is in ${DIRECTORY}, but not ready (timeout): no namespace was mounted on it`,
    `nlink: timed out: no name "a\\nb" in ${DIRECTORY}`,
  ]);
  assert.equal(io.stdout.text, '');
});

test('the time is over as it becomes so: it is so', async () => {
  const io = new FakeIo();
  const { status } = await start(io, 'blue', '--timeout', '0');
  io.pass(0);
  io.watcher.push(created('blue'));
  await ended(io, status, 0);
});

test('several directories: in one of them is enough; gone is gone from all', async () => {
  const both = ['-d', DIRECTORY, '-d', OTHER];
  const io = new FakeIo();
  io.inventory = [bare('blue', 'not-a-namespace'), entry(null, at('blue', OTHER))];
  await ended(io, run(['wait', 'blue', ...both, '--json'], io), 0);
  assert.deepEqual(JSON.parse(io.stdout.text), {
    condition: 'ready',
    met: true,
    names: [{ name: 'blue', met: true, path: `${OTHER}/blue`, directory: OTHER, present: true, ready: true }],
  });
  const gone = new FakeIo();
  gone.inventory = [entry(null, at('blue'), at('blue', OTHER))];
  const { status, over } = await start(gone, '--gone', 'blue', ...both);
  gone.watcher.push(deleted('blue'));
  await turns();
  assert.equal(over(), false);
  gone.watcher.push({ ...deleted('blue'), ...at('blue', OTHER) });
  await ended(gone, status, 0);
});

test('gone: already, and for a moment; a name whose namespace is yet to come is there', async () => {
  const io = new FakeIo();
  await ended(io, run(['wait', '--gone', 'blue'], io), 0);
  assert.equal(io.options?.readyTimeout, 0);
  const moment = new FakeIo();
  moment.inventory = [entry(null, at('blue')), bare('red', 'not-a-namespace')];
  const { status, over } = await start(moment, '--gone', 'blue', 'red');
  moment.watcher.push(deleted('blue'), unready('blue', 'timeout'), deleted('red'));
  await turns();
  assert.equal(over(), false);
  moment.watcher.push(deleted('blue'), created('blue'));
  await ended(moment, status, 0);
  assert.equal(moment.stderr.text, '');
});

test('--any: the first, whose name is printed', async () => {
  const io = new FakeIo();
  const { status } = await start(io, '--any', 'blue', 'my net');
  io.watcher.push(created('my net'));
  await ended(io, status, 0);
  assert.equal(io.stdout.text, '"my net"\n');
});

test('--json when the time is over', async () => {
  const io = new FakeIo();
  io.inventory = [bare('caf\udce9', 'timeout'), entry(null, at('red'))];
  const { status } = await start(io, '--json', '--timeout', '1s', 'caf\udce9', 'red', 'x');
  io.pass(1000);
  await ended(io, status, 124);
  const { names, ...rest } = JSON.parse(io.stdout.text);
  assert.deepEqual(rest, { condition: 'ready', met: false });
  assert.deepEqual(
    names.map(({ rawName, met, present, ready, reason }: Record<string, unknown>) => [
      rawName,
      met,
      present,
      ready,
      reason,
    ]),
    [
      ['636166e9', false, true, false, 'timeout'],
      [undefined, true, true, true, undefined],
      [undefined, false, false, undefined, undefined],
    ],
  );
});

test('a signal: its status, and nothing on stdout', async () => {
  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const io = new FakeIo();
    const { status } = await start(io, 'blue', '--json', '--timeout', '5s');
    io.interrupt(signal);
    await ended(io, status, expected);
    assert.equal(io.stdout.text, '');
  }
});

test('the directory is missing: a note says so', async () => {
  const io = new FakeIo();
  io.watcher.missing = [DIRECTORY];
  const { status } = await start(io, 'blue');
  assert.equal(io.stderr.text, `nlink: ${DIRECTORY} does not exist yet; waiting for it\n`);
  io.watcher.push(created('blue'));
  await ended(io, status, 0);
});

test('a name that was there, whose mounts do not propagate here: reported at once', async () => {
  const io = new FakeIo();
  io.inventory = [bare('blue', 'not-a-namespace'), bare('red', 'not-a-namespace')];
  for (const name of ['blue', 'red']) io.verdicts.set(at(name).path, verdictOf('no-propagation'));
  const { status } = await start(io, 'blue', '--timeout', '5s');
  const why =
    'not ready (no-propagation): mounted in the mount namespace of PID 4711 (sleep), whose mounts do not propagate here';
  assert.equal(io.stderr.lines[0], `nlink: blue exists, but is ${why}; still waiting`);
  assert.match(io.stderr.lines[1] ?? '', /HostToContainer/);
  io.pass(5000);
  await ended(io, status, 124);
  assert.equal(io.stderr.lines[2], `nlink: timed out: blue is in ${DIRECTORY}, but ${why}`);
  assert.equal(io.stderr.lines.length, 3);
});

test('a name that cannot be, a watcher that fails', async () => {
  for (const name of ['.', 'a/b', 'n'.repeat(256)]) {
    const io = new FakeIo();
    assert.equal(await run(['wait', name], io), 2);
    assert.equal(io.options, null);
  }
  const io = new FakeIo();
  const { status } = await start(io, 'blue', '--timeout', '5s');
  io.watcher.fail(systemError(13, 'open', DIRECTORY));
  await ended(io, status, 3);
});

test('destroyed: matches by identity, else by nsid, and after the name is gone', async () => {
  for (const namespace of [identity, null]) {
    const io = new FakeIo();
    io.inventory = [entry(3, at('blue'))];
    const { status, over } = await start(io, '--destroyed', 'blue');
    assert.equal(io.options?.netlink, 'auto');
    io.watcher.push(
      deleted('blue', 3),
      created('blue'),
      destroyed(3, { ...identity, id: 5n }),
      destroyed(4, null),
    );
    await turns();
    assert.equal(over(), false);
    io.watcher.push(destroyed(3, namespace));
    await ended(io, status, 0);
  }
});

test('destroyed: fails at once if the end can never be reported', async () => {
  const cases: [InventoryEntry[], RegExp][] = [
    [[], /^nlink: blue has no namespace in .*; use --gone to wait for a name$/],
    [[bare('blue', 'not-a-namespace')], /has no namespace/],
    [[entry(null, at('blue'))], /^nlink: blue has no nsid, .* --assign-nsid or nlink set NAME auto/],
    [[{ ...entry(3, at('blue')), own: true }], /^nlink: blue is the namespace of nlink itself/],
  ];
  for (const [inventory, expected] of cases) {
    const io = new FakeIo();
    io.inventory = inventory;
    await ended(io, run(['wait', '--destroyed', 'blue'], io), 1);
    assert.match(io.stderr.lines[0] ?? '', expected);
  }
});

/** What stands behind every path, in place of what does on this machine. */
function standsAt(io: FakeIo, namespace: NamespaceId): void {
  io.calls = { ...io.calls, identityAt: async () => namespace };
}

const outOfMemory = Object.assign(new Error('out of memory'), { code: 'ENOMEM' });
const ended0: UnifiedEvent = { type: 'destroyed', nsid: null, namespace: identity, names: [] };

test('destroyed: without an nsid, where deaths are watched; nothing is assigned', async () => {
  for (const words of [[], ['--assign-nsid']]) {
    const io = new FakeIo();
    io.inventory = [entry(null, at('blue'))];
    io.watcher.isWatchingDeaths = true;
    const { status, over } = await start(io, '--destroyed', 'blue', ...words);
    io.watcher.push({ type: 'destroyed', nsid: null, namespace: { ...identity, id: 5n }, names: [] });
    io.watcher.push({ type: 'deleted', ...at('blue'), namespace: identity, nsid: null, alive: false });
    await turns();
    assert.equal(over(), false);
    assert.deepEqual(io.connection.asked, []);
    io.watcher.push(ended0);
    await ended(io, status, 0);
  }
});

test('destroyed: deaths are not watched any longer', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue')), { ...entry(3, at('red')), namespace: { ...identity, id: 5n } }];
  io.watcher.isWatchingDeaths = true;
  const { status } = await start(io, '--destroyed', 'blue', 'red');
  io.watcher.isWatchingDeaths = false;
  io.watcher.push({ type: 'deathsUnavailable', error: outOfMemory });
  await ended(io, status, 1);
  assert.match(io.stderr.text, /^nlink: blue has no nsid, and its end cannot be observed without/);
});

// Fails if it waits for what nobody will report.
test('destroyed: an nsid is enough without deaths, and deaths without nsids; with neither it fails', async () => {
  for (const order of [
    ['deathsUnavailable', 'nsidsUnavailable'],
    ['nsidsUnavailable', 'deathsUnavailable'],
  ] as const) {
    const io = new FakeIo();
    io.inventory = [entry(3, at('blue'))];
    io.watcher.isWatchingDeaths = true;
    const { status, over } = await start(io, '--destroyed', 'blue');
    for (const type of order) {
      assert.equal(over(), false);
      if (type === 'deathsUnavailable') io.watcher.isWatchingDeaths = false;
      else io.watcher.isWatchingNsids = false;
      io.watcher.push({ type, error: outOfMemory });
      await turns();
    }
    await ended(io, status, 1);
    assert.match(io.stderr.text, /^nlink: the end of blue cannot be observed any longer: neither/);
  }
});

test('destroyed: a signal while the watcher starts, which ends its child as well', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue'))];
  const { listAndWatch } = io;
  const interrupted: typeof listAndWatch = (options) => {
    io.interrupt('SIGINT');
    return listAndWatch(options);
  };
  await ended(
    io,
    run(['wait', '--destroyed', 'blue'], Object.assign(io, { listAndWatch: interrupted })),
    130,
  );
  assert.equal(io.stderr.text, '');
});

test('destroyed: neither deaths nor nsids can be watched', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue'))];
  io.watcher.isWatchingNsids = false;
  io.watcher.deathsError = new Error('no netlink here');
  await ended(io, run(['wait', '--destroyed', 'blue'], io), 1);
  assert.equal(io.stderr.text, 'nlink: the end of a namespace cannot be observed here: no netlink here\n');
});

test('destroyed --assign-nsid: assigns, then waits for the event of the watcher', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue'))];
  standsAt(io, identity);
  const { status, over } = await start(
    io,
    '--destroyed',
    '--assign-nsid',
    'blue',
    '--timeout',
    '5s',
    '--json',
  );
  assert.deepEqual(io.connection.asked, [`set {"path":"${DIRECTORY}/blue"} auto`]);
  assert.equal(io.connection.closed, true);
  io.watcher.push({ type: 'nsidAssigned', nsid: 0, namespace: identity, names: [at('blue')] });
  io.watcher.push(deleted('blue', 0));
  await turns();
  assert.equal(over(), false);
  io.watcher.push(destroyed(0, null));
  await ended(io, status, 0);
  assert.equal(JSON.parse(io.stdout.text).names[0].nsid, 0);
});

test('destroyed --assign-nsid: somebody was quicker; not permitted; deleted before', async () => {
  const quicker = new FakeIo();
  quicker.inventory = [entry(null, at('blue'))];
  quicker.connection.assign = Object.assign(new Error('Peer netns already has a nsid assigned'), {
    code: 'EEXIST',
  });
  const { status } = await start(quicker, '--destroyed', '--assign-nsid', 'blue');
  quicker.watcher.push(destroyed(7));
  await ended(quicker, status, 0);

  const refused = new FakeIo();
  refused.inventory = [entry(null, at('blue'))];
  refused.connection.assign = Object.assign(new Error('not permitted'), { code: 'EPERM' });
  await ended(refused, run(['wait', '--destroyed', '--assign-nsid', 'blue'], refused), 3);

  const late = new FakeIo();
  late.inventory = [entry(null, at('blue'))];
  late.connection.assign = quicker.connection.assign;
  const waiting = await start(late, '--destroyed', '--assign-nsid', 'blue');
  late.watcher.push(deleted('blue'));
  await ended(late, waiting.status, 1);
  assert.match(late.stderr.text, /^nlink: blue has no nsid, and its end cannot be observed without/);
});

// Fails if an id that was assigned for this is known only once the watcher has told whose it is: by
// then the name may be gone.
test('destroyed --assign-nsid: deleted before the watcher knows the owner of the nsid', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue'))];
  standsAt(io, identity);
  io.connection.assign = 7;
  const { status } = await start(io, '--destroyed', '--assign-nsid', 'blue');
  io.watcher.push(deleted('blue'));
  io.watcher.push(destroyed(7));
  await ended(io, status, 0);
});

// Fails if an id is taken for that of the namespace that is meant although the name stands for
// another one by now.
test('destroyed --assign-nsid: the name was replaced, and the other namespace got the nsid', async () => {
  const io = new FakeIo();
  io.inventory = [entry(null, at('blue'))];
  io.connection.assign = 7;
  standsAt(io, { ...identity, ino: identity.ino + 1n, since: identity.since + 1n, id: null });
  const { status } = await start(io, '--destroyed', '--assign-nsid', 'blue');
  io.watcher.push(deleted('blue'));
  await ended(io, status, 1);
});

/** A host on which process 4242 is in a namespace that is known as this. */
function withProcess(known: Partial<InventoryEntry> | null): FakeIo {
  const io = new FakeIo();
  io.watcher.isWatchingDeaths = true;
  if (known !== null) io.watcher.processes.set(4242, { ...entry(null), number: 1_000_000, ...known });
  return io;
}

test('destroyed: the namespace of a process, by the number of the watcher', async () => {
  for (const namespace of [null, identity]) {
    const io = withProcess({ namespace });
    const { status, over } = await start(io, '--destroyed', '4242', '--json');
    assert.equal(io.options?.unnamed, true);
    io.watcher.push(
      { type: 'destroyed', nsid: null, namespace: null, names: [], number: 1_000_001 },
      { type: 'destroyed', nsid: null, namespace: null, names: [] },
    );
    await turns();
    assert.equal(over(), false);
    io.watcher.push({ type: 'destroyed', nsid: null, namespace, names: [], number: 1_000_000 });
    assert.equal(await within('the end', status), 0);
    const { names } = JSON.parse(io.stdout.text) as { names: { pid: number; met: boolean }[] };
    assert.deepEqual(
      names.map(({ pid, met }) => [pid, met]),
      [[4242, true]],
    );
  }
});

test('destroyed: digits that are a name mean the name', async () => {
  const io = withProcess({ namespace: identity });
  io.inventory = [entry(3, at('4242'))];
  io.namespaces = [{ ...at('4242'), ready: true, namespace: identity }];
  const { status } = await start(io, '--destroyed', '4242');
  assert.equal(io.options?.unnamed, undefined);
  io.watcher.push(destroyed(3));
  assert.equal(await within('the end', status), 0);
});

test('destroyed: a process that is not there, is in the own namespace, or cannot be looked for', async () => {
  for (const [io, expected] of [
    [withProcess(null), /no process 4242 that can be seen, and no name 4242 in/],
    [withProcess({ own: true }), /that of process 4242 is the namespace of nlink itself/],
    [Object.assign(withProcess(null)), /cannot be observed here: forbidden/],
  ] as const) {
    if (expected.source.includes('forbidden')) {
      io.watcher.isWatchingDeaths = false;
      io.watcher.deathsError = new Error('forbidden');
    }
    assert.equal(await within('the end', run(['wait', '--destroyed', '4242'], io)), 1);
    assert.match(io.stderr.text, expected);
  }
});

test('destroyed: why it is not so yet, of a process', async () => {
  const io = withProcess({ namespace: null });
  const { status } = await start(io, '--destroyed', '4242', '--timeout', '1s');
  io.pass(1000);
  assert.equal(await within('the end', status), 124);
  assert.match(io.stderr.text, /timed out: the namespace of process 4242 is still alive\n/);
});
