/**
 * Nsids assigned by processes, whoever they belong to: in a network namespace of nlink's own, and in
 * that of an ordinary user with `unshare -Urn`.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { NETLINK_ROUTE, NETNSA_FD, NETNSA_PID } from '../../src/netlink/constants.ts';
import { NsidAssignments } from '../../src/netlink/nsid-assignments.ts';
import { NsidQueries } from '../../src/netlink/nsid-query.ts';
import { NEW_NAMESPACE, openSockets } from '../../src/netlink/raw-socket.ts';
import { Requester } from '../../src/netlink/requester.ts';
import { errno } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { converse } from '../support/child.ts';
import { addNamespace, asleep, netnsDirectory, spawnHolder } from '../support/netns.ts';
import { ordinaryCommand } from '../support/ordinary.ts';
import { waitFor, within } from '../support/wait.ts';
import { numberByPid } from './number-by-pid.ts';

const fixture = fileURLToPath(new URL('fixtures/number.js', import.meta.url));
const thread = new URL('../netns/fixtures/thread.js', import.meta.url);
const FIRST = 1_000_000;
/** Above what the kernel gives to a process (PID_MAX_LIMIT). */
const NOBODY = 2 ** 22 + 1;
const { EEXIST, ESRCH } = errno;

/** A process that has ended in a namespace of its own, and whose parent does not wait for it. */
async function zombie(t: TestContext): Promise<number> {
  // It ends only when its parent has become a program that does not wait for children.
  const child = `unshare --net sh -c 'until grep -q sleep /proc/$1/comm; do :; done' sh $$`;
  const script = `${child} & echo $!; exec sleep infinity`;
  const parent = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = (await within('the number of the child', once(parent.stdout, 'data'))) as [Buffer];
  const pid = Number(line.toString());
  await waitFor('the end of the child', () =>
    /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')),
  );
  return pid;
}

/** Processes, and what comes of numbering them from FIRST. */
async function cases(t: TestContext): Promise<[pids: number[], expected: ReturnType<typeof numberByPid>]> {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const first = await spawnHolder(t, `${directory}/a`);
  const second = await spawnHolder(t, `${directory}/a`);
  const unnamed = await spawnHolder(t);
  const ended = await spawnHolder(t);
  await ended.end();
  return [
    [first.pid, second.pid, unnamed.pid, ended.pid, await zombie(t), NOBODY],
    {
      errors: [0, EEXIST, 0, ESRCH, ESRCH, ESRCH],
      nsids: [FIRST, FIRST, FIRST + 2, 'ESRCH', 'ESRCH', 'ESRCH'],
    },
  ];
}

test('by processes: the second of a namespace has its number, one that has ended none', async (t) => {
  const [pids, expected] = await cases(t);
  assert.deepEqual(numberByPid(NEW_NAMESPACE, pids, FIRST), expected);
});

test('as an ordinary user in unshare -Urn, processes of others', async (t) => {
  const [pids, expected] = await cases(t);
  // Without capabilities nobody may map the first user of a user namespace into another one
  // (user_namespaces(7)). Where the tests have no other user, they run as an ordinary one already.
  const [command, ...all] = ordinaryCommand(fixture);
  const words = all.filter((word) => !word.endsWith('=-all'));
  words.splice(words.indexOf('KILL') + 1, 0, 'unshare', '-Urn');
  const child = spawn(command, words);
  const conversation = await converse(t, child);
  assert.deepEqual(await conversation.ask(JSON.stringify([pids, FIRST])), expected);
  // The host's own, of process 1 as of any other.
  assert.deepEqual(await conversation.ask(JSON.stringify([[process.pid], FIRST + 10])), {
    errors: [0],
    nsids: [FIRST + 10],
  });
});

test('a process of a PID namespace below, by its number here', async (t) => {
  const words = ['KILL', 'unshare', '--net', '--pid', '--fork', '--kill-child', 'sleep', 'infinity'];
  const child = spawn('setpriv', ['--pdeathsig', ...words], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const children = `/proc/${child.pid}/task/${child.pid}/children`;
  await waitFor('the process 1 of the namespace', () => readFileSync(children, 'latin1') !== '');
  const below = Number(readFileSync(children, 'latin1'));
  // Before that it would outlive its parent: --kill-child is a wish of the child's own.
  await asleep(below);
  const pids = [below, child.pid as number];
  assert.deepEqual(numberByPid(NEW_NAMESPACE, pids, FIRST), { errors: [0, EEXIST], nsids: [FIRST, FIRST] });
});

const PROBE = ['--pid', '--fork', '--mount-proc', 'true'];
const skip = spawnSync('unshare', PROBE).status === 0 ? false : 'no PID namespace can be made here';

test('from a PID namespace below: numbers are those of there', { skip }, async (t) => {
  const holder = await spawnHolder(t);
  const words = ['KILL', 'unshare', '--net', '--pid', '--fork', '--kill-child', process.execPath, fixture];
  const conversation = await converse(t, spawn('setpriv', ['--pdeathsig', ...words]));
  assert.deepEqual(await conversation.ask(JSON.stringify([[1, holder.pid], FIRST])), {
    errors: [0, ESRCH],
    nsids: [FIRST, 'ESRCH'],
  });
});

test('a thread by its own number, and descriptors beside processes', async (t) => {
  const directory = netnsDirectory();
  for (const name of ['a', 'b']) addNamespace(`${directory}/${name}`);
  const worker = new Worker(thread, { workerData: `${directory}/a` });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  const own = statSync('/proc/self/net/dev').ino;
  const tid = readdirSync('/proc/self/task').find(
    (id) => statSync(`/proc/self/task/${id}/net/dev`).ino !== own,
  );
  const [a, b] = [openSync(`${directory}/a`, 'r'), openSync(`${directory}/b`, 'r')];
  const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, NEW_NAMESPACE, 1);
  assert(socket !== undefined);
  const requester = new Requester(socket);
  t.after(() => {
    requester.close();
    closeSync(a);
    closeSync(b);
  });
  const attributes = [NETNSA_FD, NETNSA_PID, NETNSA_FD, NETNSA_PID];
  const values = [b, Number(tid), a, process.pid];
  const errors = requester.exchange(new NsidAssignments(values, FIRST, attributes));
  assert.deepEqual(errors, [0, 0, EEXIST, 0]);
  const nsids = requester.exchange(new NsidQueries(attributes, values));
  assert.deepEqual(nsids, [FIRST, FIRST + 1, FIRST + 1, FIRST + 3]);
});
