/**
 * Sandboxes of firejail and bubblewrap, by root and by an ordinary user: no names, no ids, and no
 * control groups of their own. Whose a namespace is tells the process that waits outside of it.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import type { ProcessOwner } from '../../src/netns/processes/process-owner.ts';
import { waitFor } from '../support/wait.ts';
import { list, nlink } from './support/nlink.ts';
import { USER, addUser } from './support/podman.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import type { Step } from './support/ring.ts';
import { descendants, hasProcess, namespaceOf } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

const USERS = [
  'setpriv',
  `--reuid=${USER}`,
  `--regid=${USER}`,
  '--clear-groups',
  'env',
  'HOME=/home/nlink-world',
];
const SLEEP = ['sleep', '3600'];
const BWRAP = ['bwrap', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev'];
const FIREJAIL = ['firejail', '--noprofile', '--net=none', '--quiet'];

/**
 * firejail takes a PID namespace that has no thread of the kernel among its first ten processes for
 * a sandbox, in which there is nothing to do for it. So it gets one with a program of that name.
 */
const KTHREADD = '/run/nlink-world/kthreadd';
const AS_HOST = ['unshare', '--pid', '--mount-proc', '--fork', '--kill-child', KTHREADD, `${KTHREADD}.sh`];

const commands: Record<string, readonly string[]> = {
  firejail: [...AS_HOST, ...FIREJAIL, ...SLEEP],
  'firejail, by a user': [...AS_HOST, ...USERS, ...FIREJAIL, ...SLEEP],
  bubblewrap: [...BWRAP, ...SLEEP],
  'bubblewrap with a PID namespace': [...BWRAP, '--unshare-pid', ...SLEEP],
  'bubblewrap, by a user': [...USERS, ...BWRAP, '--unshare-all', ...SLEEP],
};

let running: Daemon;

/** @returns a process in it: the program that is to be in a sandbox */
async function begin(command: readonly string[]): Promise<number> {
  const [program = '', ...args] = command;
  running = daemon(program, args);
  let inside: number | undefined;
  await waitFor('the program in the sandbox', async () => {
    if (!running.running()) throw new Error(running.log());
    inside = (await descendants(running.pid)).find((one) => one.program === 'sleep')?.pid;
    return inside !== undefined && namespaceOf(inside) !== namespaceOf('self');
  });
  return Number(inside);
}

/** The one that made the sandbox is not in it. */
async function ownerOf(kind: 'firejail' | 'bubblewrap', program: string): Promise<ProcessOwner> {
  const all = [{ pid: running.pid, program }, ...(await descendants(running.pid))];
  const outside = all.filter(
    (one) => one.program === program && namespaceOf(one.pid) === namespaceOf('self'),
  );
  const { pid } = outside.at(-1) as { pid: number };
  return { kind, name: String(pid), id: String(pid) };
}

async function end(): Promise<void> {
  const all = [running.pid, ...(await descendants(running.pid)).map(({ pid }) => pid)];
  await running.kill('SIGKILL');
  for (const pid of all) await attempt('kill', '-9', String(pid));
}

const ownerBy = (title: string): Promise<ProcessOwner> =>
  title.startsWith('firejail') ? ownerOf('firejail', 'firejail') : ownerOf('bubblewrap', 'bwrap');

runtime({
  name: 'firejail, bubblewrap',
  version: async () => {
    const firejail = /version (\S+)/u.exec(await output('firejail', '--version'))?.[1] ?? '?';
    return `${firejail}, ${(await output('bwrap', '--version')).replace('bubblewrap ', '')}`;
  },
  begin: async () => {
    await addUser();
    cpSync('/bin/dash', KTHREADD, { dereference: true });
    writeFileSync(`${KTHREADD}.sh`, '"$@" &\nwait\n');
    await begin(commands['firejail'] ?? []);
    await end();
  },
  steps: [
    ...Object.entries(commands).map(([title, command]): Step => [
      `${title}: found with its owner, and its death`,
      (note) =>
        foundAndDestroyed(
          { begin: () => begin(command), owner: () => ownerBy(title), loOnly: true, end },
          note,
        ),
    ]),
    [
      'list folds them, and --sandboxes shows them',
      async () => {
        await begin(commands['bubblewrap'] ?? []);
        const { stdout } = await nlink('list', '--all');
        assert.match(stdout, /^1 sandbox.* with nothing but lo \(bubblewrap 1\)/mu);
        assert.match(
          (await nlink('list', '--all', '--sandboxes')).stdout,
          new RegExp(`\\bbubblewrap ${running.pid}\\b`, 'u'),
        );
        await end();
      },
    ],
    [
      'the one outside is killed: what it has made lives on, and nobody owns it any more',
      async (note) => {
        const inside = await begin(commands['bubblewrap'] ?? []);
        const inode = namespaceOf(inside);
        await running.kill('SIGKILL');
        const listed = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
        note(`owner ${JSON.stringify(listed?.owner?.kind ?? null)}, processes ${listed?.processes}`);
        assert.equal(listed?.processes, 1);
        process.kill(inside, 'SIGKILL');
        await waitFor('its end', () => !hasProcess(inode));
      },
    ],
    [
      'nothing is left',
      async () => {
        assert.deepEqual(
          (await list('--all')).filter(({ own }) => own !== true),
          [],
        );
      },
    ],
  ],
});
