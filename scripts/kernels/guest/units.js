/**
 * In the machine, with systemd as process 1: the units of examples/deploy/, and what nlink says
 * where a unit's mount namespace, or systemd itself, stands between a name and its namespace
 * (systemd.exec(5)).
 */
import { strict as assert } from 'node:assert';
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { after, test } from 'node:test';
import { ok, run, waitFor } from './programs.js';

/** Only a failure takes that long, on an emulated processor too. */
const timeout = 900_000;

/** What the journal has of a unit, as it was written. */
const journal = (unit) => ok('journalctl', '-u', unit, '-o', 'cat', '--no-pager');
const events = (unit) =>
  journal(unit)
    .split('\n')
    .filter((line) => line.startsWith('{"type"'))
    .map((line) => JSON.parse(line));
const state = (unit) => ok('systemctl', 'show', '-P', 'ActiveState', unit).trim();
const property = (unit, name) => ok('systemctl', 'show', '-P', name, unit).trim();
const inode = (path) => `net:[${statSync(path).ino}]`;

/** A transient unit that is there until the test is over; it is known to have begun. */
function start(t, unit, properties, ...program) {
  const options = properties.flatMap((setting) => ['-p', setting]);
  ok('systemd-run', '--quiet', '--unit', unit, ...options, ...program);
  t.after(() => run('systemctl', 'stop', unit));
}

/** Runs a program in a unit with these properties: `{ status, stdout, stderr }`. */
const inUnit = (properties, ...program) =>
  run(
    'systemd-run',
    '--quiet',
    '--wait',
    '--pipe',
    ...properties.flatMap((setting) => ['-p', setting]),
    ...program,
  );

after(() => {
  for (const name of run('ip', 'netns', 'list')
    .stdout.split('\n')
    .map((line) => line.split(' ')[0]))
    if (name !== '') run('ip', 'netns', 'delete', name);
});

test(
  'the watch unit tells the journal of names as they come and go, and owns nothing',
  { timeout },
  async (t) => {
    ok('systemctl', 'start', 'nlink-watch');
    t.after(() => run('systemctl', 'stop', 'nlink-watch'));
    const told = (wanted) => waitFor(wanted, () => events('nlink-watch').some(({ type }) => type === wanted));
    await waitFor('the start', () => /does not exist yet|is watched|"type"/.test(journal('nlink-watch')));
    ok('ip', 'netns', 'add', 'blue');
    await told('created');
    ok('ip', 'netns', 'set', 'blue', '5');
    await told('nsidAssigned');
    ok('ip', 'netns', 'delete', 'blue');
    await told('destroyed');
    const all = events('nlink-watch');
    assert.deepEqual(
      all.map(({ type }) => type).filter((type) => type !== 'deleted'),
      ['created', 'nsidAssigned', 'destroyed'],
    );
    assert.equal(all.find(({ type }) => type === 'created').ready, true);
    const [, exposure] = /→ Overall exposure level for \S+: ([\d.]+)/.exec(
      ok('systemd-analyze', 'security', '--no-pager', 'nlink-watch.service'),
    );
    assert.ok(Number(exposure) <= 2, exposure);
  },
);

test('ExecStartPre=nlink wait in the unit that needs the name comes too late', { timeout }, async (t) => {
  const settings = ['NetworkNamespacePath=/run/netns/late', 'ExecStartPre=nlink wait late', 'Type=exec'];
  const options = ['--quiet', '--unit', 'too-late', ...settings.flatMap((setting) => ['-p', setting])];
  const { status } = run('systemd-run', ...options, 'sleep', 'infinity');
  t.after(() => run('systemctl', 'reset-failed', 'too-late'));
  assert.notEqual(status, 0);
  assert.match(journal('too-late'), /status=225\/NETWORK/);
});

test('the wait unit holds back the unit that needs the name, at each start', { timeout }, async (t) => {
  t.after(() => run('systemctl', 'stop', 'in-namespace'));
  for (const round of [1, 2]) {
    ok('systemctl', 'start', '--no-block', 'in-namespace');
    await waitFor(`the wait, ${round}`, () => state('nlink-wait@blue') === 'activating');
    assert.equal(state('in-namespace'), 'inactive');
    ok('ip', 'netns', 'add', 'blue');
    await waitFor(`the program, ${round}`, () => state('in-namespace') === 'active');
    const pid = property('in-namespace', 'MainPID');
    await waitFor('its program', () => readlinkSync(`/proc/${pid}/exe`).endsWith('/sleep'));
    assert.equal(readlinkSync(`/proc/${pid}/ns/net`), inode('/run/netns/blue'));
    // Over, and not a reason to stop the other.
    assert.equal(state('nlink-wait@blue'), 'inactive');
    ok('systemctl', 'stop', 'in-namespace');
    ok('ip', 'netns', 'delete', 'blue');
  }
});

test('a name with a hyphen is waited for as systemd-escape writes it', { timeout }, () => {
  ok('ip', 'netns', 'add', 'web-1');
  const unit = ok('systemd-escape', '--template=nlink-wait@.service', 'web-1').trim();
  ok('systemctl', 'start', unit);
  // As it stands it would be a path, web/1, which no name can be: said at once, and not waited for.
  const { status } = run('systemctl', 'start', 'nlink-wait@web-1');
  assert.notEqual(status, 0);
  ok('ip', 'netns', 'delete', 'web-1');
});

for (const [index, { properties, ready }] of [
  { properties: ['ProtectSystem=strict', 'PrivateTmp=yes', 'DynamicUser=yes'], ready: true },
  { properties: ['PrivateMounts=yes'], ready: true },
  { properties: ['MountFlags=private'], ready: false },
  { properties: ['TemporaryFileSystem=/run'], ready: false },
].entries()) {
  const what = properties.join(' ');
  test(`${what}: names ${ready ? 'are' : 'are never'} ready, and doctor says so`, { timeout }, async (t) => {
    // Before its first name nothing is mounted on the directory.
    ok('ip', 'netns', 'add', 'first');
    const unit = `place-${index}`;
    start(t, unit, properties, 'nlink', 'wait', 'green', '--timeout', ready ? '200' : '15');
    t.after(() => run('systemctl', 'reset-failed', unit));
    const doctor = inUnit(properties, 'nlink', 'doctor', '--json');
    ok('ip', 'netns', 'add', 'green');
    t.after(() => ['first', 'green'].map((name) => run('ip', 'netns', 'delete', name)));
    await waitFor('its end', () => ['inactive', 'failed'].includes(state(unit)));
    assert.equal(state(unit), ready ? 'inactive' : 'failed', journal(unit));
    // Without rights the buffer is small before Linux 6.18, which has nothing to do with this.
    const faults = JSON.parse(doctor.stdout).checks.filter(
      ({ name, status }) => status !== 'ok' && name !== 'receive buffer',
    );
    const expected = ready ? [] : ['mounts'];
    assert.deepEqual(
      faults.map(({ name }) => name),
      expected,
      doctor.stdout,
    );
  });
}

test('a name made in a unit with PrivateTmp=yes: the unit is named, not the host', { timeout }, async (t) => {
  start(t, 'maker', ['PrivateTmp=yes'], 'sh', '-c', 'ip netns add in-unit && exec sleep 900');
  await waitFor('the name', () => existsSync('/run/netns/in-unit'));
  await waitFor('its maker', () =>
    readlinkSync(`/proc/${property('maker', 'MainPID')}/exe`).endsWith('/sleep'),
  );
  const pid = property('maker', 'MainPID');
  t.after(() => run('ip', 'netns', 'delete', 'in-unit'));
  const said = {
    list: run('nlink', 'list'),
    explain: run('nlink', 'explain', 'in-unit'),
    doctor: run('nlink', 'doctor'),
    wait: run('nlink', 'wait', 'in-unit', '--timeout', '3'),
  };
  t.diagnostic(JSON.stringify(said, null, 1));
  for (const [command, { stdout, stderr }] of Object.entries(said)) {
    const text = stdout + stderr;
    assert.doesNotMatch(text, /host's mounts do not arrive|rslave|HostToContainer/, command);
    assert.doesNotMatch(text, /(nlink|netns) del/, `${command} advises what ends it`);
  }
  assert.match(said.explain.stdout + said.explain.stderr, new RegExp(`\\b${pid}\\b`), 'whose it is');
  assert.match(said.explain.stdout + said.explain.stderr, /maker\.service/, 'the unit');
  assert.doesNotMatch(said.doctor.stdout, /^broken/m, 'watching works on the host');
  // It is somebody's: not without being told twice.
  assert.notEqual(run('nlink', 'delete', 'in-unit').status, 0);
  assert.equal(existsSync('/run/netns/in-unit'), true);
  ok('nsenter', '-t', pid, '-m', 'ip', 'netns', 'exec', 'in-unit', 'true');
});

test('nlink add in a unit with PrivateTmp=yes says that nobody else will see it', { timeout }, (t) => {
  t.after(() => run('ip', 'netns', 'delete', 'unseen'));
  const { status, stderr } = inUnit(['PrivateTmp=yes'], 'nlink', 'add', 'unseen');
  assert.equal(status, 0, stderr);
  assert.notEqual(stderr.trim(), '');
});

test(
  'a namespace that only process 1 holds, for a unit that is done, is told as such',
  { timeout },
  async (t) => {
    ok('ip', 'netns', 'add', 'kept');
    ok('ip', 'netns', 'set', 'kept', '19');
    const settings = ['Type=oneshot', 'RemainAfterExit=yes', 'NetworkNamespacePath=/run/netns/kept'];
    start(t, 'keeper', settings, 'true');
    ok('ip', 'netns', 'delete', 'kept');
    assert.match(ok('ip', 'netns', 'list-id'), /^nsid 19\b/m, 'it lives on');
    const { status, stdout, stderr } = run('nlink', 'explain', 'nsid:19');
    t.diagnostic(JSON.stringify({ status, stdout, stderr }, null, 1));
    const text = stdout + stderr;
    assert.doesNotMatch(text, /nobody that this user may look at/);
    assert.match(text, /alive|lives/);
    // A class of holder that cannot be seen, and how it ends.
    assert.match(text, /descriptor/);
    assert.match(text, /systemd|unit/);
    ok('systemctl', 'stop', 'keeper');
    await waitFor('the end', () => !/^nsid 19\b/m.test(ok('ip', 'netns', 'list-id')));
  },
);
