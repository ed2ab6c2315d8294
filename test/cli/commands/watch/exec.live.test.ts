/** `nlink watch --exec` as a process, with real commands on real namespaces. */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ownerOfCgroup } from '../../../../src/netns/processes/process-owner.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../../support/netns.ts';
import { still } from '../../../support/sigstop.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { main, outcomeOf, programOf, startWatch } from '../../support/program.ts';
import type { Program } from '../../support/program.ts';

/** An empty directory for what commands write. */
const scratch = (): string => mkdtempSync('/run/hooks-');
const linesOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'latin1').split('\n').slice(0, -1) : [];

/** Watches a directory until the first note on stderr, which says that it is watched. */
async function start(t: TestContext, directory: string, ...words: string[]): Promise<Program> {
  const program = startWatch(t, '-d', directory, ...words);
  assert.match(await program.stderr.next(), /no namespaces in/);
  return program;
}

test('environment, stdin and stdout are the command’s', async (t) => {
  const directory = netnsDirectory();
  const command = 'read -r json; echo "$NLINK_TYPE $NLINK_NAME $NLINK_READY"; echo "$json"; echo aside >&2';
  const program = await start(t, directory, '--exec', command, '--count', '1');
  await still(() => addNamespace(`${directory}/my net`));
  const { status, stdout, stderr } = await outcomeOf(program);
  assert.deepEqual([status, stdout[0], stderr], [0, 'created my net true', ['aside']]);
  assert.equal(JSON.parse(stdout[1] ?? '').name, 'my net');
});

test('with --json the lines are on stdout, what the command prints is on stderr', async (t) => {
  const directory = netnsDirectory();
  const program = await start(t, directory, '--json', '--exec', 'echo "$NLINK_NAME"', '--count', '1');
  addNamespace(`${directory}/blue`);
  const { status, stdout, stderr } = await outcomeOf(program);
  assert.deepEqual([status, stdout.length, stderr], [0, 1, ['blue']]);
});

test('a name that is not UTF-8, and one that ends in a newline: its bytes', async (t) => {
  const directory = netnsDirectory();
  const out = `${scratch()}/out`;
  const command = `printf '%s|' "$NLINK_NAME" "$NLINK_RAW_NAME" >> ${out}; test -e "$NLINK_PATH"`;
  const program = await start(t, directory, '--exec', command, '--count', '2', '--exec-jobs', '1');
  await still(() => addNamespace(`${directory}/'$(x)"\udce9\n`));
  await still(() => addNamespace(`${directory}/plain\n`));
  const { status, stderr } = await outcomeOf(program);
  assert.deepEqual([status, stderr], [0, []]);
  const bytes = readFileSync(out);
  const odd = Buffer.concat([Buffer.from(`'$(x)"`), Buffer.from([0xe9, 0x0a])]);
  const expected = Buffer.concat([odd, Buffer.from(`|${odd.toString('hex')}|plain\n||`)]);
  assert.deepEqual(bytes, expected);
});

test('a storm and slow commands: in order for each name, beside each other, nothing lost', async (t) => {
  const directory = netnsDirectory();
  const out = `${scratch()}/out`;
  const command = `sleep 0.0$(($$ % 3)); echo "$NLINK_TYPE $NLINK_NAME" >> ${out}`;
  const limits = ['--exec-jobs', '4', '--ready-timeout', '0', '--count', '101'];
  const program = await start(t, directory, '--exec', command, ...limits);
  // Files that are no namespaces: what matters here is how many there are.
  const names = Array.from({ length: 50 }, (_, index) => `n${index}`);
  for (const name of names) writeFileSync(`${directory}/${name}`, '');
  for (const name of names) unlinkSync(`${directory}/${name}`);
  writeFileSync(`${directory}/last`, '');
  const { status, stderr } = await outcomeOf(program);
  assert.deepEqual([status, stderr], [0, []]);
  const lines = linesOf(out);
  assert.equal(lines.length, 101);
  for (const name of names)
    assert.deepEqual(
      lines.filter((line) => line.endsWith(` ${name}`)),
      [`created ${name}`, `deleted ${name}`],
    );
});

test('a command that fills a pipe which is read slowly loses nothing', async (t) => {
  const directory = netnsDirectory();
  const command = 'head -c 300000 /dev/zero | tr "\\\\0" x; echo; echo done >&2';
  const program = await start(t, directory, '--exec', command, '--count', '1');
  program.child.stdout.pause();
  addNamespace(`${directory}/blue`);
  program.child.stdout.resume();
  const { status, stdout, stderr } = await outcomeOf(program);
  assert.deepEqual([status, stdout.map(({ length }) => length), stderr], [0, [300_000], ['done']]);
});

test('a FIFO on stderr that nobody reads any more stops nothing', async (t) => {
  const directory = netnsDirectory();
  const fifo = `${scratch()}/fifo`;
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0);
  addNamespace(`${directory}/blue`);
  // Opened for both, opening it waits for nobody; and then its reader is gone.
  const both = openSync(fifo, 'r+');
  const stderr = openSync(fifo, 'w');
  const words = [main, 'watch', '-d', directory, '--exec', 'echo "$NLINK_NAME"', '--count', '1'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', stderr] }) as ChildProcessByStdio<
    null,
    Readable,
    null
  >;
  closeSync(both);
  closeSync(stderr);
  const { stdout, ended } = programOf(t, Object.assign(child, { stderr: Readable.from([]) }));
  assert.equal(await stdout.next(), 'blue');
  await still(() => addNamespace(`${directory}/red`));
  assert.equal(await stdout.next(), 'red');
  assert.equal(await within('the end', ended), 0);
});

test('--exec-timeout ends the command and all that it started, then goes on', async (t) => {
  const directory = netnsDirectory();
  const out = `${scratch()}/out`;
  // One that takes no notice of SIGTERM, behind a shell that does.
  const stubborn = `sh -c 'trap "" TERM; echo $$ >> ${out}; sleep 1000; sleep 1000' & wait`;
  const command = `case $NLINK_TYPE in created) ${stubborn};; *) echo next >> ${out};; esac`;
  const program = await start(t, directory, '--exec', command, '--exec-timeout', '3s', '--count', '2');
  addNamespace(`${directory}/blue`);
  await waitFor('the command', () => linesOf(out).length === 1);
  deleteNamespace(`${directory}/blue`);
  const { status, stderr } = await outcomeOf(program);
  assert.equal(status, 0);
  assert.deepEqual(stderr, ['nlink: the hook for created blue was killed after 3000 ms']);
  const [pid, next] = linesOf(out);
  assert.equal(next, 'next');
  // Killed; perhaps nobody has collected it yet.
  await waitFor('its end', () => !alive(Number(pid)));
});

test('Ctrl-C awaits a command; a second one ends at once, and the command with it', async (t) => {
  for (const signals of [1, 2]) {
    const directory = netnsDirectory();
    const out = `${scratch()}/out`;
    const pause = signals === 1 ? 'while ! test -e /run/go; do sleep 0.05; done' : 'sleep 1000';
    const command = `echo $$ >> ${out}; ${pause}; echo done >> ${out}`;
    const program = await start(t, directory, '--exec', command);
    addNamespace(`${directory}/blue`);
    await waitFor('the command', () => linesOf(out).length === 1);
    program.child.kill('SIGINT');
    assert.match(await program.stderr.next(), /waiting for 1 command/);
    if (signals === 1) writeFileSync('/run/go', '');
    else program.child.kill('SIGINT');
    assert.equal(await within('the end', program.ended), signals === 1 ? 0 : 130);
    if (signals === 1) assert.equal(linesOf(out)[1], 'done');
    await waitFor('its end', () => !alive(Number(linesOf(out)[0])));
  }
});

test('a command that does not read its stdin, one that fails, one that there is not', async (t) => {
  const directory = netnsDirectory();
  const command = 'exec <&-; case $NLINK_NAME in a) exit 7;; b) kill -KILL $$;; *) /no/such/program;; esac';
  const program = await start(t, directory, '--exec', command, '--exec-jobs', '1', '--count', '3');
  for (const name of ['a', 'b', 'c']) await still(() => addNamespace(`${directory}/${name}`));
  const { status, stderr } = await outcomeOf(program);
  assert.equal(status, 0);
  assert.deepEqual(
    stderr.filter((line) => line.startsWith('nlink: ')),
    [
      'nlink: the hook for created a ended with status 7',
      'nlink: the hook for created b was killed by SIGKILL',
      'nlink: the hook for created c ended with status 127',
    ],
  );
});

/** A process that has ended but was not collected is dead, too (proc_pid_stat(5)). */
function alive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('--settle: a namespace that leaves its name again has no command; one that stays has one', async (t) => {
  const directory = netnsDirectory();
  // As a daemon that starts again does: the file of a dead container is there, and for a moment a
  // new namespace on it.
  writeFileSync(`${directory}/dead`, '');
  const program = startWatch(
    t,
    ...['-d', directory, '--exec', 'echo "$NLINK_TYPE $NLINK_NAME"', '--settle', '1s'],
    ...['--exec-jobs', '1', '--format', 'human', '--time', 'none', '--quiet'],
  );
  assert.match(await program.stdout.next(), /present {4}dead/);
  assert.equal(await program.stderr.next(), 'present dead');
  assert.equal(spawnSync('unshare', [`--net=${directory}/dead`, 'true']).status, 0);
  assert.match(await program.stdout.next(), /mounted {4}dead/);
  assert.equal(spawnSync('umount', [`${directory}/dead`]).status, 0);
  assert.match(await program.stdout.next(), /unmounted {2}dead/);
  // No hook has heard of it, so none hears of its end.
  assert.match(await program.stdout.next(), /destroyed {2}dead/);
  addNamespace(`${directory}/alive`);
  assert.match(await program.stdout.next(), /created {4}alive/);
  assert.equal(await program.stderr.next(), 'created alive');
  unlinkSync(`${directory}/dead`);
  assert.equal(await program.stderr.next(), 'deleted dead');
});

test('whose the namespace is: of the process in it, by its control group', async (t) => {
  const directory = netnsDirectory();
  const program = await start(t, directory, '--exec', 'cat; echo "$NLINK_OWNER_NAME"', '--count', '1');
  const inside = spawn('unshare', ['-n', 'sleep', '60'], { stdio: 'ignore' });
  t.after(() => inside.kill());
  await waitFor('the namespace', () => {
    const namespace = (pid: number | 'self'): string => readlinkSync(`/proc/${pid}/ns/net`);
    return namespace(inside.pid as number) !== namespace('self');
  });
  const owner = ownerOfCgroup(readFileSync(`/proc/${inside.pid}/cgroup`, 'utf8'));
  writeFileSync(`${directory}/pod`, '');
  spawnSync('mount', ['--bind', `/proc/${inside.pid}/ns/net`, `${directory}/pod`], { stdio: 'inherit' });
  const { stdout } = await outcomeOf(program);
  assert.deepEqual(JSON.parse(stdout[0] ?? '').owner, owner);
  assert.equal(stdout[1], owner?.name ?? '');
});
