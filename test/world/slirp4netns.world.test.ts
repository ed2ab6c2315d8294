/**
 * slirp4netns: enters a namespace that is there, by name or process, and leaves a tap in it. It
 * makes no name and gives no id.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { waitFor } from '../support/wait.ts';
import { Watch, entry, list, nlink } from './support/nlink.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { namespaceOf, nsids } from './support/truth.ts';

let watch: Watch;
let server: Daemon;

async function enter(name: string): Promise<Daemon> {
  const started = daemon('slirp4netns', ['-c', '--netns-type=path', `/run/netns/${name}`, 'tap0']);
  await waitFor('its tap', async () => {
    if (!started.running()) throw new Error(started.log());
    return /tap0/u.test((await attempt('ip', '-n', name, 'link')).stdout);
  });
  return started;
}

runtime({
  name: 'slirp4netns',
  version: async () =>
    (await output('slirp4netns', '--version')).split('\n')[0]?.replace(/^.*version /u, '') ?? '?',
  begin: async () => {
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
      'start: a tap, no id, and nobody counted in the namespace that is not in it',
      async (note) => {
        const mark = watch.mark();
        await output('ip', 'netns', 'add', 'blue');
        server = await enter('blue');
        await watch.event('the name', mark, ({ type, name }) => type === 'created' && name === 'blue');
        const inside = namespaceOf(server.pid) !== namespaceOf('self');
        const listed = await entry('/run/netns/blue');
        assert.deepEqual([listed?.nsid, listed?.processes], [null, inside ? 1 : null]);
        assert.deepEqual(await nsids(), []);
        note(`its process is ${inside ? 'inside' : 'outside'}`);
        const { stdout } = await nlink('explain', 'blue');
        note(
          `explain ${new RegExp(`\\b${server.pid}\\b`, 'u').test(stdout) ? 'names it' : 'does not name it'}`,
        );
      },
    ],
    [
      'a process inside: counted, and the namespace outlives its name',
      async () => {
        const sleeper = daemon('ip', ['netns', 'exec', 'blue', 'sleep', '3600']);
        await waitFor('it to be inside', () => namespaceOf(sleeper.pid) !== namespaceOf('self'));
        const inode = namespaceOf(sleeper.pid);
        assert.equal((await entry('/run/netns/blue'))?.processes, 1);
        const mark = watch.mark();
        await output('ip', 'netns', 'del', 'blue');
        const deleted = await watch.event('the end of the name', mark, ({ type }) => type === 'deleted');
        assert.equal(deleted.namespace?.ino, inode);
        assert.equal(deleted.alive, true);
        const found = (await list('--all')).find(({ namespace }) => namespace?.ino === inode);
        assert.equal(found?.processes, 1);
        await sleeper.kill('SIGKILL');
      },
    ],
    [
      'the name is deleted: does slirp4netns keep the namespace? list-id, watch and explain agree',
      async (note) => {
        await server.kill('SIGKILL');
        await output('ip', 'netns', 'add', 'held');
        await output('ip', 'netns', 'set', 'held', '7');
        server = await enter('held');
        const mark = watch.mark();
        await output('ip', 'netns', 'del', 'held');
        const deleted = await watch.event('the end of the name', mark, ({ type }) => type === 'deleted');
        const held = (await nsids()).includes(7);
        note(held ? 'it keeps the namespace alive' : 'it does not keep the namespace alive');
        assert.equal(deleted.nsid, 7);
        if (held) {
          assert.equal(deleted.alive, true);
          const { stdout } = await nlink('explain', 'nsid:7');
          assert.match(stdout, new RegExp(`\\b${server.pid}\\b`, 'u'));
          await server.kill('SIGKILL');
        }
        await watch.event('the end', mark, ({ type, nsid }) => type === 'destroyed' && nsid === 7);
      },
    ],
    [
      'kill -9: nothing is told, since no name and no id goes with it',
      async () => {
        await server.kill('SIGKILL');
        const mark = watch.mark();
        await output('ip', 'netns', 'add', 'green');
        server = await enter('green');
        await watch.event('the name', mark, ({ name }) => name === 'green');
        const after = watch.mark();
        await server.kill('SIGKILL');
        assert.equal((await entry('/run/netns/green'))?.ready, true);
        await output('ip', 'netns', 'del', 'green');
        const next = await watch.event('what comes next', after, () => true);
        assert.deepEqual([next.type, next.name], ['deleted', 'green']);
        assert.deepEqual(await list(), []);
      },
    ],
  ],
});
