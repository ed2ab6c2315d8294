/**
 * containerd by ctr(8), and CNI plugins as a kubelet's runtime calls them: names are made by
 * whoever calls the plugin, ids come with the bridge's veth; a macvlan is made inside and gives
 * none. ctr's own `--cni` makes no name at all.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { waitFor } from '../support/wait.ts';
import { addMacvlanParent, cni, manyEnds } from './support/cni.ts';
import { rootFileSystem } from './support/image.ts';
import { Watch, entry, list, nlink } from './support/nlink.ts';
import type { Told } from './support/nlink.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { hasProcess, namespaceOf, nsidByName, nsidByVeth, nsids } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

const CONFIG = `version = 2
root = "/run/nlink-world/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
`;
const BRIDGE = {
  cniVersion: '0.4.0',
  name: 'bridged',
  plugins: [{ type: 'bridge', bridge: 'cni0', ipam: { type: 'host-local', subnet: '10.73.0.0/16' } }],
};

let server: Daemon;
let watch: Watch;
let root: string;

/** ctr sets a share of the processor, for which a controller may be missing. */
const run = (name: string, ...options: string[]): Promise<string> =>
  output('ctr', 'run', '-d', '--cpu-shares', '0', '--rootfs', ...options, root, name, '/bin/sleep', '3600');

async function pidOf(name: string): Promise<string> {
  const lines = (await output('ctr', 'task', 'ls')).split('\n').map((line) => line.split(/\s+/u));
  return lines.find(([task]) => task === name)?.[1] ?? '';
}

async function remove(name: string): Promise<void> {
  await attempt('ctr', 'task', 'kill', '-s', 'SIGKILL', name);
  await waitFor('the end of the task', async () => !/RUNNING/u.test(await output('ctr', 'task', 'ls')));
  await attempt('ctr', 'task', 'rm', name);
  await output('ctr', 'container', 'rm', name);
}

runtime({
  name: 'containerd, CNI',
  version: async () => {
    const containerd = (await output('containerd', '--version')).split(' ')[2] ?? '?';
    const plugins = await output('dpkg-query', '-W', '-f', '${Version}', 'containernetworking-plugins');
    return `${containerd}, plugins ${plugins}`;
  },
  begin: async () => {
    root = rootFileSystem();
    writeFileSync('/run/nlink-world/containerd.toml', CONFIG);
    // Debian's Podman brings one for its own bridge, which would come first.
    await output('sh', '-c', 'rm -f /etc/cni/net.d/*');
    mkdirSync('/etc/cni/net.d', { recursive: true });
    writeFileSync('/etc/cni/net.d/10-bridged.conflist', JSON.stringify(BRIDGE));
    server = daemon('containerd', ['-c', '/run/nlink-world/containerd.toml']);
    await waitFor('containerd', async () => {
      if (!server.running()) throw new Error(server.log());
      return (await attempt('ctr', 'version')).status === 0;
    });
    await run('probe');
    await remove('probe');
    watch = await Watch.start();
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'ctr run: a namespace without a name or an id, seen by its process',
      async () => {
        const mark = watch.mark();
        await run('plain');
        const inode = namespaceOf(await pidOf('plain'));
        const found = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
        assert.deepEqual([found?.name ?? null, found?.nsid, found?.processes], [null, null, 1]);
        await remove('plain');
        assert.equal(
          (await list('--all')).some(({ namespace }) => namespace?.ino === inode),
          false,
        );
        assert.deepEqual(watch.told.slice(mark), []);
      },
    ],
    [
      'ctr run --cni: no name, an id with the veth, and its end',
      async () => {
        const mark = watch.mark();
        await run('bridged', '--cni');
        const pid = await pidOf('bridged');
        const nsid = await nsidByVeth(pid);
        assert.notEqual(nsid, null);
        const assigned = await watch.event(
          'its id',
          mark,
          (event) => event.type === 'nsidAssigned' && event.nsid === nsid,
        );
        assert.deepEqual(assigned.names, []);
        const { stdout } = await nlink('explain', `nsid:${nsid}`);
        assert.match(stdout, new RegExp(`\\b${pid}\\b`, 'u'));
        process.kill(Number(pid), 'SIGKILL');
        await watch.event('its end', mark, (event) => event.type === 'destroyed' && event.nsid === nsid);
        assert.equal((await nsids()).includes(nsid ?? -1), false);
        await remove('bridged');
      },
    ],
    [
      'ctr run --net-host: the own namespace, and nothing is told',
      async () => {
        const mark = watch.mark();
        await run('host', '--net-host');
        assert.equal(namespaceOf(await pidOf('host')), namespaceOf('self'));
        await remove('host');
        assert.deepEqual(watch.told.slice(mark), []);
      },
    ],
    [
      'bridge, as a sandbox of Kubernetes: the name first, then its id; DEL, then the name goes',
      async (note) => {
        const mark = watch.mark();
        await output('ip', 'netns', 'add', 'cni-pod');
        await cni('bridge', 'ADD', 'cni-pod');
        const nsid = await nsidByName('cni-pod');
        const created = await watch.event(
          'the name',
          mark,
          ({ type, name }) => type === 'created' && name === 'cni-pod',
        );
        const assigned = await watch.event('the id', mark, ({ type }) => type === 'nsidAssigned');
        assert.deepEqual([assigned.nsid, assigned.namespace], [nsid, created.namespace]);
        await output('ip', 'netns', 'exec', 'cni-pod', 'ip', 'addr', 'show', 'eth0');
        await cni('bridge', 'DEL', 'cni-pod');
        note(`nsid after DEL: ${String((await entry('/run/netns/cni-pod'))?.nsid)}`);
        assert.equal((await entry('/run/netns/cni-pod'))?.nsid, nsid, 'an id stays until the namespace ends');
        await output('ip', 'netns', 'del', 'cni-pod');
        await watch.event('the end', mark, (event) => event.type === 'destroyed' && event.nsid === nsid);
      },
    ],
    [
      'macvlan, made inside: no id; the end of the name is told, and its death',
      async () => {
        const mark = watch.mark();
        await addMacvlanParent();
        await output('ip', 'netns', 'add', 'cni-mv');
        await cni('macvlan', 'ADD', 'cni-mv');
        assert.match(await output('ip', '-n', 'cni-mv', '-d', 'link'), /macvlan/u);
        assert.equal(await nsidByName('cni-mv'), null);
        assert.equal((await entry('/run/netns/cni-mv'))?.nsid, null);
        await output('ip', 'netns', 'del', 'cni-mv');
        const deleted = await watch.event(
          'the end',
          mark,
          ({ type, name }) => type === 'deleted' && name === 'cni-mv',
        );
        assert.equal(deleted.nsid, null);
        const isEnd = (event: Told): boolean =>
          event.type === 'destroyed' && event.namespace?.ino === deleted.namespace?.ino;
        await watch.event('its death', mark, isEnd);
      },
    ],
    [
      'sixty namespaces end at once: each is told, and the near ends of their veths go',
      async (note) => {
        const { inodes, outlived, slowest } = await manyEnds(watch, 60);
        assert.deepEqual(inodes.filter(hasProcess), []);
        note(
          `at "destroyed" the near end was there still for ${outlived} of 60; the last went ${slowest} ms after`,
        );
      },
    ],
    [
      'for whoever watches all: found with its owner, and its death',
      (note) =>
        foundAndDestroyed(
          {
            begin: async () => {
              await run('all');
              return await pidOf('all');
            },
            owner: () => ({ kind: 'containerd', name: 'all', id: 'all' }),
            loOnly: true,
            end: () => remove('all'),
          },
          note,
        ),
    ],
    [
      'nothing is left',
      async () => {
        assert.deepEqual(await nsids(), []);
        assert.equal(existsSync('/run/netns/cni-pod'), false);
        assert.deepEqual(
          (await list('--containers')).filter(({ own }) => own !== true),
          [],
        );
      },
    ],
  ],
});
