/** `nlink ids`, `nlink id` and `nlink set` as processes, on real namespaces, beside `ip netns`. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { encodeName } from '../../../../src/reference/names.ts';
import { addNamespace, ip, netnsDirectory, spawnHolder } from '../../../support/netns.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, start } from '../../support/program.ts';
import type { Outcome } from '../../support/program.ts';

const nlink = (t: TestContext, ...words: string[]): Promise<Outcome> => outcomeOf(start(t, ...words));

/** What a command printed that did as it was told. */
async function printed(t: TestContext, ...words: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await nlink(t, ...words);
  assert.deepEqual([stderr, status], [[], 0], words.join(' '));
  return stdout;
}

/** What a command was refused with. */
async function refused(t: TestContext, status: number, ...words: string[]): Promise<string> {
  const outcome = await nlink(t, ...words);
  assert.deepEqual([outcome.stdout, outcome.status], [[], status], words.join(' '));
  return outcome.stderr.join('\n');
}

/** As a user without privilege. */
const asNobody = (t: TestContext, ...words: string[]): Promise<Outcome> =>
  outcomeOf(programOf(t, spawnOrdinary(main, ...words)));

/** From inside a named namespace. */
function inside(t: TestContext, name: string, ...words: string[]): Promise<Outcome> {
  const command = ['nsenter', `--net=/run/netns/${name}`, process.execPath, main, ...words];
  return outcomeOf(programOf(t, spawn('setpriv', ['--pdeathsig=KILL', ...command])));
}

/** A second name for a namespace, as `ip netns attach` gives it. */
async function addAlias(t: TestContext, name: string, alias: string): Promise<void> {
  const holder = await spawnHolder(t, `/run/netns/${name}`);
  ip('netns', 'attach', alias, String(holder.pid));
  await holder.end();
}

test('ids: none; then each with all its names', async (t) => {
  await freshHost(t, 'blue', 'red', 'free');
  assert.deepEqual(await nlink(t, 'ids'), {
    status: 0,
    stdout: [],
    stderr: ['nlink: no nsids are assigned in this network namespace'],
  });
  assert.deepEqual(await printed(t, 'ids', '--json'), ['[]']);

  await addAlias(t, 'blue', 'azure');
  const holder = await spawnHolder(t);
  ip('netns', 'set', 'red', '100');
  ip('netns', 'set', 'blue', '7');
  assert.deepEqual(await printed(t, 'set', String(holder.pid), '9'), ['9']);
  assert.deepEqual(await printed(t, 'ids'), ['NSID  NAMES', '   7  blue, azure', '   9', ' 100  red']);
  const named = (name: string): object => ({ name, path: `/var/run/netns/${name}` });
  assert.deepEqual(JSON.parse((await printed(t, 'ids', '--json')).join('')), [
    { nsid: 7, names: [named('blue'), named('azure')], own: false, current: 7 },
    { nsid: 9, names: [], own: false, current: 9 },
    { nsid: 100, names: [named('red')], own: false, current: 100 },
  ]);
});

test('ids: the directory; a name full of traps, and its bytes; a stale name and a broken link are none', async (t) => {
  await freshHost(t);
  const directory = netnsDirectory();
  const name = 'a\nb\x1b[2J, \udcff';
  addNamespace(`${directory}/${name}`);
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  symlinkSync('/proc/self/nothing', `${directory}/link`);
  symlinkSync(encodeName(`${directory}/${name}`), '/run/door');
  assert.deepEqual(await printed(t, 'set', '/run/door', '4'), ['4']);
  assert.deepEqual((await printed(t, 'ids', '-d', directory))[1], '   4  "a\\nb\\x1b[2J, \\xff"');
  const [row] = JSON.parse((await printed(t, 'ids', '-jd', directory)).join('')) as [
    { names: [{ name: string; rawName: string }] },
  ];
  assert.equal(row.names[0].name, name);
  const bytes = readdirSync(directory, { encoding: 'buffer' }).map((entry) => entry.toString('hex'));
  assert.ok(bytes.includes(row.names[0].rawName));
  // No directory: no names, but the ids all the same.
  assert.deepEqual(await nlink(t, 'ids', '-d', '/run/missing'), {
    status: 0,
    stdout: ['NSID  NAMES', '   4'],
    stderr: ['nlink: /run/missing does not exist'],
  });
  assert.deepEqual(await printed(t, 'ids', '-q', '-d', '/run/missing'), ['NSID  NAMES', '   4']);
});

test('ids: of the own namespace, marked', async (t) => {
  await freshHost(t, 'blue');
  assert.deepEqual((await inside(t, 'blue', 'set', '/proc/self/ns/net', '3')).stdout, ['3']);
  assert.deepEqual((await inside(t, 'blue', 'ids')).stdout, ['NSID  NAMES', '   3  blue (this namespace)']);
  const [row] = JSON.parse((await inside(t, 'blue', 'ids', '--json')).stdout.join(''));
  assert.deepEqual([row.own, row.names.length], [true, 1]);
});

test('id: by name, path, process; digits are a name if there is one', async (t) => {
  await freshHost(t, 'blue', 'free');
  const holder = await spawnHolder(t, '/run/netns/blue');
  ip('netns', 'set', 'blue', '7');
  for (const word of ['blue', '/run/netns/blue', `/proc/${holder.pid}/ns/net`, String(holder.pid)])
    assert.deepEqual(await printed(t, 'id', word), ['7'], word);
  assert.deepEqual(await printed(t, 'id', 'free'), ['none']);
  assert.deepEqual(await printed(t, 'id', '--json', 'free'), [
    '{"nsid":null,"name":"free","path":"/var/run/netns/free"}',
  ]);
  assert.deepEqual(await printed(t, 'id', '--json', String(holder.pid)), [`{"nsid":7,"pid":${holder.pid}}`]);
  // Nothing was assigned by asking.
  assert.match(ip('netns', 'list-id'), /^nsid 7 \S[^\n]*\n$/);

  ip('netns', 'add', String(holder.pid));
  assert.deepEqual(await printed(t, 'id', String(holder.pid)), ['none']);
});

test('id: what is not there: 1; what is no namespace: 4; and the reason', async (t) => {
  await freshHost(t, 'blue');
  for (const [word, expected] of [
    ['nope', /^nlink: ENOENT: open '\/var\/run\/netns\/nope'/],
    ['/nope/x', /^nlink: ENOENT: open '\/nope\/x'/],
    // More than any kernel numbers its processes to.
    ['2147483647', /^nlink: ESRCH: RTM_GETNSID: .*no such process.*is not a name/],
  ] as const)
    assert.match(await refused(t, 1, 'id', word), expected);
  for (const [word, expected] of [
    ['/dev/null', /^nlink: \/dev\/null is no network namespace/],
    ['/proc/self/ns/mnt', /^nlink: EINVAL: RTM_GETNSID/],
  ] as const)
    assert.match(await refused(t, 4, 'id', word), expected);
});

test('set: a chosen id and the lowest that is free; neither changes', async (t) => {
  await freshHost(t, 'blue', 'red', 'green');
  assert.deepEqual(await printed(t, 'set', 'blue', '0'), ['0']);
  assert.deepEqual(await printed(t, 'set', '/run/netns/red', 'auto'), ['1']);
  const holder = await spawnHolder(t, '/run/netns/green');
  assert.deepEqual(await printed(t, 'set', '--json', String(holder.pid), 'auto'), [
    `{"nsid":2,"pid":${holder.pid}}`,
  ]);
  assert.deepEqual(
    ip('netns', 'list-id')
      .split('\n')
      .map((line) => line.split(' ')[1]),
    ['0', '1', '2', undefined],
  );
  assert.match(await refused(t, 1, 'set', 'blue', '5'), /^nlink: EEXIST: RTM_NEWNSID '.*blue'/);
  ip('netns', 'add', 'late');
  assert.match(await refused(t, 1, 'set', 'late', '0'), /^nlink: EEXIST: RTM_NEWNSID '.*late'/);
  assert.match(await refused(t, 1, 'set', 'nope', '5'), /^nlink: ENOENT/);
  assert.match(await refused(t, 2, 'set', 'late', '2147483648'), /^nlink: NSID must be a whole number/);
  assert.deepEqual(await printed(t, 'id', 'late'), ['none']);
});

test('--target: a namespace with an id here, and one without', async (t) => {
  await freshHost(t, 'blue', 'red', 'green', 'free');
  for (const target of ['blue', 'free']) {
    ip('-n', target, 'netns', 'set', 'red', '20');
    ip('-n', target, 'netns', 'set', 'green', '3');
  }
  ip('netns', 'set', 'red', '7');
  const expected = ['NSID  CURRENT  NAMES', '   3        -  green', '  20        7  red'];
  assert.deepEqual(await printed(t, 'ids', '--target', 'free'), expected);
  ip('netns', 'set', 'blue', '1');
  for (const word of ['blue', '/run/netns/blue', String((await spawnHolder(t, '/run/netns/blue')).pid)])
    assert.deepEqual(await printed(t, 'ids', '-t', word), expected, word);

  // An id for the one who asks, and one for a namespace without a name.
  const [holder, own] = [await spawnHolder(t), String(process.pid)];
  assert.deepEqual(await printed(t, 'set', String(holder.pid), '30'), ['30']);
  for (const target of ['blue', 'free']) {
    assert.deepEqual((await inside(t, target, 'set', String(holder.pid), '40')).stdout, ['40']);
    assert.deepEqual((await inside(t, target, 'set', own, '50')).stdout, ['50']);
  }
  assert.deepEqual((await printed(t, 'ids', '-t', 'blue')).slice(3), [
    '  40       30',
    '  50        -  (this namespace)',
  ]);
  // Seen from inside, what has no name cannot be found here.
  assert.deepEqual((await printed(t, 'ids', '-t', 'free')).slice(3), [
    '  40        -',
    '  50        -  (this namespace)',
  ]);
});

test('--target: what is no namespace', async (t) => {
  await freshHost(t);
  assert.match(await refused(t, 1, 'ids', '-t', 'nope'), /^nlink: ENOENT: open/);
  assert.match(await refused(t, 1, 'ids', '-t', '/dev/null'), /^nlink: EINVAL: RTM_GETNSID '\/dev\/null'/);
});

test('an ordinary user asks, but assigns nothing and looks into no other namespace', async (t) => {
  await freshHost(t, 'blue', 'free');
  ip('netns', 'set', 'blue', '7');
  assert.deepEqual((await asNobody(t, 'ids')).stdout, ['NSID  NAMES', '   7  blue']);
  assert.deepEqual((await asNobody(t, 'id', 'blue')).stdout, ['7']);
  assert.deepEqual((await asNobody(t, 'id', String(process.pid))).stdout, ['none']);

  for (const [words, expected] of [
    [['set', 'free', '5'], /^nlink: EPERM: RTM_NEWNSID '.*free': assigning an nsid needs CAP_NET_ADMIN/],
    [['ids', '--target', 'blue'], /^nlink: EACCES: RTM_GETNSID: .*CAP_NET_ADMIN/],
    [['ids', '--target', 'free'], /^nlink: EPERM: setns: .*CAP_SYS_ADMIN/],
  ] as const) {
    const { status, stdout, stderr } = await asNobody(t, ...words);
    assert.deepEqual([stdout, status], [[], 3], words.join(' '));
    assert.match(stderr[0] ?? '', expected);
  }
  assert.deepEqual(await printed(t, 'id', 'free'), ['none']);
});
