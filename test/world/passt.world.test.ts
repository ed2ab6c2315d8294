/**
 * pasta, of passt: makes a network namespace in a user namespace for a command, without a name, or
 * enters one that has a name. Its tap is made inside, so it gives no id.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { waitFor } from '../support/wait.ts';
import { Watch, entry, list, nlink } from './support/nlink.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { namespaceOf, nsids, processes } from './support/truth.ts';

/**
 * In the foreground, with the addresses of the uplink, and as root, who may enter what root made.
 */
const OPTIONS = ['-f', '--config-net', '-4', '--runas', '0'];

let watch: Watch;
let server: Daemon;

/** Something that looks like the way to the world, of which pasta makes a copy inside. */
async function uplink(): Promise<void> {
  await output('ip', 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1');
  for (const command of [
    'link set up0 up',
    'link set up1 up',
    'addr add 10.76.0.2/24 dev up0',
    'route add default via 10.76.0.1',
  ])
    await output('ip', ...command.split(' '));
}

async function enter(name: string): Promise<Daemon> {
  const started = daemon('pasta', [...OPTIONS, '--netns-only', '--netns', `/run/netns/${name}`]);
  await waitFor('its tap', async () => {
    if (!started.running()) throw new Error(started.log());
    return /up0/u.test((await attempt('ip', '-n', name, 'link')).stdout);
  });
  return started;
}

runtime({
  name: 'passt (pasta)',
  version: () => output('dpkg-query', '-W', '-f', '${Version}', 'passt'),
  begin: async () => {
    await uplink();
    await output('ip', 'netns', 'add', 'probe');
    await (await enter('probe')).kill('SIGKILL');
    await output('ip', 'netns', 'del', 'probe');
    watch = await Watch.start();
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'a name: a tap inside, no id, and it is not counted in the namespace',
      async (note) => {
        const mark = watch.mark();
        await output('ip', 'netns', 'add', 'blue');
        server = await enter('blue');
        await watch.event('the name', mark, ({ type, name }) => type === 'created' && name === 'blue');
        const listed = await entry('/run/netns/blue');
        const inside = processes().filter((pid) => isIn(pid, listed?.namespace?.ino ?? '')).length;
        // The sandbox has a PID namespace of its own: none that is seen is not none.
        assert.deepEqual([listed?.nsid, listed?.processes], [null, inside === 0 ? null : inside]);
        assert.deepEqual(await nsids(), []);
        const { stdout } = await nlink('explain', 'blue');
        note(
          `explain ${new RegExp(`\\b${server.pid}\\b`, 'u').test(stdout) ? 'names it' : 'does not name it'}`,
        );
      },
    ],
    [
      'ip netns del: pasta ends with the name',
      async (note) => {
        const mark = watch.mark();
        await output('ip', 'netns', 'del', 'blue');
        const deleted = await watch.event('the end', mark, ({ type }) => type === 'deleted');
        assert.equal(deleted.nsid, null);
        const ino = deleted.namespace?.ino;
        await watch.event(
          'its death',
          mark,
          ({ type, namespace }) => type === 'destroyed' && namespace?.ino === ino,
        );
        await waitFor('the end of pasta', () => !server.running());
        note('it watches the name, and ends');
      },
    ],
    [
      'kill -9: nothing is told',
      async () => {
        await output('ip', 'netns', 'add', 'green');
        server = await enter('green');
        await watch.event('the name', 0, ({ name }) => name === 'green');
        const mark = watch.mark();
        await server.kill('SIGKILL');
        assert.equal((await entry('/run/netns/green'))?.ready, true);
        await output('ip', 'netns', 'del', 'green');
        const next = await watch.event('what comes next', mark, () => true);
        assert.deepEqual([next.type, next.name], ['deleted', 'green']);
      },
    ],
    [
      'a command: a namespace without name or id, seen by its processes',
      async () => {
        const mark = watch.mark();
        server = daemon('pasta', [...OPTIONS, 'sleep', '4242']);
        const sleeper = async (): Promise<string> =>
          (await attempt('pgrep', '-f', '^sleep 4242')).stdout.trim();
        await waitFor('the command', async () => {
          if (!server.running()) throw new Error(server.log());
          return (await sleeper()) !== '';
        });
        const inode = namespaceOf(await sleeper());
        assert.notEqual(inode, namespaceOf('self'));
        // pasta starts a helper inside: one may be counted and the other not, for a moment.
        await waitFor('the same count by nlink and by /proc', async () => {
          const found = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
          assert.equal(found?.nsid, null);
          return found.processes === processes().filter((pid) => isIn(pid, inode)).length;
        });
        process.kill(Number(await sleeper()), 'SIGKILL');
        await waitFor('the end of pasta', () => !server.running());
        assert.equal(
          (await list('--all')).some(({ namespace }) => namespace?.ino === inode),
          false,
        );
        assert.deepEqual(watch.told.slice(mark), []);
      },
    ],
  ],
});

function isIn(pid: string, inode: string): boolean {
  try {
    return namespaceOf(pid) === inode;
  } catch {
    return false;
  }
}
