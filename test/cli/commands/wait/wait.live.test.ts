/** `nlink wait` as a process, and 200 races of what it is made of with real namespaces. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { processIo } from '../../../../src/cli/host/process-io.ts';
import { run } from '../../../../src/cli/run.ts';
import { freshRun, ip, ipAsync, netnsDirectory, spawnHolder } from '../../../support/netns.ts';
import { forbidding, spawnOrdinary } from '../../../support/ordinary.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, start } from '../../support/program.ts';
import type { Program } from '../../support/program.ts';

const startWait = (t: TestContext, ...words: string[]): Program => start(t, 'wait', ...words);
const silent = { status: 0, stdout: [], stderr: [] };

test('before there is a directory; then at once; a command in the namespace works', async (t) => {
  freshRun(t);
  const program = startWait(t, 'blue');
  assert.equal(await program.stderr.next(), 'nlink: /var/run/netns does not exist yet; waiting for it');
  ip('netns', 'add', 'blue');
  assert.deepEqual(await outcomeOf(program), silent);
  assert.deepEqual(await outcomeOf(startWait(t, 'blue')), silent);
  const script = `"$0" "$1" wait blue && ip netns exec blue true`;
  execFileSync('sh', ['-c', script, process.execPath, main]);
});

test('without privilege', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'blue');
  const ready = programOf(t, spawnOrdinary(main, 'wait', 'blue'));
  assert.deepEqual(await outcomeOf(ready), silent);
  const gone = programOf(t, spawnOrdinary(main, 'wait', '--gone', 'blue'));
  await setTimeout(20);
  ip('netns', 'del', 'blue');
  assert.deepEqual(await outcomeOf(gone), silent);
});

test('gone: without a directory, and with it', async (t) => {
  freshRun(t);
  assert.deepEqual(await outcomeOf(startWait(t, '--gone', 'blue')), silent);
  ip('netns', 'add', 'blue');
  const { status, stderr } = await outcomeOf(startWait(t, '--gone', 'blue', '--timeout', '50ms'));
  assert.deepEqual([status, stderr], [124, ['nlink: timed out: blue is in /var/run/netns']]);
});

test('the time is over for a stale file, and Ctrl-C', async (t) => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '');
  const { status, stderr } = await outcomeOf(startWait(t, 'stale', '-d', directory, '--timeout', '100ms'));
  assert.equal(status, 124);
  assert.match(
    stderr.at(-1) ?? '',
    /^nlink: timed out: stale is in .*, but not ready \((pending|unknown)\): /,
  );
  const program = startWait(t, 'stale', '-d', directory);
  const said = /^nlink: stale exists, but is not ready \((pending|unknown)\): .*; still waiting$/;
  assert.match(await program.stderr.next(), said);
  program.child.kill('SIGINT');
  assert.equal(await within('the end', program.ended), 130);
});

/**
 * Runs the command in this process, on the real library: 200 processes would take a minute to
 * start.
 */
const inProcess = (...words: string[]): Promise<number> =>
  within('the end', run(['wait', ...words], quiet()));

const io = processIo();

function quiet(): typeof io {
  // Every signal and reader of this process is the test runner's.
  return { ...io, onStop: () => () => {}, onReaderGone: () => () => {} };
}

test('200 races with ip netns add and del', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  const batch = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  t.after(() => batch.kill());
  const write = (line: string): void => void batch.stdin.write(`${line}\n`);
  for (let round = 0; round < 200; round++) {
    const name = `n${round}`;
    // Before, at the same time, and after; by up to 3 milliseconds, which is as long as each takes.
    const lead = (round % 7) - 3;
    const first = lead < 0;
    let waiting = first ? inProcess(name) : undefined;
    if (lead !== 0) await setTimeout(Math.abs(lead));
    write(`netns add ${name}`);
    if (!first && round % 2 === 0) await setTimeout(lead);
    waiting ??= inProcess(name);
    assert.equal(await waiting, 0);
    // Can be entered now.
    execFileSync('nsenter', [`--net=/run/netns/${name}`, 'true']);
    let gone = first ? inProcess('--gone', name) : undefined;
    if (lead !== 0) await setTimeout(Math.abs(lead));
    write(`netns del ${name}`);
    gone ??= inProcess('--gone', name);
    assert.equal(await gone, 0);
    assert.equal(await inProcess('--gone', name, '--timeout', '0'), 0);
  }
  batch.stdin.end();
  await once(batch, 'exit');
});

/** Empty: it was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** How many sockets a program has opened. */
function socketsOf({ child: { pid } }: Program): number {
  const opened = readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2);
  return opened.filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).startsWith('socket:')).length;
}

test('destroyed: not while a process holds it', async (t) => {
  await freshHost(t, 'blue');
  const holder = await spawnHolder(t, '/run/netns/blue');
  const program = startWait(t, '--destroyed', 'blue', '--json');
  await waitFor('the watch of deaths and of nsids', () => socketsOf(program) === 4);
  await ipAsync('netns', 'del', 'blue');
  const still = await Promise.race([program.ended, setTimeout(100, 'waiting')]);
  assert.equal(still, 'waiting');
  await holder.end();
  const outcome = await outcomeOf(program);
  assert.deepEqual([outcome.status, outcome.stderr, ip('netns', 'list-id')], [0, [], '']);
  const { condition, met, names } = JSON.parse(outcome.stdout[0] ?? '');
  assert.deepEqual(
    [condition, met, names.length, names[0].name, names[0].nsid],
    ['destroyed', true, 1, 'blue', null],
  );
});

test('destroyed: no such name, one’s own, no right to assign', async (t) => {
  await freshHost(t, 'blue');
  ip('netns', 'attach', 'home', String(process.pid));
  for (const [name, expected] of [
    ['red', /^nlink: red has no namespace/],
    ['home', /^nlink: home is the namespace of nlink itself/],
  ] as const) {
    const { status, stderr } = await outcomeOf(startWait(t, '--destroyed', name));
    assert.equal(status, 1);
    assert.match(stderr[0] ?? '', expected);
  }
  // Who may not watch for deaths needs an nsid, which he may not assign either.
  const [command = '', ...words] = forbidding('user/max_user_namespaces');
  const wait = [process.execPath, main, 'wait', '--destroyed', 'blue'];
  const none = await outcomeOf(programOf(t, spawn(command, [...words, ...wait])));
  assert.equal(none.status, 1);
  assert.match(none.stderr[0] ?? '', /^nlink: blue has no nsid, .*max_user_namespaces is 0.*--assign-nsid/);
  const refused = spawn(command, [...words, ...wait, '--assign-nsid']);
  assert.equal((await outcomeOf(programOf(t, refused))).status, 3);
});
