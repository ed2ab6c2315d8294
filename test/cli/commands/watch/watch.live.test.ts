/** `nlink watch` as a process, on real namespaces. */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  netnsDirectory,
  unmountNamespace,
  ip as ip0,
} from '../../../support/netns.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { ip, still } from '../../../support/sigstop.ts';
import { within } from '../../../support/wait.ts';
import { main, programOf, startWatch } from '../../support/program.ts';

test('the directory is missing; ip netns add and del; SIGINT', async (t) => {
  freshRun(t);
  const { child, stdout, stderr, ended } = startWatch(t, '--json');
  assert.equal(await stderr.next(), 'nlink: /var/run/netns does not exist yet; waiting for it');
  await ip('netns', 'add', 'blue');
  assert.equal(await stderr.next(), 'nlink: /var/run/netns exists now');
  const { time, namespace, ...created } = await stdout.nextJson();
  assert.deepEqual(created, {
    type: 'created',
    name: 'blue',
    path: '/var/run/netns/blue',
    directory: '/var/run/netns',
    ready: true,
    nsid: null,
  });
  assert.ok(Math.abs(Date.now() - Date.parse(String(time))) < 60_000, String(time));

  const { dev, ino, mtimeNs } = statSync('/run/netns/blue', { bigint: true });
  const { id, ...identity } = namespace as Record<string, string | null>;
  assert.deepEqual(identity, { dev: String(dev), ino: String(ino), since: String(mtimeNs) });
  assert.ok(id === null || /^\d+$/.test(String(id)), String(id));

  await ip('netns', 'del', 'blue');
  const deleted = await stdout.nextJson();
  assert.deepEqual([deleted['type'], deleted['name'], deleted['namespace']], ['deleted', 'blue', namespace]);
  assert.equal(deleted['alive'], false);
  const destroyed = await stdout.nextJson();
  const { type, nsid, namespace: freed, names } = destroyed;
  assert.deepEqual([type, nsid, freed], ['destroyed', null, namespace]);
  assert.deepEqual(names, [{ name: 'blue', path: '/var/run/netns/blue', directory: '/var/run/netns' }]);
  child.kill('SIGINT');
  assert.equal(await within('the end', ended), 0);
  assert.deepEqual([await stdout.rest(), await stderr.rest()], [[], []]);
});

test('lines for a person: present, stale, unmounted, mounted again, a symbolic link', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/old`);
  const { stdout } = startWatch(t, '-d', directory, '--ready-timeout', '20');
  const inode = statSync(`${directory}/old`).ino;
  assert.match(await stdout.next(), new RegExp(`^[\\d:.]{12}  present    old {13}  net:\\[${inode}\\]`));
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  assert.match(
    await stdout.next(),
    /  created    stale +not ready \(timeout\): .* within 20 ms; it may still come$/,
  );
  unmountNamespace(`${directory}/old`);
  assert.match(await stdout.next(), /  unmounted  old +net:.*  is gone; its file remains$/);
  assert.match(await stdout.next(), /  destroyed  old +net:/);
  symlinkSync('/proc/self/nothing', `${directory}/link`);
  assert.match(await stdout.next(), /  created    link +not ready \(dangling-symlink\)/);
  unlinkSync(`${directory}/stale`);
  assert.match(await stdout.next(), /  deleted    stale +no namespace was seen on it$/);
});

test('a name full of traps is one harmless line, and its bytes are in the JSON', async (t) => {
  const directory = netnsDirectory();
  const name = 'a\nb\x1b[2J\u202e\u009b \udcff';
  const human = startWatch(t, '-d', directory);
  const json = startWatch(t, '-d', directory, '--json');
  await Promise.all([human.stderr.next(), json.stderr.next()]);
  await still(() => addNamespace(`${directory}/${name}`));
  assert.match(await human.stdout.next(), /  created    "a\\nb\\x1b\[2J\\u202e\\u009b \\xff"  net:/);
  const line = await json.stdout.nextJson();
  assert.equal(line['name'], name);
  assert.equal(line['rawName'], readdirSync(directory, { encoding: 'buffer' })[0]?.toString('hex'));
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal}: emits what happened before it, then ends with 0`, async (t) => {
    const directory = netnsDirectory();
    const { child, stdout, stderr, ended } = startWatch(t, '-d', directory, '--json');
    await stderr.next();
    // Stopped, so that it finds the events and the signal together.
    child.kill('SIGSTOP');
    for (let round = 0; round < 10; round++) addNamespace(`${directory}/n${round}`);
    child.kill(signal);
    child.kill('SIGCONT');
    assert.equal(await within('the end', ended), 0);
    assert.equal((await stdout.rest()).length, 10);
    for (let round = 0; round < 10; round++) deleteNamespace(`${directory}/n${round}`);
  });
}

test('SIGINT in a storm: prints all that happened before it', async (t) => {
  const directory = netnsDirectory();
  const { child, stdout, stderr, ended } = startWatch(t, '-d', directory, '--json', '--ready-timeout', '0');
  await stderr.next();
  child.kill('SIGSTOP');
  for (let round = 0; round < 3000; round++) writeFileSync(`${directory}/n${round}`, '');
  child.kill('SIGINT');
  child.kill('SIGCONT');
  const [lines, status] = await Promise.all([stdout.rest(), within('the end', ended)]);
  assert.deepEqual([lines.length, status], [3000, 0]);
});

test('| head -1: the end as soon as head has its line, though nothing more happens', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/only`);
  const line = `"$0" "$@" | head -1; echo "\${PIPESTATUS[0]}"`;
  const words = ['-c', line, process.execPath, main, 'watch', '--json', '-d', directory];
  // A group of its own, so that a failure leaves nothing behind.
  const shell = spawn('bash', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.after(() => shell.exitCode ?? process.kill(-Number(shell.pid), 'SIGKILL'));
  const [stdout, stderr] = await within('the end', Promise.all([text(shell.stdout), text(shell.stderr)]));
  assert.match(stdout, /^{"type":"present",.*"name":"only",.*}\n0\n$/);
  assert.equal(stderr, '');
});

test('the reader of a socket is gone: the end, though nothing more happens', async (t) => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/only`);
  // Node gives a child a socket where a shell gives a pipe.
  const { child, ended, stderr } = startWatch(t, '-d', directory);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  assert.equal(await within('the end', ended), 0);
  assert.deepEqual(await stderr.rest(), []);
});

test('a full disk: 1, and said so', () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/only`);
  const full = openSync('/dev/full', 'w');
  const { stderr, status } = spawnSync(process.execPath, [main, 'watch', '-d', directory], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.equal(stderr, 'nlink: writing to stdout: ENOSPC: no space left on device, write\n');
  assert.equal(status, 1);
});

test('an ordinary user watches, and gets an error for a private directory', async (t) => {
  const directory = netnsDirectory();
  const allowed = programOf(t, spawnOrdinary(main, 'watch', '--json', '-d', directory));
  await allowed.stderr.next();
  await still(() => addNamespace(`${directory}/blue`));
  const { type, ready } = await allowed.stdout.nextJson();
  assert.deepEqual([type, ready], ['created', true]);

  mkdirSync('/run/private', { mode: 0o000 });
  const refused = programOf(t, spawnOrdinary(main, 'watch', '-d', '/run/private'));
  assert.match(
    await refused.stderr.next(),
    /^nlink: EACCES: .*'\/run\/private': watching needs read permission/,
  );
  assert.equal(await within('the end', refused.ended), 3);
});

// Fails where a directory that cannot be asked for is taken for one that is not there: it would
// wait for ever.
test('an ordinary user gets an error for a directory that exists but may not be reached', async (t) => {
  mkdirSync('/run/listed/netns', { recursive: true });
  chmodSync('/run/listed', 0o444);
  const { stderr, ended } = programOf(t, spawnOrdinary(main, 'watch', '-d', '/run/listed/netns'));
  assert.match(
    await stderr.next(),
    /^nlink: EACCES: .*'\/run\/listed\/netns': .*search permission on its parents/,
  );
  assert.equal(await within('the end', ended), 3);
});

test('a file in place of the directory: 1', async (t) => {
  writeFileSync('/run/file', '');
  const { stderr, ended } = startWatch(t, '-d', '/run/file');
  assert.match(await stderr.next(), /^nlink: ENOTDIR: .*'\/run\/file': this is a file; give the directory/);
  assert.equal(await within('the end', ended), 1);
});

test('a reader that stands still: memory does not grow, loss is declared, the state comes out right', async (t) => {
  const directory = netnsDirectory();
  const { child, stderr, stdout, ended } = startWatch(t, '-d', directory, '--json', '--ready-timeout', '0');
  await stderr.next();
  const before = residentKilobytes(child.pid);
  // Without a turn of the event loop: nobody reads meanwhile.
  for (let round = 0; round < 30_000; round++) {
    writeFileSync(`${directory}/n${round}`, '');
    if (round >= 5) unlinkSync(`${directory}/n${round - 5}`);
  }
  const grown = residentKilobytes(child.pid) - before;
  assert.ok(grown < 100 * 1024, `${grown} kB more`);

  const there = new Set(readdirSync(directory));
  const state = new Set<string>();
  let resynced = 0;
  while (resynced === 0 || !isDeepStrictEqual(state, there)) {
    const { type, ...fields } = await stdout.nextJson();
    const name = String(fields['name']);
    if (type === 'resynced') resynced++;
    else if (type === 'deleted') assert.ok(state.delete(name), `${name} deleted, and not created before`);
    else if (type === 'created') assert.ok(!state.has(name) && state.add(name), `${name} created twice`);
  }
  child.kill('SIGINT');
  assert.equal(await within('the end', ended), 0);
});

test('the second signal ends it at once, though nobody reads', async (t) => {
  const directory = netnsDirectory();
  // More than the pipe and the buffers on both sides of it hold.
  for (let index = 0; index < 2000; index++) writeFileSync(`${directory}/${'n'.repeat(200)}${index}`, '');
  const child = spawn(process.execPath, [main, 'watch', '--json', '-d', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  t.after(() => child.kill('SIGKILL'));
  await within('the first lines', once(child.stdout, 'readable'));
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const [status] = (await within('the end', exited)) as [number];
  // The kernel delivers them in the order of their numbers or of their coming.
  assert.ok(status === 130 || status === 143, String(status));
});

function residentKilobytes(pid: number | undefined): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

// Fails where it is said that nothing was mounted: it was, while nobody looked.
test('made, entered and deleted while it gets no turn: it claims no more than it knows', async (t) => {
  freshRun(t);
  ip0('netns', 'add', 'first');
  const { child, stdout } = startWatch(t, '--time', 'none');
  assert.match(await stdout.next(), /^present +first/);
  await still(() => {
    ip0('netns', 'add', 'fast');
    ip0('netns', 'exec', 'fast', 'true');
    ip0('netns', 'del', 'fast');
  });
  assert.match(
    await stdout.next(),
    /^created +fast +not ready \(vanished\): gone before nlink looked at it$/,
  );
  assert.match(await stdout.next(), /^deleted +fast +no namespace was seen on it$/);
  child.kill('SIGINT');
});
