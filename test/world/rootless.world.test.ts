/**
 * Podman's containers, run by an ordinary user: names are files in $XDG_RUNTIME_DIR/netns, mounted
 * in the user's own mount namespace alone. The host sees files without namespaces, and must neither
 * be blamed for that nor told to delete them.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { waitFor } from '../support/wait.ts';
import { DELETING, MAIN, Watch, entry, nlink } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import {
  RUNTIME_DIRECTORY,
  USER,
  addUser,
  inspect,
  logIn,
  podmanVersion,
  prepare,
  rootless as podman,
} from './support/podman.ts';
import type { Container } from './support/podman.ts';
import { attempt } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { hasProcess, isMounted, modeOf, mountedFor, namespaceOf, nsids, processes } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

const NAMES = join(RUNTIME_DIRECTORY, 'netns');

let early: Watch;
let watch: Watch;
let oci = '';
let container: Container;
let inode: string;

/** What nlink says of a name by each command that says why it is not ready. */
async function said(path: string): Promise<string> {
  const commands = [
    ['list', '--containers'],
    ['list', '-d', NAMES],
    ['explain', path],
    ['explain', '-d', NAMES, basename(path)],
    ['doctor', '-d', NAMES],
    ['watch', '-d', NAMES, '--for', '300ms'],
    ['wait', '-d', NAMES, '--timeout', '300ms', basename(path)],
  ];
  const results = [];
  for (const command of commands) results.push(await nlink(...command));
  return results.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
}

runtime({
  name: 'podman, rootless',
  version: async () => `${await podmanVersion()}, slirp4netns`,
  begin: async () => {
    await addUser();
    early = await Watch.start();
    logIn();
    oci = await prepare(podman);
    watch = await Watch.start('--directory', NAMES);
  },
  end: async () => {
    await early?.[Symbol.asyncDispose]();
    await watch?.[Symbol.asyncDispose]();
  },
  steps: [
    [
      'start: a file that is mounted in the mount namespace of the user alone',
      async (note) => {
        note(`by ${oci}`);
        await podman.start('--name', 'web');
        container = await inspect(podman, 'web');
        inode = namespaceOf(container.pid);
        assert.equal(isMounted(container.path), false);
        assert.notDeepEqual(mountedFor(container.path), []);
        assert.deepEqual(await nsids(), [], 'nothing has an id on the host');
        const listed = await entry(container.path);
        assert.deepEqual([listed?.ready, listed?.namespace ?? null], [false, null]);
        note(`mode ${await modeOf(container.path)} of the file, reason ${listed?.reason}`);
        const told = await watch.event('the name', 0, ({ name }) => name === basename(container.path));
        assert.equal(told.ready, false);
      },
    ],
    [
      'a user that logs in after the start of watch --containers: watched, or said not to be',
      async () => {
        const says = early.stderr.includes(RUNTIME_DIRECTORY) || /log(?:s|ged)? in/u.test(early.stderr);
        if (!says) await early.event('the name', 0, ({ directory }) => directory === NAMES);
      },
    ],
    [
      'no command advises to delete it',
      async () => {
        const wrong = (await said(container.path)).split('\n').filter((line) => DELETING.test(line));
        assert.deepEqual(wrong, []);
      },
    ],
    [
      'no command says that mounts of the host do not arrive here: this is the host',
      async () => {
        const blamed = /host's mounts do not arrive|on the host do not arrive|:rslave/u;
        const wrong = (await said(container.path)).split('\n').filter((line) => blamed.test(line));
        assert.deepEqual([...new Set(wrong)], []);
      },
    ],
    [
      'explain names a process in whose mount namespace it is mounted',
      async () => {
        const { stdout, stderr } = await nlink('explain', container.path);
        const named = [...`${stdout}\n${stderr}`.matchAll(/\b\d+\b/gu)].map(([pid]) => Number(pid));
        assert.ok(
          mountedFor(container.path).some((pid) => named.includes(pid)),
          `${stdout}\n${stderr}`,
        );
      },
    ],
    [
      'explain by process: the namespace itself is known',
      async () => {
        const { stdout } = await nlink('explain', container.pid);
        assert.match(stdout, new RegExp(`net:\\[${inode}\\]`, 'u'));
      },
    ],
    [
      'the way in: podman unshare nlink list',
      async () => {
        const text = await podman('unshare', process.execPath, MAIN, 'list', '--json', '-d', NAMES);
        const listed = (JSON.parse(text) as Told[]).find(({ path }) => path === container.path);
        assert.deepEqual([listed?.ready, listed?.namespace?.ino], [true, inode]);
      },
    ],
    [
      'a network of its own: one more name, for all of them',
      async (note) => {
        await podman('network', 'create', 'own');
        await podman.start('--name', 'bridged', '--network', 'own');
        const { path } = await inspect(podman, 'bridged');
        assert.ok(existsSync(path));
        const more = readdirSync(NAMES).filter((name) => name.startsWith('rootless-netns-'));
        assert.equal(more.length, 1);
        note(`${more[0]?.replace(/-[0-9a-f]+$/u, '-…')} beside netns-…`);
        await podman('rm', '-f', '-t', '0', 'bridged');
        assert.equal(existsSync(path), false);
      },
    ],
    [
      'stop: the file goes',
      async () => {
        const mark = watch.mark();
        await podman('stop', '-t', '0', 'web');
        const deleted = await watch.event(
          'the end',
          mark,
          ({ type, name }) => type === 'deleted' && name === basename(container.path),
        );
        assert.notEqual(deleted.alive, true);
        assert.equal(existsSync(container.path), false);
        assert.equal(hasProcess(inode), false);
      },
    ],
    [
      'delete by root of the host refuses, and the name stays mounted',
      async () => {
        await podman('start', 'web');
        container = await inspect(podman, 'web');
        const { status } = await nlink('delete', '-d', NAMES, basename(container.path));
        assert.ok(existsSync(container.path));
        assert.notDeepEqual(mountedFor(container.path), []);
        assert.notEqual(status, 0);
      },
    ],
    [
      'for whoever watches all: found with its owner, and its death',
      (note) =>
        foundAndDestroyed(
          {
            begin: async () => {
              await podman.start('--name', 'all');
              return (await inspect(podman, 'all')).pid;
            },
            // Without a service manager a user has no control groups to put a container into.
            owner: () => null,
            loOnly: false,
            end: () => podman('rm', '-f', '-t', '0', 'all'),
          },
          note,
        ),
    ],
    [
      'kill -9 of all that the user runs: told as unmounted, and it can be deleted',
      async (note) => {
        if (!existsSync(container.path)) {
          await podman('rm', '-f', '-t', '0', 'web');
          await podman.start('--name', 'web');
          container = await inspect(podman, 'web');
        }
        const name = basename(container.path);
        await watch.event('that it is there', 0, (event) => event.type === 'created' && event.name === name);
        const mark = watch.mark();
        await killUser();
        await waitFor('the end of the mount namespace', () => mountedFor(container.path).length === 0);
        await watch.event(
          'that it is mounted nowhere',
          mark,
          (event) => event.type === 'unmounted' && event.name === name,
        );
        assert.equal((await entry(container.path))?.ready, false);
        const command = ['delete', '-d', NAMES, basename(container.path)];
        const { status, stderr } = await nlink(...command);
        if (status !== 0) {
          // In a PID namespace of its own, as this sandbox has, it cannot know, and says so.
          assert.match(stderr, /may be mounted on it elsewhere/u);
          note('it cannot be told that it is mounted nowhere: delete takes --force');
          assert.equal((await nlink(...command, '--force')).status, 0);
        }
        assert.equal(existsSync(container.path), false);
      },
    ],
  ],
});

/** Ends all processes of the user but those that have ended already. */
async function killUser(): Promise<void> {
  const theirs = processes().filter(
    (pid) => existsSync(`/proc/${pid}`) && statSync(`/proc/${pid}`).uid === USER,
  );
  for (const pid of theirs) await attempt('kill', '-9', pid);
}
