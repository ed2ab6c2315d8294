/**
 * `nlink add`, `delete`, `attach`, `identify`, `pids` and `list` as processes, on real namespaces.
 * What they share with ip: parity-*.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { identify, listNamespaces } from '../../../src/index.ts';
import { processesByNamespace } from '../../../src/netns/processes/processes-by-namespace.ts';
import { processOwner } from '../../../src/netns/processes/process-owner.ts';
import { ip, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { waitFor } from '../../support/wait.ts';
import { freshHost } from '../support/nsid-host.ts';
import { main, outcomeOf, programOf, start } from '../support/program.ts';
import type { Outcome } from '../support/program.ts';

const nlink = (t: TestContext, ...words: string[]): Promise<Outcome> => outcomeOf(start(t, ...words));
const asNobody = (t: TestContext, ...words: string[]): Promise<Outcome> =>
  outcomeOf(programOf(t, spawnOrdinary(main, ...words)));

/**
 * Said wherever somebody else's processes are seen, as those of the host are in some containers, to
 * root too.
 */
const NOT_ALL = /^nlink: there may be (more|processes) /;
const withoutNotAll = (lines: readonly string[]): string[] => lines.filter((line) => !NOT_ALL.test(line));

/** What a command printed that did as it was told, with nothing to say beside it. */
async function printed(t: TestContext, ...words: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await nlink(t, ...words);
  assert.deepEqual([withoutNotAll(stderr), status], [[], 0], words.join(' '));
  return stdout;
}

/** What a command was refused with. */
async function refused(t: TestContext, status: number, ...words: string[]): Promise<string> {
  const outcome = await nlink(t, ...words);
  assert.deepEqual([outcome.stdout, outcome.status], [[], status], words.join(' '));
  return outcome.stderr.join('\n');
}

const json = async (t: TestContext, ...words: string[]): Promise<unknown> =>
  JSON.parse((await printed(t, ...words, '--json')).join(''));

/** The identity of the namespace behind a name, as JSON has it. */
async function identityOf(name: string): Promise<object> {
  const entry = (await listNamespaces()).find((candidate) => candidate.name === name);
  assert.ok(entry?.ready === true);
  return Object.fromEntries(
    Object.entries(entry.namespace).map(([key, value]) => [key, value === null ? null : String(value)]),
  );
}

test('add: nothing is printed, or what was made; a path; another directory', async (t) => {
  await freshHost(t);
  assert.deepEqual(await printed(t, 'add', 'blue'), []);
  const { staleElsewhere, ...red } = (await json(t, 'add', 'red')) as { staleElsewhere: boolean | null };
  assert.deepEqual(red, { name: 'red', path: '/var/run/netns/red', namespace: await identityOf('red') });
  // Null where whoever asks cannot see the mounts of the machine.
  assert.ok(staleElsewhere !== true);
  const directory = netnsDirectory();
  await printed(t, 'add', '-d', directory, 'green');
  await printed(t, 'add', `${directory}/by path`);
  assert.deepEqual(readdirSync(directory).sort(), ['by path', 'green']);
  assert.match(await refused(t, 1, 'add', '/run/none/x'), /ENOENT: .*make that first/);
  assert.match(await refused(t, 1, 'add', '-d', '/etc/passwd', 'x'), /ENOTDIR: .*is a file/);
});

test('add: the name is taken: by what', async (t) => {
  await freshHost(t, 'blue');
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  mkdirSync('/run/netns/dir');
  assert.match(
    await refused(t, 1, 'add', 'blue'),
    /^nlink: EEXIST: blue already exists: net:\[\d+\](, id \d+)?$/,
  );
  assert.match(
    await refused(t, 1, 'add', 'stale'),
    /stale already exists: no(t mounted here| namespace is mounted on it)/,
  );
  assert.match(
    await refused(t, 1, 'attach', 'dir', String(process.pid)),
    /dir already exists: .* no network namespace$/,
  );
});

test('without privilege: 3, and what to do; nothing is made or deleted', async (t) => {
  await freshHost(t, 'blue');
  for (const words of [
    ['add', 'red'],
    ['delete', 'blue'],
    ['attach', 'red', '/proc/self/ns/net'],
  ]) {
    const { status, stderr } = await asNobody(t, ...words);
    assert.equal(status, 3, stderr.join('\n'));
    assert.match(stderr.join('\n'), /CAP_SYS_ADMIN|run it as root/);
  }
  assert.deepEqual(readdirSync('/run/netns'), ['blue']);
});

test('delete: several names, one of them missing: goes on, a hint, 1', async (t) => {
  await freshHost(t, 'blue', 'red', 'green');
  const { status, stdout, stderr } = await nlink(t, 'delete', 'blue', 'gren', 'red', '--json');
  assert.equal(status, 1);
  assert.deepEqual(stderr, [
    "nlink: ENOENT: unlink '/var/run/netns/gren': no network namespace has this name; did you mean green?",
  ]);
  const named = (name: string): object => ({ name, path: `/var/run/netns/${name}` });
  const rows = JSON.parse(stdout.join('')) as { error?: { code: string; message: string } }[];
  const message = rows[1]?.error?.message;
  assert.deepEqual(rows, [
    { ...named('blue'), deleted: true, nsid: null, alive: null },
    { ...named('gren'), deleted: false, error: { code: 'ENOENT', message } },
    { ...named('red'), deleted: true, nsid: null, alive: null },
  ]);
  assert.deepEqual(readdirSync('/run/netns'), ['green']);
  // A name that cannot be: nothing is done.
  await refused(t, 2, 'delete', 'green', '..');
  assert.deepEqual(readdirSync('/run/netns'), ['green']);
});

test('delete: the nsid shows whether the namespace is still alive', async (t) => {
  await freshHost(t, 'blue', 'red', 'free');
  ip('netns', 'set', 'blue', '7');
  ip('netns', 'set', 'red', '8');
  const holder = await spawnHolder(t, '/run/netns/blue');
  const { status, stdout, stderr } = await nlink(t, 'delete', 'blue', 'red', 'free', '--json');
  assert.equal(status, 0);
  assert.deepEqual(stderr, [
    'nlink: blue is deleted, but its namespace is still alive with nsid 7: a process, a socket, a descriptor, a mount or another name keeps it',
  ]);
  const rows = JSON.parse(stdout.join('')) as { nsid: number | null; alive: boolean | null }[];
  assert.deepEqual(
    rows.map(({ nsid, alive }) => [nsid, alive]),
    [
      [7, true],
      [8, false],
      [null, null],
    ],
  );
  await holder.end();
});

test('delete: what to do is said once, for however many names', async (t) => {
  await freshHost(t, 'blue', 'red', 'green');
  const { status, stderr } = await asNobody(t, 'delete', '--all');
  assert.equal(status, 3);
  assert.equal(stderr.filter((line) => line.includes('EPERM') || line.includes('EACCES')).length, 3);
  assert.equal(new Set(stderr).size, stderr.length);
});

// Fails if it is asked after each name: then the first is said to live on, which it does not when
// the command ends.
test('delete: two names of one namespace with an id, which ends with them', async (t) => {
  await freshHost(t);
  ip('netns', 'add', 'blue');
  ip('netns', 'set', 'blue', '7');
  writeFileSync('/run/netns/azure', '');
  execFileSync('mount', ['--bind', '/run/netns/blue', '/run/netns/azure']);
  const { status, stdout, stderr } = await nlink(t, 'delete', 'blue', 'azure', '--json');
  assert.deepEqual([status, stderr], [0, []]);
  assert.deepEqual(
    (JSON.parse(stdout.join('')) as { alive: boolean }[]).map(({ alive }) => alive),
    [false, false],
  );
});

test('delete --all: names alone; none there is a note', async (t) => {
  await freshHost(t, 'blue', 'red');
  mkdirSync('/run/netns/dir');
  assert.deepEqual(await printed(t, 'delete', '--all'), []);
  assert.deepEqual(readdirSync('/run/netns'), ['dir']);
  const outcome = await nlink(t, 'delete', '--all', '--json');
  assert.deepEqual(outcome, {
    status: 0,
    stdout: ['[]'],
    stderr: ['nlink: no names in /var/run/netns'],
  });
  assert.match(await refused(t, 2, 'delete', '--all', 'x'), /unexpected argument/);
  assert.match(await refused(t, 2, 'delete'), /missing NAME/);
});

test('attach: a process, a path, a name; and who is none of them', async (t) => {
  await freshHost(t, 'blue');
  const holder = await spawnHolder(t);
  const { namespace } = await identify({ pid: holder.pid });
  const made = (await json(t, 'attach', 'red', String(holder.pid))) as {
    path: string;
    namespace: { ino: string };
  };
  assert.deepEqual([made.path, made.namespace.ino], ['/var/run/netns/red', String(namespace.ino)]);
  await printed(t, 'attach', 'azure', 'blue');
  await printed(t, 'attach', 'green', '/run/netns/blue');
  assert.deepEqual(await identityOf('green'), await identityOf('blue'));
  assert.deepEqual(await identityOf('azure'), await identityOf('blue'));
  assert.match(await refused(t, 1, 'attach', 'x', 'blu'), /ENOENT: open .*; did you mean blue\?$/);
  assert.match(await refused(t, 1, 'attach', 'x', '/etc/passwd'), /no network namespace/);
  assert.equal(existsSync('/run/netns/x'), false);
});

test('identify: names, long, JSON, directories, a name that is not plain', async (t) => {
  await freshHost(t, 'blue');
  const holder = await spawnHolder(t, '/run/netns/blue');
  const pid = String(holder.pid);
  const other = netnsDirectory();
  await printed(t, 'attach', '-d', other, 'a\nb', pid);
  ip('netns', 'set', 'blue', '7');
  const directories = ['-d', '/run/netns', '-d', other];
  assert.deepEqual(await printed(t, 'identify', pid), ['blue']);
  assert.deepEqual(await printed(t, 'identify', pid, ...directories), ['blue', `"${other}/a\\nb"`]);
  assert.match(
    (await printed(t, 'identify', '-l', pid)).join('\n'),
    /^blue  net:\[\d+\](  id \d+)?  nsid 7$/,
  );
  assert.deepEqual(await json(t, 'identify', pid), {
    pid: holder.pid,
    names: [{ name: 'blue', path: '/var/run/netns/blue', directory: '/var/run/netns' }],
    nsid: 7,
    namespace: await identityOf('blue'),
  });
  const { stdout } = await nlink(t, 'identify', '--json');
  assert.deepEqual((JSON.parse(stdout.join('')) as { pid: string; names: [] }).names, []);
  assert.match(await refused(t, 2, 'identify', 'abc'), /PID must be a process ID or self, not "abc"/);
  assert.match(await refused(t, 1, 'identify', '999999999'), /there is no process 999999999/);
});

test('pids: by name, path, process; with the names of programs; a hint, a stale name', async (t) => {
  await freshHost(t, 'blue');
  const holder = await spawnHolder(t, '/run/netns/blue');
  const pid = String(holder.pid);
  for (const word of ['blue', '/run/netns/blue', pid])
    assert.deepEqual(await printed(t, 'pids', word), [pid], word);
  assert.deepEqual(await json(t, 'pids', 'blue'), [
    { pid: holder.pid, comm: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() },
  ]);
  ip('netns', 'add', 'empty');
  assert.deepEqual(await printed(t, 'pids', 'empty'), []);
  assert.deepEqual(await json(t, 'pids', 'empty'), []);
  writeFileSync('/run/netns/stale', '', { mode: 0 });
  assert.match(await refused(t, 1, 'pids', 'stale'), /no network namespace \((pending|unknown)\): /);
  assert.match(await refused(t, 1, 'pids', 'bleu'), /ENOENT.*; did you mean blue\?$/);
  assert.match(await refused(t, 1, 'pids', '-d', '/run/ntens', 'blue'), /; \/run\/ntens does not exist$/);
  // What cannot be typed is not suggested, nor what only ends so, nor what was typed.
  for (const name of ['\x1b[Apod', 'pod\x1b', 'my-long-pod']) writeFileSync(`/run/netns/${name}`, '');
  symlinkSync('/proc/0/ns/net', '/run/netns/zombie');
  for (const word of ['pod', 'zombie'])
    assert.doesNotMatch(await refused(t, 1, 'pids', word), /did you mean/);
  assert.match(
    (await asNobody(t, 'pids', 'blue')).stderr.join(''),
    /there may be processes in blue: this user may not inspect \d+ processes \(root/,
  );
});

test('list: a host with a bit of everything, as columns and as JSON', async (t) => {
  await freshHost(t, 'blue', 'red');
  ip('netns', 'set', 'red', '0');
  const [inBlue, inRed] = await Promise.all([
    spawnHolder(t, '/run/netns/blue'),
    spawnHolder(t, '/run/netns/red'),
  ]);
  const red = await identityOf('red');
  ip('netns', 'del', 'red');
  ip('netns', 'attach', 'home', String(process.pid));
  const directory = netnsDirectory();
  await printed(t, 'add', '-d', directory, 'far');
  symlinkSync('/nowhere', '/run/netns/link');
  const rows = (await json(t, 'list', '-d', '/run/netns', '-d', directory)) as Record<string, unknown>[];
  const home = rows.find(({ name }) => name === 'home');
  assert.ok(home?.['own'] === true && (home['processes'] as number) > 1);
  const located = (name: string, where: string): object => ({
    name,
    path: `${where}/${name}`,
    directory: where,
  });
  const [, , , far] = rows;
  // Not all are seen where the tests run in a PID namespace of their own, or may not look at some.
  const { complete } = await processesByNamespace();
  const whole = { processesComplete: complete, byThread: null };
  // What is inside was started here, in the same control group.
  const owner = processOwner(process.pid);
  assert.deepEqual(
    rows.filter((row) => row !== home),
    [
      {
        ...located('blue', '/run/netns'),
        ready: true,
        nsid: null,
        own: false,
        namespace: await identityOf('blue'),
        processes: 1,
        ...whole,
        owner,
      },
      {
        ...located('link', '/run/netns'),
        ready: false,
        reason: 'dangling-symlink',
        nsid: null,
        own: false,
        namespace: null,
        processes: null,
        processesComplete: null,
        byThread: null,
        owner: null,
      },
      {
        ...located('far', directory),
        ready: true,
        nsid: null,
        own: false,
        namespace: far?.['namespace'],
        processes: complete ? 0 : null,
        ...whole,
        byThread: 0,
        owner: null,
      },
      // The inode is made anew, so its time is another one.
      {
        name: null,
        nsid: 0,
        own: false,
        namespace: {
          ...red,
          since: rows[4]?.['namespace'] && (rows[4]['namespace'] as { since: string }).since,
        },
        processes: 1,
        ...whole,
        owner,
      },
    ],
  );
  const lines = await printed(t, 'list', '-d', '/run/netns', '-d', directory);
  assert.match(lines[0] ?? '', /^NAME +NSID  NAMESPACE +(ID  )?PROCESSES(  OWNER)?$/);
  assert.match(lines.join('\n'), /^home +- +net:\[\d+\] .*\(this namespace\)$/m);
  assert.match(lines.join('\n'), /^link +not ready \(dangling-symlink\): a symbolic link whose target/m);
  assert.match(lines.join('\n'), /^-  +0 +net:\[\d+\] .* 1\+?(  \S+)?$/m);
  await Promise.all([inBlue.end(), inRed.end()]);
});

test('list: nothing there; a reader that has enough; a directory that may not be read', async (t) => {
  await freshHost(t);
  const none = await nlink(t, 'list');
  assert.deepEqual([none.status, none.stdout], [0, []]);
  assert.deepEqual(withoutNotAll(none.stderr), ['nlink: no network namespaces in /var/run/netns']);
  assert.deepEqual((await nlink(t, 'list', '--json')).stdout, ['[]']);
  const head = spawn('sh', ['-c', `"${process.execPath}" "${main}" list --format ip | true`]);
  assert.equal((await outcomeOf(programOf(t, head))).status, 0);
  writeFileSync('/run/file', '');
  assert.match(await refused(t, 1, 'list', '-d', '/run/file'), /ENOTDIR/);
  assert.match(
    await refused(t, 1, 'list', '--format', 'ip', '-d', '/run/file'),
    /ENOTDIR: scandir '\/run\/file'/,
  );
  assert.match(await refused(t, 2, 'list', '--format', 'xml'), /--format must be columns or ip, not "xml"/);
});

// Others that run beside this test have namespaces of their own.
test('list --leaks: a name alone; not with a process in it; without a name and held', async (t) => {
  await freshHost(t, 'idle', 'used');
  await spawnHolder(t, '/run/netns/used');
  ip('netns', 'add', 'gone');
  const { ino } = statSync('/run/netns/gone', { bigint: true });
  const fd = openSync('/run/netns/gone', 'r');
  t.after(() => closeSync(fd));
  ip('netns', 'del', 'gone');
  const { status, stdout } = await nlink(t, 'list', '--leaks', '--json');
  assert.equal(status, 1);
  const leaks = JSON.parse(stdout.join('')) as Leak[];
  assert.deepEqual(
    leaks.flatMap(({ names }) => names.map(({ name }) => name)),
    ['idle'],
  );
  const held = leaks.find(({ namespace }) => namespace?.ino === String(ino));
  assert.deepEqual(
    held?.holders.map(({ kind, pid }) => [kind, pid]),
    [['descriptor', process.pid]],
  );
});

test('list --leaks: an nsid that nothing leads to', async (t) => {
  await freshHost(t, 'watched', 'named');
  ip('netns', 'set', 'watched', '5');
  ip('netns', 'set', 'named', '6');
  // Its inotify watch keeps the namespace, and nothing in /proc leads there.
  const watcher = watch('/run/netns/watched');
  t.after(() => watcher.close());
  ip('netns', 'del', 'watched');
  for (const ask of [nlink, asNobody]) {
    const { status, stdout } = await ask(t, 'list', '--leaks', '--json');
    assert.equal(status, 1);
    const leaks = JSON.parse(stdout.join('')) as Leak[];
    assert.deepEqual(
      leaks.filter(({ nsid }) => nsid !== null).map(({ nsid, namespace }) => [nsid, namespace === null]),
      [
        [6, false],
        [5, true],
      ],
    );
  }
  watcher.close();
  await waitFor('the end of its nsid', () => !/ 5$/m.test(ip('netns', 'list-id')));
});

test('list --leaks: an ordinary user is not told of a name that processes of others are in', async (t) => {
  await freshHost(t, 'idle', 'used');
  await spawnHolder(t, '/run/netns/used');
  const { stdout } = await asNobody(t, 'list', '--leaks', '--json');
  const leaks = JSON.parse(stdout.join('')) as Leak[];
  assert.deepEqual(
    leaks.flatMap(({ names }) => names.map(({ name }) => name)),
    ['idle'],
  );
});

interface Leak {
  names: { name: string }[];
  nsid: number | null;
  namespace: { ino: string } | null;
  holders: { kind: string; pid: number }[];
}
