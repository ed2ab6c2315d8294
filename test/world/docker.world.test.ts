/**
 * Docker's containers: names are sandbox ids below /run/docker/netns, mounted when a container
 * starts and unmounted when it ends; an id comes with the veth. docs/runtimes.md tells what is seen
 * here.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { watch as watchFiles } from 'node:fs/promises';
import { basename } from 'node:path';
import { waitFor, within } from '../support/wait.ts';
import { NAMES, docker, dockerVersion, importImage, inspect, run, startDocker } from './support/docker.ts';
import type { Container } from './support/docker.ts';
import { DELETING, Watch, entry, list, nlink, samePath } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import { output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { hasProcess, isMounted, modeOf, namespaceOf, nearEnds, nsidByVeth } from './support/truth.ts';

let server: Daemon;
let watch: Watch;
let container: Container;
let inode: string;
let nsid: number | null;

/** Starts it by this command, and compares what is told with what is there. */
async function start(
  name: string,
  begin: () => Promise<unknown>,
): Promise<{ created: string; assigned: string }> {
  const mark = watch.mark();
  await begin();
  container = await inspect(name);
  inode = namespaceOf(container.pid);
  nsid = await nsidByVeth(container.pid);
  // A name is made anew for each start; Docker 20.10 may also mount on the one of before.
  const made = await watch.event(
    `the name of ${name}`,
    mark,
    (event) => (event.type === 'created' || event.type === 'mounted') && samePath(event.path, container.path),
  );
  assert.equal(made.namespace?.ino, inode, 'the namespace that the container is in');
  const assigned = await watch.event(
    `the id of ${name}`,
    mark,
    (event) => event.type === 'nsidAssigned' && event.namespace?.ino === inode,
  );
  assert.equal(assigned.nsid, nsid, 'the id that the near end of its veth names');
  return { created: made.time, assigned: assigned.time };
}

/**
 * Ends it by this command: its name is unmounted or deleted, its namespace ends, and no process is
 * in it.
 */
async function stop(how: () => Promise<unknown>): Promise<void> {
  const mark = watch.mark();
  await how();
  const left = await watch.event(
    'the end of the name',
    mark,
    (event) =>
      (event.type === 'unmounted' || event.type === 'deleted') && samePath(event.path, container.path),
  );
  assert.equal(left.namespace?.ino, inode);
  const destroyed = await watch.event(
    'the end of the namespace',
    mark,
    (event) => event.type === 'destroyed' && event.nsid === nsid,
  );
  assert.equal(destroyed.namespace?.ino, inode);
  assert.equal(isMounted(container.path), false);
  assert.equal(hasProcess(inode), false);
  const listed = await entry(container.path);
  assert.notEqual(listed?.ready, true, 'a name without its namespace is not ready');
}

runtime({
  name: 'docker',
  version: dockerVersion,
  begin: async () => {
    server = await startDocker();
    await importImage();
    await run('--name', 'probe');
    await docker('rm', '-f', 'probe');
    watch = await Watch.start();
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'create makes no name',
      async () => {
        const mark = watch.mark();
        await docker('create', '--name', 'web', 'busybox', 'sleep', '3600');
        // What comes of the next start comes after all that came of this.
        await start('web', () => docker('start', 'web'));
        const names = watch.told.slice(mark).filter(({ type }) => type === 'created');
        assert.equal(names.length, 1);
      },
    ],
    [
      'start: the name at once, the id with the veth',
      async (note) => {
        await docker('stop', '-t', '0', 'web');
        const { created, assigned } = await start('web', () => docker('start', 'web'));
        note(`the veth came ${Date.parse(assigned) - Date.parse(created)} ms after the name`);
        note(`mode ${await modeOf(container.path)} of the file`);
        assert.ok(created <= assigned);
        const sandbox = await docker('inspect', '-f', '{{.NetworkSettings.SandboxID}}', 'web');
        assert.equal(basename(container.path), sandbox.slice(0, 12), 'what docker inspect maps names by');
      },
    ],
    [
      'list: namespace, id, processes and owner',
      async () => {
        const listed = await entry(container.path);
        assert.equal(listed?.namespace?.ino, inode);
        assert.equal(listed?.nsid, nsid);
        assert.equal(listed?.processes, 1);
        assert.deepEqual([listed?.owner?.kind, listed?.owner?.id], ['docker', container.id]);
      },
    ],
    [
      'explain finds the container by its process',
      async () => {
        const { stdout } = await nlink('explain', container.path);
        assert.match(stdout, new RegExp(`\\b${container.pid}\\b`, 'u'));
      },
    ],
    ['stop', () => stop(() => docker('stop', '-t', '0', 'web'))],
    [
      'start, kill',
      async () => {
        await start('web', () => docker('start', 'web'));
        await stop(() => docker('kill', 'web'));
      },
    ],
    [
      'start, kill -9 of its process',
      async () => {
        await start('web', () => docker('start', 'web'));
        await stop(async () => process.kill(Number(container.pid), 'SIGKILL'));
      },
    ],
    [
      'restart: another namespace',
      async () => {
        await start('web', () => docker('start', 'web'));
        const before = { ...container, inode };
        const mark = watch.mark();
        await start('web', () => docker('restart', '-t', '0', 'web'));
        await watch.event('the end of the first', mark, (event) => event.type === 'destroyed');
        assert.equal(isMounted(before.path), before.path === container.path);
      },
    ],
    [
      'rm -f',
      async (note) => {
        await stop(() => docker('rm', '-f', 'web'));
        note(`the file of the name ${existsSync(container.path) ? 'stays' : 'is gone'} after rm`);
      },
    ],
    [
      '--network host: the name "default" is the own namespace, and never has an id',
      async (note) => {
        const mark = watch.mark();
        const own = `${NAMES}/default`;
        const file = fileAppears(NAMES, 'default');
        await run('--name', 'host', '--network', 'host');
        const since = await within('the file', file);
        const ready = await becomesReady(own, mark);
        note(`"default" was mounted ${Date.parse(ready.time) - since} ms after its file was there`);
        const listed = await entry(own);
        assert.equal(listed?.own, true);
        assert.equal(listed?.namespace?.ino, namespaceOf('self'));
        assert.equal(listed?.nsid, null);
        await docker('rm', '-f', 'host');
      },
    ],
    [
      '--network none: a name, no id, and its end is told by the name alone',
      async () => {
        const mark = watch.mark();
        await run('--name', 'none', '--network', 'none');
        const none = await inspect('none');
        const made = await watch.event('its name', mark, (event) => samePath(event.path, none.path));
        assert.equal(made.namespace?.ino, namespaceOf(none.pid));
        assert.equal((await entry(none.path))?.nsid, null);
        await docker('rm', '-f', 'none');
        const left = await watch.event('its end', mark, (event) => event.type === 'unmounted');
        assert.equal(left.nsid, null);
      },
    ],
    [
      'macvlan: moved into the container, which so gets an id',
      async (note) => {
        await macvlanParent();
        await docker(
          'network',
          'create',
          '-d',
          'macvlan',
          '--subnet',
          '10.71.0.0/24',
          '-o',
          'parent=parent0',
          'mv',
        );
        const mark = watch.mark();
        await run('--name', 'mv', '--network', 'mv');
        const { path } = await inspect('mv');
        const made = await watch.event('its name', mark, (event) => samePath(event.path, path));
        const assigned = await watch.event(
          'its id',
          mark,
          (event) => event.type === 'nsidAssigned' && event.namespace?.ino === made.namespace?.ino,
        );
        assert.equal((await entry(path))?.nsid, assigned.nsid);
        note('a moved macvlan gives an id');
        await docker('rm', '-f', 'mv');
        await watch.event(
          'its end',
          mark,
          ({ type, nsid: id }) => type === 'destroyed' && id === assigned.nsid,
        );
      },
    ],
    ['the ends of ten, and of their veths', manyAtOnce],
    ["a swarm's own namespaces, mounted late", swarm],
    [
      'nothing is left of them in the list',
      async () => {
        const ready = (await list('--containers')).filter((each) => each.ready === true && each.own !== true);
        assert.deepEqual(ready, []);
      },
    ],
  ],
});

async function macvlanParent(): Promise<void> {
  await output('ip', 'link', 'add', 'parent0', 'type', 'veth', 'peer', 'name', 'parent1');
  await output('ip', 'link', 'set', 'parent0', 'up');
}

/** All are told, each with the namespace that its container had. */
async function manyAtOnce(): Promise<void> {
  const mark = watch.mark();
  const names = Array.from({ length: 10 }, (_, index) => `many${index}`);
  const inodes = [];
  for (const name of names) {
    await run('--name', name);
    inodes.push(namespaceOf((await inspect(name)).pid));
  }
  assert.equal((await nearEnds()).length, names.length);
  await docker('rm', '-f', ...names);
  for (const each of inodes)
    await watch.event(
      `the end of ${each}`,
      mark,
      ({ type, namespace }) => type === 'destroyed' && namespace?.ino === each,
    );
  await waitFor('the end of the veths', async () => (await nearEnds()).length === 0);
  assert.deepEqual(inodes.filter(hasProcess), []);
}

/**
 * dockerd runs itself again to mount these (libnetwork's reexec), long after their files are there.
 */
async function swarm(note: (text: string) => void): Promise<void> {
  const mark = watch.mark();
  const path = `${NAMES}/ingress_sbox`;
  const file = fileAppears(NAMES, 'ingress_sbox');
  await docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
  const since = await within('the file', file);
  const ready = await becomesReady(path, mark);
  note(`ingress_sbox was mounted ${Date.parse(ready.time) - since} ms after its file was there`);
  const names = watch.told.slice(mark).filter(({ type }) => type === 'created');
  note(`names of a swarm: ${names.map(({ name }) => name?.replace(/^1-.*/u, '1-…')).join(', ')}`);
  assert.equal((await entry(path))?.ready, true);
  assert.doesNotMatch(watch.stderr, DELETING);
  await docker('swarm', 'leave', '--force');
  await waitFor('its end', () => !isMounted(path));
  await watch.event(
    'its end',
    mark,
    (event) => samePath(event.path, path) && /unmounted|deleted/u.test(event.type),
  );
}

/** C1: it may be told as not ready first, and as `mounted` then. */
function becomesReady(path: string, mark: number): Promise<Told> {
  const isReady = (event: Told): boolean => event.type === 'mounted' || event.ready === true;
  return watch.event(`${path}, ready`, mark, (event) => samePath(event.path, path) && isReady(event));
}

/** When the file is first seen, in milliseconds since 1970. */
async function fileAppears(directory: string, name: string): Promise<number> {
  for await (const { filename } of watchFiles(directory)) if (filename === name) return Date.now();
  throw new Error('not reached');
}
