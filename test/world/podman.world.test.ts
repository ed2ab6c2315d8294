/**
 * Podman's containers, run by root: names `netns-UUID` in /run/netns, mounted when a container
 * starts and deleted when it ends; the namespace may live on for a moment. A macvlan is made inside
 * by netavark, so that it gives no id here.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { waitFor } from '../support/wait.ts';
import { Watch, entry, list, nlink, samePath } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import { inspect, podmanVersion, prepare, rootful as podman } from './support/podman.ts';
import type { Container } from './support/podman.ts';
import { output } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import type { Note } from './support/ring.ts';
import { hasProcess, isMounted, modeOf, namespaceOf, nearEnds, nsidByVeth, nsids } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

let watch: Watch;
let oci = '';
let container: Container;
let inode: string;
let nsid: number | null;

async function start(name: string, begin: () => Promise<unknown>, note?: Note): Promise<void> {
  const mark = watch.mark();
  await begin();
  container = await inspect(podman, name);
  inode = namespaceOf(container.pid);
  nsid = await nsidByVeth(container.pid);
  const created = await watch.event(
    'its name',
    mark,
    (event) => event.type === 'created' && samePath(event.path, container.path),
  );
  assert.deepEqual([created.ready, created.namespace?.ino], [true, inode]);
  const assigned = await watch.event(
    'its id',
    mark,
    (event) => event.type === 'nsidAssigned' && event.namespace?.ino === inode,
  );
  assert.equal(assigned.nsid, nsid, 'the id that the near end of its veth names');
  note?.(`the veth came ${Date.parse(assigned.time) - Date.parse(created.time)} ms after the name`);
}

/** C3: `deleted` may come first and say that it lives on; then the end must follow. */
async function stop(how: () => Promise<unknown>, note?: Note): Promise<void> {
  const mark = watch.mark();
  await how();
  const deleted = await watch.event(
    'the end of the name',
    mark,
    (event) => event.type === 'deleted' && samePath(event.path, container.path),
  );
  const destroyed = await watch.event(
    'the end of the namespace',
    mark,
    (event) => event.type === 'destroyed' && event.nsid === nsid && event.namespace?.ino === inode,
  );
  if (deleted.alive === true) assert.ok(watch.told.indexOf(deleted) < watch.told.indexOf(destroyed));
  const between = Date.parse(destroyed.time) - Date.parse(deleted.time);
  note?.(`deleted with alive ${deleted.alive}; destroyed ${between} ms later`);
  assert.equal(existsSync(container.path), false);
  assert.equal(hasProcess(inode), false);
  assert.equal((await nsids()).includes(nsid ?? -1), false);
  assert.equal(await entry(container.path), undefined);
}

runtime({
  name: 'podman, root',
  version: async () => `${await podmanVersion()}, netavark ${await netavark()}`,
  begin: async () => {
    oci = await prepare(podman);
    watch = await Watch.start();
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
  },
  steps: [
    [
      'create makes no name; start does',
      async (note) => {
        note(`by ${oci}`);
        const mark = watch.mark();
        await podman('create', '--name', 'web', '--pids-limit', '0', 'localhost/busybox', 'sleep', '3600');
        assert.deepEqual(
          (await list('--containers')).filter(({ path }) => path !== undefined),
          [],
        );
        await start('web', () => podman('start', 'web'), note);
        assert.equal(watch.told.slice(mark).filter(({ type }) => type === 'created').length, 1);
        note(`mode ${await modeOf(container.path)} of the file`);
      },
    ],
    [
      'list: namespace, id, processes and owner',
      async () => {
        const listed = await entry(container.path);
        assert.deepEqual([listed?.namespace?.ino, listed?.nsid, listed?.processes], [inode, nsid, 1]);
        assert.deepEqual([listed?.owner?.kind, listed?.owner?.id], ['podman', container.id]);
        const { stdout } = await nlink('explain', container.path);
        assert.match(stdout, new RegExp(`\\b${container.pid}\\b`, 'u'));
      },
    ],
    ['stop', (note) => stop(() => podman('stop', '-t', '0', 'web'), note)],
    [
      'start, kill',
      async (note) => {
        await start('web', () => podman('start', 'web'));
        await stop(() => podman('kill', 'web'), note);
      },
    ],
    [
      'start, kill -9 of its process: conmon cleans up',
      async (note) => {
        await start('web', () => podman('start', 'web'));
        await stop(async () => process.kill(Number(container.pid), 'SIGKILL'), note);
      },
    ],
    [
      'start, kill -9 of conmon and of its process: the name stays, and nothing but it holds the namespace',
      async () => {
        await start('web', () => podman('start', 'web'));
        const mark = watch.mark();
        process.kill(Number(await podman('inspect', '-f', '{{.State.ConmonPid}}', 'web')), 'SIGKILL');
        process.kill(Number(container.pid), 'SIGKILL');
        await waitFor('its end', () => !hasProcess(inode));
        assert.ok(isMounted(container.path));
        const listed = await entry(container.path);
        assert.deepEqual([listed?.ready, listed?.processes, listed?.nsid], [true, null, nsid]);
        assert.deepEqual(watch.since(mark, container.path), []);
        await stop(() => podman('rm', '-f', 'web'));
      },
    ],
    [
      '--network container: one name for two, which stays until the first is removed',
      async () => {
        const mark = watch.mark();
        await start('web', () => podman.start('--name', 'web'));
        await podman.start('--name', 'beside', '--network', 'container:web');
        const { pid } = await inspect(podman, 'beside');
        assert.equal(namespaceOf(pid), inode);
        const listed = (await list('--containers')).filter(({ path }) => path !== undefined);
        assert.deepEqual(
          listed.map(({ processes }) => processes),
          [2],
        );
        assert.equal(watch.told.slice(mark).filter(({ type }) => type === 'created').length, 1);
        await podman('rm', '-f', '-t', '0', 'beside');
        assert.ok(isMounted(container.path));
        await stop(() => podman('rm', '-f', '-t', '0', 'web'));
      },
    ],
    [
      'macvlan made inside: a name without an id, whose end is told',
      async (note) => {
        await output('ip', 'link', 'add', 'parent0', 'type', 'veth', 'peer', 'name', 'parent1');
        await output('ip', 'link', 'set', 'parent0', 'up');
        await podman(
          'network',
          'create',
          '-d',
          'macvlan',
          '-o',
          'parent=parent0',
          '--subnet',
          '10.72.0.0/24',
          'mv',
        );
        const mark = watch.mark();
        await podman.start('--name', 'mv', '--network', 'mv');
        const { pid, path } = await inspect(podman, 'mv');
        const ino = namespaceOf(pid);
        assert.match(await output('nsenter', '-t', pid, '-n', 'ip', '-o', '-d', 'link'), /macvlan/u);
        const id = (await entry(path))?.nsid ?? null;
        assert.equal((await nsids()).length, id === null ? 0 : 1);
        note(id === null ? 'no id comes with the macvlan' : `nsid ${id} came with the macvlan`);
        await podman('rm', '-f', '-t', '0', 'mv');
        const deleted = await watch.event('its end', mark, ({ type }) => type === 'deleted');
        assert.equal(deleted.namespace?.ino, ino);
        const isEnd = (event: Told): boolean => event.type === 'destroyed' && event.namespace?.ino === ino;
        await watch.event('its death', mark, isEnd);
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
            owner: async () => {
              const { id } = await inspect(podman, 'all');
              return { kind: 'podman', name: id.slice(0, 12), id };
            },
            loOnly: false,
            end: () => podman('rm', '-f', '-t', '0', 'all'),
          },
          note,
        ),
    ],
    [
      'rm -f of ten',
      async () => {
        const mark = watch.mark();
        const names = Array.from({ length: 10 }, (_, index) => `many${index}`);
        for (const name of names) await podman.start('--name', name);
        await podman('rm', '-f', '-t', '0', ...names);
        for (const [index] of names.entries())
          await watch.event(
            `end ${index}`,
            mark,
            () => watch.told.slice(mark).filter(({ type }) => type === 'destroyed').length > index,
          );
        await waitFor('the end of the veths', async () => (await nearEnds()).length === 0);
        assert.deepEqual(
          (await list('--containers')).filter(({ path }) => path !== undefined),
          [],
        );
      },
    ],
  ],
});

async function netavark(): Promise<string> {
  return (await output('/usr/lib/podman/netavark', '--version')).replace(/^netavark /u, '');
}
