/**
 * LXC's containers: no names at all; an id on the host comes with the veth, since the device is
 * moved into the container. What nlink tells of them are ids, which `list --all` and `explain` lead
 * to the processes.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { waitFor } from '../support/wait.ts';
import { rootFileSystem } from './support/image.ts';
import { Watch, list, nlink } from './support/nlink.ts';
import { attempt, output } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import type { Step } from './support/ring.ts';
import { hasProcess, namespaceOf, nearEnds, nsidByVeth, nsids } from './support/truth.ts';
import { foundAndDestroyed } from './support/unnamed.ts';

let watch: Watch;
let pid = '';
let inode: string;
let nsid: number | null;

/** A container whose first process sleeps, in a copy of the image. */
function define(name: string, ...network: string[]): void {
  mkdirSync(`/var/lib/lxc/${name}`, { recursive: true });
  const root = rootFileSystem(`/run/nlink-world/lxc-${name}`);
  const config = [
    `lxc.uts.name = ${name}`,
    `lxc.rootfs.path = dir:${root}`,
    'lxc.apparmor.profile = unconfined',
    'lxc.init.cmd = /bin/sleep 3600',
    ...network,
  ];
  writeFileSync(`/var/lib/lxc/${name}/config`, `${config.join('\n')}\n`);
}

/** lxc-start is still at work for a moment when the container has ended. */
const stopped = (name: string): Promise<void> =>
  waitFor(`the end of ${name}`, async () => /STOPPED/u.test(await output('lxc-info', '-n', name, '-sH')));

const BRIDGED = ['lxc.net.0.type = veth', 'lxc.net.0.link = lxcbr0', 'lxc.net.0.flags = up'];

async function begin(name: string): Promise<string> {
  const { status } = await attempt(
    'lxc-start',
    '-n',
    name,
    '-o',
    `/run/nlink-world/${name}.log`,
    '-l',
    'ERROR',
  );
  if (status !== 0) throw new Error(await output('cat', `/run/nlink-world/${name}.log`));
  return await output('lxc-info', '-n', name, '-pH');
}

async function start(): Promise<void> {
  const mark = watch.mark();
  pid = await begin('web');
  inode = namespaceOf(pid);
  nsid = await nsidByVeth(pid);
  assert.notEqual(nsid, null);
  const assigned = await watch.event(
    'its id',
    mark,
    (event) => event.type === 'nsidAssigned' && event.nsid === nsid,
  );
  assert.deepEqual(assigned.names, []);
}

async function end(how: () => Promise<unknown>): Promise<void> {
  const mark = watch.mark();
  await how();
  await watch.event('the end', mark, (event) => event.type === 'destroyed' && event.nsid === nsid);
  assert.equal(hasProcess(inode), false);
  assert.equal((await nsids()).includes(nsid ?? -1), false);
  await waitFor('the end of its veth', async () => (await nearEnds()).length === 0);
}

runtime({
  name: 'lxc',
  version: () => output('lxc-start', '--version'),
  begin: async () => {
    await output('ip', 'link', 'add', 'lxcbr0', 'type', 'bridge');
    await output('ip', 'link', 'set', 'lxcbr0', 'up');
    define('web', ...BRIDGED);
    define('empty', 'lxc.net.0.type = empty');
    await begin('web');
    await output('lxc-stop', '-k', '-n', 'web');
    watch = await Watch.start();
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
  },
  steps: [
    ['start: an id, no name', start],
    [
      'list --all: the namespace, its id and its process',
      async () => {
        const found = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
        assert.deepEqual([found?.name ?? null, found?.nsid, found?.processes], [null, nsid, 1]);
        assert.deepEqual([found?.owner?.kind, found?.owner?.name], ['lxc', 'web']);
      },
    ],
    [
      'explain by id and by process',
      async () => {
        const { stdout } = await nlink('explain', `nsid:${nsid}`);
        assert.match(stdout, new RegExp(`\\b${pid}\\b`, 'u'));
        const { stdout: byProcess } = await nlink('explain', pid);
        assert.match(byProcess, new RegExp(`net:\\[${inode}\\]`, 'u'));
      },
    ],
    ['stop', () => end(() => output('lxc-stop', '-k', '-n', 'web'))],
    [
      'start, kill -9 of its first process',
      async () => {
        await start();
        await end(async () => process.kill(Number(pid), 'SIGKILL'));
      },
    ],
    ...['web', 'empty'].map((name): Step => [
      `${name}, for whoever watches all: found with its owner, and its death`,
      (note) =>
        foundAndDestroyed(
          {
            begin: async () => {
              await stopped(name);
              return await begin(name);
            },
            owner: () => ({ kind: 'lxc', name, id: null }),
            loOnly: name === 'empty',
            end: () => output('lxc-stop', '-k', '-n', name),
          },
          note,
        ),
    ]),
    [
      'start, kill -9 of lxc-start and of its first process: its group is left',
      async (note) => {
        await stopped('web');
        await start();
        const monitor = /^PPid:\s+(\d+)/mu.exec(await output('cat', `/proc/${pid}/status`))?.[1];
        await end(async () => {
          process.kill(Number(monitor), 'SIGKILL');
          process.kill(Number(pid), 'SIGKILL');
        });
        await stopped('web');
        await start();
        const found = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
        note(`the next start has the owner ${found?.owner?.name}`);
        await end(() => output('lxc-stop', '-k', '-n', 'web'));
      },
    ],
    [
      'an empty network: an id all the same, which LXC assigns',
      async (note) => {
        const mark = watch.mark();
        const first = await begin('empty');
        const ino = namespaceOf(first);
        const found = (await list('--all')).find(({ namespace }) => namespace?.ino === ino);
        const [id = null] = await nsids();
        assert.deepEqual([found?.nsid, found?.processes], [id, 1]);
        await output('lxc-stop', '-k', '-n', 'empty');
        assert.equal(hasProcess(ino), false);
        if (id !== null)
          await watch.event('the end', mark, (event) => event.type === 'destroyed' && event.nsid === id);
        note(id === null ? 'an empty network has no id' : 'LXC assigns an id, without any device');
      },
    ],
    [
      'nothing is left',
      async () => {
        const others = (await list('--all')).filter(({ own }) => own !== true);
        assert.deepEqual(others, []);
        assert.deepEqual(await nsids(), []);
      },
    ],
  ],
});
