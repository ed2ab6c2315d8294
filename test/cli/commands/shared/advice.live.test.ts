/**
 * What the command advises of a name that is mounted in another mount namespace, from every side:
 * makers by their file modes, with and without propagation, from the same PID namespace and another
 * one, as root and as an ordinary user, with processes hidden. Nothing that it prints may advise to
 * remove the name, and `nlink delete` leaves it alone; and the side that is blamed is not the one
 * in which names are made.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { freshRun, ip } from '../../../support/netns.ts';
import { rootTest } from '../../../support/visibility.ts';
import { within } from '../../../support/wait.ts';
import { main } from '../../support/program.ts';

/** Of ip(8) and CRI-O, of containerd and Docker, of vishvananda/netns, of Podman. */
const MODES = ['000', '644', '444', '600'];
const NAMES = MODES.map((mode) => `pod-${mode}`);

/** Each as `ip netns add` does it, with another mode. */
const MAKE = MODES.map(
  (mode) => `install -m ${mode} /dev/null /run/netns/pod-${mode}; unshare --net=/run/netns/pod-${mode} true`,
).join('; ');

/** Runs a script in a mount namespace of its own, and keeps that until the end of the test. */
async function maker(t: TestContext, propagation: string): Promise<number> {
  const words = [
    '--mount',
    '--propagation',
    propagation,
    'sh',
    '-ec',
    `${MAKE}; echo done; exec sleep infinity`,
  ];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = await within('the maker', Promise.race([once(child.stdout, 'data'), once(child, 'exit')]));
  assert.equal(String(said), 'done\n');
  return child.pid as number;
}

/** All that the commands print of the names, one after the other. */
async function said(prefix: readonly string[], ...commands: readonly (readonly string[])[]): Promise<string> {
  let all = '';
  for (const words of commands) {
    const [program = '', ...args] = [...prefix, process.execPath, main, ...words];
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, err] = await within(words.join(' '), Promise.all([text(child.stdout), text(child.stderr)]));
    all += `${out}${err}`;
  }
  return all;
}

const COMMANDS = [
  ['list'],
  ['list', '--json'],
  ['explain', 'pod-644'],
  ['explain', '/run/netns/pod-000'],
  ['doctor'],
  ['wait', 'pod-600', '--timeout', '10ms'],
  ['watch', '--for', '10ms'],
];
const DELETE = [
  ['delete', ...NAMES],
  ['delete', '--all'],
];

/** Every line that would have the name removed, but for the one that says how to insist. */
const advice = (printed: string): string[] =>
  printed
    .split('\n')
    .filter(
      (line) =>
        /nlink delete(?! --force)|\brm |ip netns del|umount/.test(line) && !/do not delete/.test(line),
    );

const observers: Record<string, string[]> = {
  'as it is': [],
  'in a PID namespace of its own': ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'],
  'as an ordinary user': ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'],
  'as an ordinary user from whom processes are hidden': [
    ...['unshare', '--mount', '--propagation', 'slave', 'sh', '-ec'],
    'mount -t proc -o hidepid=2 proc /proc; exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"',
    'sh',
  ],
};

for (const [who, prefix] of Object.entries(observers)) {
  // Becoming an ordinary user takes the machine's root.
  const declare = who.includes('ordinary')
    ? rootTest
    : (name: string, body: (t: TestContext) => Promise<void>): void =>
        void test(name, { skip: isForbidden(prefix) }, body);
  for (const propagation of ['private', 'slave']) {
    declare(`mounted by a maker whose mounts are ${propagation}, seen ${who}`, async (t) => {
      freshRun(t);
      ip('netns', 'add', 'first');
      ip('netns', 'del', 'first');
      const pid = await maker(t, propagation);
      const inodes = inodesOf(pid);
      const printed = `${await said(prefix, ...COMMANDS)}${await said(prefix, ...DELETE)}`;
      assert.deepEqual(advice(printed), []);
      // Names are made here, and everybody else gets them from here.
      assert.doesNotMatch(printed, /no-propagation/);
      assert.match(printed, /\((mounted-elsewhere|unknown)\)/);
      assert.match(printed, /do not delete the name/);
      for (const name of NAMES) assert.ok(existsSync(`/run/netns/${name}`), name);
      assert.deepEqual(inodesOf(pid), inodes);
    });
  }
}

test('they go with --force', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'other');
  const { ino } = statSync('/run/netns/other');
  const pid = await maker(t, 'private');
  assert.equal(await said([], ['delete', '--force', ...NAMES]), '');
  assert.deepEqual(inodesOf(pid), []);
  assert.equal(statSync('/run/netns/other').ino, ino);
});

/** Of the namespaces that are mounted in a process's mount namespace on names of the maker. */
const inodesOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .split('\n')
    .filter((line) => / \/run\/netns\/pod-/.test(line))
    .map((line) => line.split(' ')[3] ?? '')
    .sort();

/** Why this machine cannot play it; undefined: it can. */
function isForbidden(prefix: readonly string[]): string | undefined {
  const [program, ...words] = prefix;
  if (program === undefined) return undefined;
  try {
    execFileSync(program, [...words, 'true'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
