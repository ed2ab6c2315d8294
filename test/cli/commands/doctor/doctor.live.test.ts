/**
 * `nlink doctor` as a process of its own, where all is well and where something is wrong, in truth.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Check } from '../../../../src/cli/commands/doctor/check.ts';
import { freshRun, ip } from '../../../support/netns.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { canRefuseNetlink } from '../../../support/seccomp.ts';
import { waitFor } from '../../../support/wait.ts';
import { main, outcomeOf, programOf, start, startProgram } from '../../support/program.ts';
import type { Program } from '../../support/program.ts';

const confined = fileURLToPath(new URL('../../fixtures/confined.js', import.meta.url));

interface Diagnosis {
  exit: number | NodeJS.Signals;
  status: string;
  /** By name. */
  checks: Map<string, Check>;
}

async function diagnosisOf(program: Program): Promise<Diagnosis> {
  const { status: exit, stdout, stderr } = await outcomeOf(program);
  assert.deepEqual(stderr, []);
  assert.equal(stdout.length, 1);
  const { status, checks } = JSON.parse(stdout.join('')) as { status: string; checks: Check[] };
  return { exit, status, checks: new Map(checks.map((check) => [check.name, check])) };
}

const doctor = (t: TestContext, ...words: string[]): Promise<Diagnosis> =>
  diagnosisOf(start(t, 'doctor', '--json', ...words));

/** Below a shell that prepares something, with these options of unshare(1). */
function prepared(t: TestContext, unshare: readonly string[], prepare: string): Promise<Diagnosis> {
  const shell = ['sh', '-c', `${prepare} && exec "$@"`, 'sh', process.execPath, main, 'doctor', '--json'];
  const command = ['--pdeathsig=KILL', 'unshare', ...unshare, ...shell];
  return diagnosisOf(programOf(t, spawn('setpriv', command)));
}

const of = ({ checks }: Diagnosis, name: string): Check => {
  const check = checks.get(name);
  assert.ok(check !== undefined, `no check of ${name}: ${[...checks.keys()].join(', ')}`);
  return check;
};

test('all is well, with names and without a directory', async (t) => {
  freshRun(t);
  const missing = await doctor(t);
  assert.notEqual(missing.status, 'broken');
  assert.equal(missing.exit, 0);
  assert.match(
    of(missing, 'directory').found,
    /^\/var\/run\/netns does not exist yet; a watcher waits for it$/,
  );
  assert.ok(!missing.checks.has('names'));
  ip('netns', 'add', 'blue');
  const there = await doctor(t);
  assert.equal(there.exit, 0);
  assert.equal(of(there, 'names').found, '1 in /var/run/netns, 1 ready');
  for (const name of [
    'node',
    'library',
    'kernel',
    'proc',
    'directory',
    'names',
    'netlink',
    'nsid events',
    'identity',
    'mount changes',
  ])
    assert.equal(of(there, name).status, 'ok', name);
  // The sandbox has a /run of its own, so that names of the machine never come here.
  const mounts = of(there, 'mounts');
  assert.match(`${mounts.status} ${mounts.found}`, /^(degraded|ok) .*created in this mount namespace/);
  assert.deepEqual(readdirSync('/run/netns'), ['blue']);
  const { stdout, status } = await outcomeOf(start(t, 'doctor'));
  assert.equal(status, 0);
  assert.match(stdout.at(-1) ?? '', /^Watching works here/);
});

/**
 * The command in a mount namespace in which `before` is mounted, and mounts made later, as that of
 * `after`, do not arrive.
 */
async function elsewhere(t: TestContext, ...words: string[]): Promise<Program> {
  freshRun(t);
  ip('netns', 'add', 'before');
  const path = '/run/ready';
  mkdirSync(path);
  // The namespace is made when the private mount namespace stands.
  const child = spawn('setpriv', [
    '--pdeathsig=KILL',
    'unshare',
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    'rmdir "$0" && read line && exec "$@"',
    path,
    process.execPath,
    main,
    ...words,
  ]);
  const program = programOf(t, child);
  await waitFor('the mount namespace', () => !readdirSync('/run').includes('ready'));
  ip('netns', 'add', 'after');
  child.stdin.end('go\n');
  return program;
}

test('watch: a name that was there at the start is not reported as stale', async (t) => {
  const { stdout, stderr } = await outcomeOf(await elsewhere(t, 'watch', '--time', 'none', '--for', '100ms'));
  assert.match(stdout[0] ?? '', /^present +before +net:/);
  assert.match(stdout[1] ?? '', /^present +after +not ready \(no-propagation\): /);
  assert.match(stderr.join('\n'), /rslave.*HostToContainer/);
});

test('wait there: nor does it wait without a word', async (t) => {
  const waited = await outcomeOf(await elsewhere(t, 'wait', 'after', '--timeout', '0'));
  assert.equal(waited.status, 4);
  assert.match(waited.stderr.at(-1) ?? '', /after is in .* not ready \(no-propagation\)/);
});

test('a mount namespace in which mounts do not arrive', async (t) => {
  const program = await elsewhere(t, 'doctor', '--json');
  const found = await diagnosisOf(program);
  assert.deepEqual([found.exit, found.status], [1, 'broken']);
  assert.match(
    of(found, 'names').found,
    /^2 in .*, 1 ready; not ready: after \(mounted in the mount namespace of PID \d+ \(/,
  );
  const { status, remedy } = of(found, 'mounts');
  assert.equal(status, 'broken');
  assert.match(remedy ?? '', /rslave.*HostToContainer/);
});

test('an ordinary user: no privilege is no fault; a directory that it may not read is', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns', { mode: 0o755 });
  const readable = await diagnosisOf(programOf(t, spawnOrdinary(main, 'doctor', '--json')));
  assert.equal(readable.exit, 0);
  const { status, found } = of(readable, 'capabilities');
  assert.equal(status, 'ok');
  assert.match(found, /^none, .*without CAP_SYS_ADMIN: cannot create/);
  mkdirSync('/run/closed', { mode: 0o000 });
  const denied = await diagnosisOf(
    programOf(t, spawnOrdinary(main, 'doctor', '--json', '-d', '/run/closed/netns')),
  );
  assert.deepEqual([denied.exit, denied.status], [1, 'broken']);
  assert.match(of(denied, 'directory').found, /^\/run\/closed\/netns cannot be watched: EACCES/);
  assert.ok(of(denied, 'directory').remedy);
});

test(
  'a filter that forbids netlink: degraded, and 1 with --strict',
  { skip: !canRefuseNetlink },
  async (t) => {
    freshRun(t);
    for (const [words, exit] of [
      [[], 0],
      [['--strict'], 1],
    ] as const) {
      const found = await diagnosisOf(startProgram(t, confined, 'doctor', '--json', ...words));
      assert.deepEqual([found.exit, found.status], [exit, 'degraded']);
      assert.equal(of(found, 'netlink').status, 'degraded');
      assert.match(of(found, 'seccomp').found, /a filter is active/);
    }
  },
);

test('no inotify instance is left: broken, and the sysctl is named', async (t) => {
  freshRun(t);
  const found = await prepared(
    t,
    ['--user', '--map-root-user'],
    'echo 0 >/proc/sys/user/max_inotify_instances',
  );
  assert.deepEqual([found.exit, found.status], [1, 'broken']);
  const { status, remedy } = of(found, 'inotify instances');
  assert.equal(status, 'broken');
  assert.match(remedy ?? '', /raise the sysctl user\.max_inotify_instances/);
  assert.equal(of(found, 'directory').status, 'broken');
});

test('no watch is left', async (t) => {
  freshRun(t);
  const found = await prepared(
    t,
    ['--user', '--map-root-user'],
    'echo 0 >/proc/sys/user/max_inotify_watches',
  );
  assert.equal(of(found, 'inotify watches').status, 'broken');
  assert.match(of(found, 'inotify watches').remedy ?? '', /raise the sysctl user\.max_inotify_watches/);
});

test('without /proc nothing can work: 3', async (t) => {
  const found = await prepared(t, ['--mount'], 'mount -t tmpfs tmpfs /proc');
  assert.deepEqual([found.exit, found.status], [3, 'unsupported']);
  assert.deepEqual([...found.checks.keys()], ['node', 'library', 'kernel', 'proc']);
});

test('--try: made, seen, deleted, and nothing left; where it may not be made: degraded', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns', { mode: 0o755 });
  const found = await doctor(t, '--try');
  assert.equal(of(found, 'try').status, 'ok');
  assert.match(of(found, 'try').found, /ready after \d+\.\d ms; deleted it, gone after/);
  assert.deepEqual(readdirSync('/run/netns'), []);
  const refused = await diagnosisOf(programOf(t, spawnOrdinary(main, 'doctor', '--json', '--try')));
  assert.equal(of(refused, 'try').status, 'degraded');
  assert.deepEqual(readdirSync('/run/netns'), []);
});
