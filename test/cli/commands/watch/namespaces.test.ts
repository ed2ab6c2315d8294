/**
 * What `nlink watch` makes of namespaces as wholes, with a watcher that the test holds: ids,
 * aliases, several directories.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import { RTM_NEWNSID } from '../../../../src/netlink/constants.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import type { UnifiedEvent } from '../../../../src/watch/unified/unified-events.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { refusal } from '../../support/fake-connection.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { verdictOf } from '../../support/verdict.ts';
import { at, created, DIRECTORY, entry, identity, OTHER, unavailable } from '../../support/lines.ts';

/** Runs the command until it waits for events, then interrupts it once these are told. */
async function watch(io: FakeIo, words: string[], events: Parameters<FakeIo['watcher']['push']> = []) {
  const status = run(['watch', ...words], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  io.watcher.push(...events);
  io.interrupt();
  assert.equal(await within('the end', status), 0);
}

const json = (io: FakeIo): Record<string, unknown>[] => io.stdout.lines.map((line) => JSON.parse(line));

test('what is there: a line a name, and one for an id without a name', async () => {
  const io = new FakeIo();
  io.inventory = [
    entry(7, at('blue'), at('azure')),
    { ...entry(null, at('home')), own: true },
    entry(3),
    { ...entry(null), names: [{ ...at('stale'), ready: false, reason: 'not-a-namespace' }] },
  ];
  await watch(io, []);
  assert.deepEqual(io.stdout.lines, [
    '03:04:05.006  present    blue              net:[4026532178]  id 9007199254740993  nsid 7',
    '03:04:05.006  present    azure             net:[4026532178]  id 9007199254740993  nsid 7',
    '03:04:05.006  present    home              net:[4026532178]  id 9007199254740993  own',
    '03:04:05.006  present    -                 nsid 3',
    '03:04:05.006  present    stale             not ready (not-a-namespace): a file on which no namespace is mounted',
  ]);
  assert.equal(io.stderr.text, '');
});

test('a name that was there at the start is reported as stale only if it is', async () => {
  for (const [words, expected] of [
    [[], ['stale not-a-namespace', 'late no-propagation']],
    [['st*'], ['stale not-a-namespace']],
    [['--no-snapshot'], []],
  ] as const) {
    const io = new FakeIo();
    io.inventory = ['stale', 'late'].map((name) => ({
      ...entry(null),
      names: [{ ...at(name), ready: false, reason: 'not-a-namespace' }],
    }));
    io.verdicts.set(at('late').path, verdictOf('no-propagation'));
    await watch(io, ['--json', ...words]);
    assert.deepEqual(
      json(io).map(({ name, reason }) => `${String(name)} ${String(reason)}`),
      expected,
    );
    assert.equal(io.stderr.text.includes('HostToContainer'), words.length === 0);
  }
});

test('what cannot be found out of a name: the watcher is stopped', async () => {
  const io = new FakeIo();
  io.inventory = [{ ...entry(null), names: [{ ...at('stale'), ready: false, reason: 'not-a-namespace' }] }];
  io.calls.verdictsOn = async () => {
    throw systemError(24, 'open', '/proc/self/mountinfo');
  };
  assert.equal(await run(['watch'], io), 1);
  assert.deepEqual([io.watcher.stops, io.listening], [1, 0]);
});

test('--events destroyed: the ends alone', async () => {
  const io = new FakeIo();
  await watch(
    io,
    ['--json', '-e', 'destroyed'],
    [
      created('blue'),
      { type: 'nsidAssigned', nsid: 7, namespace: identity, names: [at('blue')] },
      { type: 'deleted', ...at('blue'), namespace: identity, nsid: 7, alive: true },
      { type: 'destroyed', nsid: 7, namespace: identity, names: [at('blue')] },
    ],
  );
  const [line, ...more] = json(io);
  assert.deepEqual([line?.['type'], line?.['names'], more], ['destroyed', [at('blue')], []]);
});

// Fails if a line says that a namespace lives on, and none its end.
test('a pattern: also the end of one that outlived its wanted name, by a name that is not wanted', async () => {
  const other = { ...identity, id: 5n };
  for (const words of [[], ['--events', 'destroyed']]) {
    const io = new FakeIo();
    await watch(
      io,
      ['--json', ...words, 'b*'],
      [
        { type: 'deleted', ...at('blue'), namespace: identity, nsid: null, alive: true },
        { type: 'deleted', ...at('red'), namespace: other, nsid: null, alive: true },
        { type: 'destroyed', namespace: other, nsid: null, names: [at('red')] },
        { type: 'destroyed', namespace: identity, nsid: null, names: [at('azure')] },
      ],
    );
    assert.deepEqual(
      json(io).map(({ type }) => type),
      [...(words.length === 0 ? ['deleted'] : []), 'destroyed'],
    );
  }
});

test('ids are not to be had: said on stderr, and in JSON as a line, unless it is not asked for', async () => {
  const said = 'nlink: continuing without nsids: netlink sockets are forbidden';
  for (const [words, types] of [
    [[], []],
    [['--json'], ['nsidsUnavailable', 'created']],
    [['--json', '-e', 'created'], ['created']],
  ] as const) {
    const io = new FakeIo();
    io.watcher.complete = null;
    await watch(io, [...words], [unavailable, created('blue')]);
    assert.deepEqual(io.stderr.lines.slice(1), [said]);
    if (words.length === 0) assert.equal(io.stdout.lines.length, 1);
    else
      assert.deepEqual(
        json(io).map(({ type }) => type),
        types,
      );
  }
});

test('an incomplete list of nsids is noted on stderr', async () => {
  const io = new FakeIo();
  io.inventory = [entry(7, at('blue'))];
  io.watcher.complete = false;
  await watch(io, []);
  assert.deepEqual(io.stderr.lines, [
    'nlink: there may be more nsids than these: the kernel did not list them all',
  ]);
});

test('several directories: which of them are missing, and where there is nothing yet', async () => {
  const io = new FakeIo();
  io.inventory = [entry(3)];
  io.watcher.missing = ['/b'];
  await watch(io, ['-d', '/a', '-d', '/b', '-d', '/c', '-d', '/a'], [{ ...created('x'), ...at('x', '/c') }]);
  assert.deepEqual(io.options?.directories, ['/a', '/b', '/c']);
  assert.deepEqual(io.stderr.lines, [
    'nlink: /b does not exist yet; waiting for it',
    'nlink: no namespaces in /a, /c yet; waiting for the first',
  ]);
  assert.match(io.stdout.lines[1] ?? '', /  created    \/c\/x +net:/);
});

test('--containers: those of the runtimes as well, and which had to be left out', async () => {
  const io = new FakeIo();
  io.inventory = [entry(7, at('blue'), at('5f2a', OTHER))];
  io.containers = { watched: [OTHER], refused: ['/run/user/0', '/run/user/a b'] };
  await watch(io, ['--containers']);
  assert.deepEqual(io.options?.directories, [DIRECTORY, OTHER]);
  assert.deepEqual(io.stderr.lines, [
    'nlink: skipped, not readable for this user: /run/user/0, "/run/user/a b"',
  ]);
  assert.match(
    io.stdout.lines.join('\n'),
    /  present    blue +net:.*\n.*  present    \/run\/docker\/netns\/5f2a +net:/,
  );
});

test('without --containers those of the runtimes are not even looked for', async () => {
  const io = Object.assign(new FakeIo(), { containerDirectories: () => assert.fail('looked for') });
  await watch(io, []);
  assert.deepEqual(io.options?.directories, [DIRECTORY]);
});

test('--no-nsids and --assign-nsids reach the watcher', async () => {
  const off = new FakeIo();
  await watch(off, ['--no-nsids']);
  assert.deepEqual([off.options?.netlink, off.options?.assignNsids], ['off', false]);
  const assign = new FakeIo();
  await watch(assign, ['--assign-nsids']);
  assert.deepEqual([assign.options?.netlink, assign.options?.assignNsids], ['auto', true]);
});

test('--assign-nsids without the right to: 3', async () => {
  const io = Object.assign(new FakeIo(), { listAndWatch: () => Promise.reject(refusal(RTM_NEWNSID, 1)) });
  assert.equal(await run(['watch', '--assign-nsids'], io), 3);
  assert.match(io.stderr.text, /^nlink: EPERM: /);
});

test('--all: whose a namespace is, and who is in it; what is there, what is found, and its end', async () => {
  const io = new FakeIo();
  const owner = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c0' } as const;
  const docker = { number: 1_000_000, owner, pids: [12, 15], loOnly: false };
  const sandbox = { number: 1_000_001, owner: null, pids: [77], loOnly: true };
  const nobody = { number: 1_000_001, owner: null, pids: [], loOnly: null };
  io.inventory = [
    { ...entry(7, at('blue')), ...docker },
    { ...entry(null), namespace: null, ...sandbox },
  ];
  const found = { type: 'found', namespace: identity, nsid: null, ...sandbox } as const;
  const ends: UnifiedEvent[] = [
    { type: 'destroyed', namespace: identity, nsid: null, names: [], ...sandbox },
    { type: 'destroyed', namespace: null, nsid: null, names: [], ...nobody },
  ];
  io.watcher.isWatchingDeaths = true;
  await watch(io, ['--all'], [found, ...ends]);
  assert.equal(io.options?.unnamed, true);
  assert.deepEqual(io.stdout.lines, [
    '03:04:05.006  present    blue              net:[4026532178]  id 9007199254740993  nsid 7  docker 4f797c539e6c  PID 12',
    '03:04:05.006  present    -                 PID 77  only lo',
    '03:04:05.006  found      -                 net:[4026532178]  id 9007199254740993  PID 77  only lo',
    '03:04:05.006  destroyed  -                 net:[4026532178]  id 9007199254740993  PID 77  only lo',
    '03:04:05.006  destroyed  -                 number:1000001',
  ]);
  const told = new FakeIo();
  told.inventory = io.inventory;
  told.watcher.isWatchingDeaths = true;
  await watch(told, ['--all', '--json', '--time', 'none'], [found, ...ends]);
  const fields = json(told).map(({ type, number, pids, owner: whose, loOnly }) => [
    type,
    number,
    pids,
    whose,
    loOnly,
  ]);
  assert.deepEqual(fields, [
    ['present', 1_000_000, [12, 15], owner, false],
    ['present', 1_000_001, [77], null, true],
    ['found', 1_000_001, [77], null, true],
    ['destroyed', 1_000_001, [77], null, true],
    ['destroyed', 1_000_001, [], null, null],
  ]);
});

test('--all where deaths cannot be watched: what is not found is said', async () => {
  const io = new FakeIo();
  io.watcher.deathsError = new Error('user namespaces are forbidden');
  await watch(io, ['--all']);
  assert.match(io.stderr.text, /without a name or an nsid are not found: user namespaces are forbidden/);
  const hidden = new FakeIo();
  hidden.watcher.isWatchingDeaths = true;
  hidden.watcher.unseen = { processes: 0, hidden: true, outside: false };
  await watch(hidden, ['--all']);
  assert.match(hidden.stderr.text, /without a name may be missed: \/proc hides processes of others/);
});
