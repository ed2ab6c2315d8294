/** `nlink doctor` over a machine made of facts: what it says of each, and how it ends. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { checkAttempt } from '../../../../src/cli/commands/doctor/checks/try.ts';
import { worst } from '../../../../src/cli/commands/doctor/check.ts';
import type { Check } from '../../../../src/cli/commands/doctor/check.ts';
import { checkContainers } from '../../../../src/cli/commands/doctor/checks/containers.ts';
import { checkDirectory } from '../../../../src/cli/commands/doctor/checks/directory.ts';
import type { DirectoryFacts } from '../../../../src/cli/host/probe/probe.ts';
import { checkFeatures } from '../../../../src/cli/commands/doctor/checks/features.ts';
import { checkInotify } from '../../../../src/cli/commands/doctor/checks/inotify.ts';
import { checkLinks } from '../../../../src/cli/commands/doctor/checks/links.ts';
import { checkNetlink } from '../../../../src/cli/commands/doctor/checks/netlink.ts';
import { checkPlatform, isSupported } from '../../../../src/cli/commands/doctor/checks/platform.ts';
import { checkProcesses } from '../../../../src/cli/commands/doctor/checks/processes.ts';
import { checkRights } from '../../../../src/cli/commands/doctor/checks/rights.ts';
import { run } from '../../../../src/cli/run.ts';
import type { NotReadyReason } from '../../../../src/netns/identity/observe.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { verdictOf } from '../../support/verdict.ts';
import {
  directory,
  features,
  inotify,
  links,
  netlink,
  platform,
  processes,
  rights,
} from '../../support/fake-probe.ts';

/** Those that are not ok, each as its name and status. */
const faults = (checks: readonly Check[]): string[] =>
  checks.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${name} ${status}`);

/** Expects these faults, and a remedy with every one of them, and with nothing else. */
function expect(checks: readonly Check[], ...expected: string[]): void {
  assert.deepEqual(faults(checks), expected);
  for (const { status, remedy, name } of checks)
    assert.equal((remedy ?? '') === '', status === 'ok', `${name}: ${remedy}`);
}

const fault = (code: string, message = `${code}: open '/x': do this`): { code: string; message: string } => ({
  code,
  message,
});
const found = (checks: readonly Check[], name: string): string =>
  checks.find((check) => check.name === name)?.found ?? '';

test('where all is well no group has a fault', () => {
  expect([
    ...checkPlatform(platform),
    ...checkDirectory(directory),
    ...checkInotify(inotify),
    ...checkNetlink(netlink),
    ...checkFeatures(features),
    checkProcesses(processes),
    checkLinks(links),
    ...checkRights(rights),
    ...checkContainers({ watched: [], refused: [] }),
    ...checkAttempt({ done: true, created: 1, deleted: 1 }),
  ]);
});

test('platform: Node, the library, the kernel, /proc', () => {
  for (const [node, expected] of [
    ['20.19.0', []],
    ['20.18.9', ['node broken']],
    ['18.20.0', ['node broken']],
    ['21.0.0', []],
    ['26.1.0', []],
  ] as const)
    expect(checkPlatform({ ...platform, node }), ...expected);
  for (const [kernel, expected] of [
    ['3.10.0-1160.el7', ['kernel broken']],
    ['3.19.0', ['kernel degraded']],
    ['4.0.9', ['kernel degraded']],
    ['4.1.0', []],
    ['5.4.0-150-generic', []],
  ] as const)
    expect(checkPlatform({ ...platform, kernel }), ...expected);
  expect(checkPlatform({ ...platform, proc: false }), 'proc broken');
  const library = fault('ERR_NLINK_NATIVE_LIBRARY', 'koffi could not be loaded');
  expect(checkPlatform({ ...platform, library }), 'library broken');
  const mac = {
    ...platform,
    platform: 'darwin',
    library: fault('ERR_NLINK_UNSUPPORTED_PLATFORM', 'Linux only'),
  };
  expect(checkPlatform(mac), 'library broken');
  const wakes = fault('ERR_NLINK_UNSUPPORTED_PLATFORM', 'Bun 1.4.5 has no poll handles');
  expect(checkPlatform({ ...platform, wakes }), 'wakes broken');
  const unsupported = [mac, { ...platform, library }, { ...platform, wakes }, { ...platform, proc: false }];
  assert.deepEqual([platform, ...unsupported].map(isSupported), [true, false, false, false, false]);
});

test('platform: what stands in for Node is named; /proc that is kept from the process is not missing', () => {
  assert.equal(found(checkPlatform(platform), 'node'), 'Node 20.19.0 on linux-x64');
  const deno = checkPlatform({ ...platform, runtime: 'Deno 2.9.6' });
  assert.equal(found(deno, 'node'), 'Deno 2.9.6 in place of Node 20.19.0 on linux-x64');
  const kept = { ...platform, procRefused: 'start node with --allow-fs-read=/proc' };
  expect(checkPlatform(kept), 'proc degraded');
  assert.match(found(checkPlatform(kept), 'proc'), /^\/proc is mounted, but this process may not read it/);
  assert.equal(isSupported(kept), true);
});

test('directory: there, missing, not to be watched, another one than /run/netns', () => {
  const missing = checkDirectory({ ...directory, real: null, arrival: null, names: [] });
  expect(missing);
  assert.match(found(missing, 'directory'), /a watcher waits for it$/);
  const denied = checkDirectory({ ...directory, fault: fault('EACCES') });
  expect(denied, 'directory broken');
  assert.deepEqual(denied, [
    {
      name: 'directory',
      status: 'broken',
      found: "/var/run/netns cannot be watched: EACCES: open '/x'",
      remedy: 'do this',
    },
  ]);
  expect(checkDirectory({ ...directory, sameAsRun: false, real: '/var/run/netns' }), 'directory degraded');
  expect(checkDirectory({ ...directory, path: '/x', real: '/x', sameAsRun: null }));
});

test('names: how many are ready, why the others are not, escaped', () => {
  const named = (name: string, reason: NotReadyReason): DirectoryFacts['names'][number] => ({
    name,
    path: `/var/run/netns/${name}`,
    directory: '/var/run/netns',
    ready: false,
    namespace: null,
    reason,
    ...(reason !== 'no-permission' && { verdict: verdictOf(reason) }),
  });
  const stale = ['a\x1b', 'b', 'c', 'd', 'e'].map((name) => named(name, 'not-a-namespace'));
  const checks = checkDirectory({ ...directory, names: [...directory.names, ...stale] });
  expect(checks);
  assert.match(
    found(checks, 'names'),
    /^6 in \/var\/run\/netns, 1 ready; not ready: "a\\x1b" \(a file .*\), b .*, c \([^)]+\), and 2 more$/,
  );
  for (const reason of ['no-permission', 'mounted-elsewhere', 'unknown'] as const) {
    const amiss = checkDirectory({ ...directory, names: [named('a', reason)] });
    expect(amiss, 'names degraded');
    for (const { remedy } of amiss) assert.doesNotMatch(remedy ?? '', /nlink delete/);
  }
  const names = [named('a', 'no-propagation')];
  for (const arrival of [null, directory.arrival])
    expect(checkDirectory({ ...directory, names, arrival }), 'mounts broken');
});

test('mounts: whether those made elsewhere arrive, and those made here elsewhere', () => {
  for (const [kind, hostHas, foreign, shared, expected, remedy] of [
    ['host', true, false, true, [], null],
    ['host', true, false, false, ['mounts degraded'], /mount --make-shared \/run$/],
    ['peer', true, false, true, [], null],
    ['slave', true, false, false, [], null],
    ['slave', null, true, false, [], null],
    ['private', true, false, false, ['mounts broken'], /HostToContainer/],
    ['private', null, true, false, ['mounts broken'], /HostToContainer/],
    ['private', false, false, false, ['mounts degraded'], /TemporaryFileSystem/],
    ['private', null, false, false, [], null],
    ['shared', true, false, true, ['mounts broken'], /HostToContainer/],
    ['shared', false, false, true, ['mounts degraded'], /TemporaryFileSystem/],
  ] as const) {
    const arrival = { kind, hostHas, foreign, shared, holder: '/run' };
    const checks = checkDirectory({ ...directory, arrival });
    expect(checks, ...expected);
    if (remedy !== null) assert.match(checks.at(-1)?.remedy ?? '', remedy);
  }
});

test('inotify: exhausted, forbidden, nearly used up; the sysctl is named', () => {
  const { instances, watches } = inotify;
  for (const [facts, expected, remedy] of [
    [{ initFault: 'EMFILE' }, 'inotify instances broken', /fs\.inotify\.max_user_instances=1024/],
    [{ initFault: 'ENOSYS' }, 'inotify instances broken', /seccomp/],
    [{ watchFault: 'ENOSPC' }, 'inotify watches broken', /fs\.inotify\.max_user_watches=16384/],
    [{ watchFault: 'EPERM' }, 'inotify watches broken', /seccomp/],
    [{ instances: { ...instances, used: 120 } }, 'inotify instances degraded', /max_user_instances/],
    [{ watches: { ...watches, used: 8000 } }, 'inotify watches degraded', /max_user_watches/],
  ] as const) {
    const checks = checkInotify({ ...inotify, ...facts });
    expect(checks, expected);
    assert.match(checks.find(({ status }) => status !== 'ok')?.remedy ?? '', remedy);
  }
  const unlimited = checkInotify({ ...inotify, instances: { ...instances, most: null } });
  expect(unlimited);
  assert.equal(found(unlimited, 'inotify instances'), '3 in use by this user');
});

test('netlink: refused, without events, old, cut off, a small buffer: never broken', () => {
  for (const [facts, expected] of [
    [{ query: fault('ERR_NLINK_NETLINK_UNAVAILABLE', 'forbidden') }, ['netlink degraded']],
    [{ events: fault('ERR_NLINK_UNSUPPORTED_KERNEL', 'old') }, ['nsid events degraded']],
    [{ byNumber: false }, ['nsids by number degraded']],
    [{ byNumber: null, listed: null, buffer: null }, []],
    [{ listed: { count: 1150, complete: false } }, ['list of nsids degraded']],
    [{ buffer: { wanted: 4194304, granted: 212992, forced: false } }, ['receive buffer degraded']],
    [{ deaths: fault('ERR_NLINK_NO_USER_NAMESPACE', 'the sysctl is 0') }, ['deaths degraded']],
  ] as const)
    expect(checkNetlink({ ...netlink, ...facts }), ...expected);
  assert.match(
    checkNetlink({ ...netlink, query: fault('X', 'forbidden') })[0]?.found ?? '',
    /^forbidden: names/,
  );
});

test('features: what is replaced is said, and is no fault', () => {
  const checks = checkFeatures({ handles: false, mountChanges: true });
  expect(checks);
  assert.match(found(checks, 'identity'), /inode and time/);
  expect(checkFeatures({ handles: true, mountChanges: 'EPERM: epoll_ctl' }), 'mount changes degraded');
});

test('processes: what is not seen is said, and is no fault', () => {
  const all = { processes: 0, hidden: false, outside: false };
  for (const [facts, expected] of [
    [{}, /all can be seen, and the kernel reports new ones/],
    [{ hints: false }, /all can be seen; the kernel does not report new ones/],
    [{ unseen: { ...all, hidden: true } }, /may be missed .*hides processes of others/],
    [{ unseen: { ...all, outside: true } }, /may be missed .*outside the PID namespace/],
    [{ unseen: { ...all, processes: 3 } }, /may be missed .*3 processes/],
    [{ unseen: null, fault: fault('EACCES', 'EACCES: open') }, /cannot be looked at \(EACCES: open\)/],
  ] as const) {
    const check = checkProcesses({ ...processes, ...facts });
    expect([check]);
    assert.match(check.found, expected);
  }
});

test('links: how far they can be seen is said, and is no fault', () => {
  const states = links.states;
  for (const [facts, expected] of [
    [{}, /^those of all namespaces can be seen, with every change/],
    [{ states: { ...states, approximate: 1 } }, /^those of all namespaces can be seen/],
    [
      { states: { ...states, live: 1, limited: 3, closed: 2 } },
      /^those of 1 of 6 .*; of 3 only names, from \/proc; of 2 none; all require CAP_SYS_ADMIN/,
    ],
    [{ states: { ...states, closed: 2 } }, /^those of 3 of 5 .*; of 2 none; all require/],
    [
      { fault: fault('EPERM', 'EPERM: unshare: run it as root') },
      /^cannot be read \(links\): EPERM: unshare$/,
    ],
  ] as const) {
    const check = checkLinks({ ...links, ...facts });
    expect([check]);
    assert.match(check.found, expected);
  }
});

test('the container or unit of this process; none is no fault', () => {
  const foundOf = (owner: typeof rights.owner): string => found(checkRights({ ...rights, owner }), 'owner');
  assert.match(foundOf(rights.owner), /belongs to nlink-watch\.service$/);
  assert.match(foundOf({ kind: 'docker', name: '4f797c539e6c', id: '4f' }), /to docker 4f797c539e6c$/);
  assert.match(foundOf(null), /^none found/);
  expect(checkRights({ ...rights, owner: null }));
});

test('rights: what is missing is said, and is no fault; what is used up is', () => {
  const none = checkRights({ ...rights, capabilities: 0n, seccomp: 2 });
  expect(none);
  assert.match(found(none, 'capabilities'), /^none, .*without CAP_NET_ADMIN: cannot assign nsids/);
  assert.match(found(none, 'seccomp'), /a filter is active/);
  const some = found(checkRights({ ...rights, capabilities: 1n << 21n }), 'capabilities');
  assert.match(some, /^CAP_SYS_ADMIN; without CAP_NET_BROADCAST: /);
  assert.ok(!some.includes('without CAP_SYS_ADMIN'));
  expect(checkRights({ ...rights, openFiles: { most: 256, used: 200 } }), 'open files degraded');
  expect(checkRights({ ...rights, openFiles: { most: null, used: 200 } }));
  expect(checkRights({ ...rights, maxNamespaces: 0 }), 'namespace limit degraded');
  expect(checkRights({ ...rights, maxNamespaces: null, seccomp: null }));
});

test('containers: which are watched, which are refused', () => {
  const checks = checkContainers({ watched: ['/run/docker/netns'], refused: ['/run/user/1\n'] });
  expect(checks);
  assert.equal(
    checks[0]?.found,
    'watched with --containers: /run/docker/netns; not readable for this user: "/run/user/1\\n"',
  );
});

test('try: no right is degraded, everything else broken', () => {
  expect(checkAttempt({ done: false, at: 'make', fault: fault('EPERM') }), 'try degraded');
  expect(checkAttempt({ done: false, at: 'see', fault: fault('EPERM') }), 'try broken');
  expect(checkAttempt({ done: false, at: 'make', fault: fault('ENOSPC') }), 'try broken');
  expect(
    checkAttempt({ done: false, at: 'see the end of', fault: fault('ETIMEDOUT', 'late') }),
    'try broken',
  );
});

test('the worst counts', () => {
  const [okay, bad, worse] = (['ok', 'degraded', 'broken'] as const).map((status): Check => ({
    name: 'x',
    status,
    found: '',
    remedy: null,
  })) as [Check, Check, Check];
  assert.deepEqual([[], [okay], [okay, bad], [worse, bad, okay]].map(worst), [
    'ok',
    'ok',
    'degraded',
    'broken',
  ]);
});

const doctor = (io: FakeIo, ...words: string[]): Promise<number> => run(['doctor', ...words], io);

test('lines, with the remedy below; the whole at the end; 0, or 1 if it is broken', async () => {
  const io = new FakeIo();
  assert.equal(await doctor(io), 0);
  assert.equal(io.stdout.lines[0], 'ok        node               Node 20.19.0 on linux-x64');
  assert.equal(io.stdout.lines.at(-1), 'Watching works here.');
  assert.deepEqual([io.machine.asked, io.machine.tried], [['/var/run/netns'], []]);

  const broken = new FakeIo();
  broken.machine.facts.inotify = { ...inotify, initFault: 'EMFILE' };
  assert.equal(await doctor(broken), 1);
  const at = broken.stdout.lines.findIndex((line) =>
    line.startsWith('broken    inotify instances  none left'),
  );
  assert.match(broken.stdout.lines[at + 1] ?? '', /^ {10} {11}remedy  raise the sysctl/);
  assert.equal(broken.stdout.lines.at(-1), 'Something is broken.');
  assert.equal(broken.stderr.text, '');
});

test('degraded: 0, with --strict 1', async () => {
  for (const [words, status] of [
    [[], 0],
    [['--strict'], 1],
  ] as const) {
    const io = new FakeIo();
    io.machine.facts.rights = { ...rights, maxNamespaces: 0 };
    assert.equal(await doctor(io, ...words), status);
    assert.match(io.stdout.lines.at(-1) ?? '', /with the limits above\.$/);
  }
  assert.equal(await doctor(new FakeIo(), '--strict'), 0);
});

test('a machine that cannot: 3, and nothing else is looked at', async () => {
  const io = new FakeIo();
  io.machine.facts.platform = { ...platform, proc: false };
  assert.equal(await doctor(io, '--json', '--try'), 3);
  const { status, checks } = JSON.parse(io.stdout.text);
  assert.deepEqual([status, checks.at(-1).name, checks.at(-1).status], ['unsupported', 'proc', 'broken']);
  assert.deepEqual([io.machine.asked, io.machine.tried], [[], []]);
});

test('JSON: the status and every check', async () => {
  const io = new FakeIo();
  assert.equal(await doctor(io, '--json'), 0);
  const { status, checks } = JSON.parse(io.stdout.text);
  assert.equal(status, 'ok');
  assert.ok(checks.length > 15);
  assert.deepEqual(checks[0], {
    name: 'node',
    status: 'ok',
    found: 'Node 20.19.0 on linux-x64',
    remedy: null,
  });
});

test('every directory is looked at, the first is tried in, and no listener is left', async () => {
  const io = new FakeIo();
  assert.equal(await doctor(io, '-d', '/a', '-d', '/b', '--try'), 0);
  assert.deepEqual([io.machine.asked, io.machine.tried, io.listening], [['/a', '/b'], ['/a'], 0]);
  assert.ok(
    io.stdout.lines.some((line) => line.startsWith('ok        try ') && line.includes('after 1.3 ms')),
  );
});

test('what comes from outside is escaped; colours on a terminal only', async () => {
  for (const terminal of [true, false]) {
    const io = new FakeIo();
    io.stdout.isTTY = terminal;
    io.machine.facts.netlink = { ...netlink, query: fault('X', 'bad \x1b[2J') };
    assert.equal(await doctor(io), 0);
    assert.ok(io.stdout.text.includes('bad \\x1b[2J'));
    assert.equal(io.stdout.text.includes('\x1b['), terminal);
  }
});
