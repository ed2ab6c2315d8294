/**
 * FRR's zebra with a VRF for each network namespace (`-n`): it watches /run/netns itself, holds
 * each namespace open, and gives ids to all, to its own too. nlink tells the same names and ids
 * beside it, and who keeps a deleted one alive.
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { waitFor } from '../support/wait.ts';
import { Watch, entry, list, nlink } from './support/nlink.ts';
import { attempt, daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';
import { namespaceOf, nsidByName, nsids } from './support/truth.ts';

const ZEBRA = '/usr/lib/frr/zebra';
const HERE = '/run/frr';

let server: Daemon;
let watch: Watch;

const startZebra = (): Daemon =>
  daemon(ZEBRA, [
    '-n',
    '-f',
    '/dev/null',
    '-i',
    `${HERE}/zebra.pid`,
    '-z',
    `${HERE}/zserv.api`,
    '--vty_socket',
    HERE,
    '-A',
    '127.0.0.1',
  ]);

/** What zebra itself has: `vrf blue id 1 netns /run/netns/blue`. */
async function vrfs(): Promise<string[]> {
  const { stdout } = await attempt('vtysh', '--vty_socket', HERE, '-c', 'show vrf');
  return [...stdout.matchAll(/^vrf (\S+) /gmu)].map(([, name]) => name ?? '');
}

async function until(what: string, name: string, there: boolean): Promise<void> {
  await waitFor(what, async () => (await vrfs()).includes(name) === there);
}

runtime({
  name: 'zebra -n',
  version: async () => /version (\S+)/u.exec(await output(ZEBRA, '--version'))?.[1] ?? '?',
  begin: async () => {
    mkdirSync(HERE, { recursive: true });
    await output('chown', 'frr:frr', HERE);
    // It does not watch a directory that comes later.
    await output('ip', 'netns', 'add', 'first');
    await output('ip', 'netns', 'del', 'first');
    server = startZebra();
    await waitFor('zebra', async () => {
      if (!server.running()) throw new Error(server.log());
      return (await attempt('vtysh', '--vty_socket', HERE, '-c', 'show zebra')).status === 0;
    });
    await output('ip', 'netns', 'add', 'probe');
    await until('zebra to take up a name', 'probe', true);
    await output('ip', 'netns', 'del', 'probe');
    await until('zebra to let go of it', 'probe', false);
    watch = await Watch.start();
  },
  end: async () => {
    await watch?.[Symbol.asyncDispose]();
    await server?.kill('SIGKILL');
  },
  steps: [
    [
      'its own namespace has an id, and is told as such',
      async (note) => {
        const own = (await list()).find(({ own: isOwn }) => isOwn === true);
        note(`nsid ${String(own?.nsid)} for the own namespace`);
        assert.deepEqual([own?.nsid], await nsids());
        assert.equal(own?.namespace?.ino, namespaceOf('self'));
        const present = await watch.event('the snapshot', 0, ({ type }) => type === 'present');
        assert.deepEqual([present.nsid, present.own], [own?.nsid, true]);
      },
    ],
    [
      'ip netns add: the name, then the id that zebra gives it',
      async (note) => {
        const mark = watch.mark();
        await output('ip', 'netns', 'add', 'blue');
        await until('zebra to take it up', 'blue', true);
        const created = await watch.event(
          'the name',
          mark,
          ({ type, name }) => type === 'created' && name === 'blue',
        );
        const assigned = await watch.event('the id', mark, ({ type }) => type === 'nsidAssigned');
        assert.equal(assigned.nsid, await nsidByName('blue'));
        assert.deepEqual(assigned.namespace, created.namespace);
        assert.equal((await entry('/run/netns/blue'))?.nsid, assigned.nsid);
        note(`the id came ${Date.parse(assigned.time) - Date.parse(created.time)} ms after the name`);
      },
    ],
    [
      'explain says that zebra holds it',
      async () => {
        const { stdout } = await nlink('explain', 'blue');
        assert.match(stdout, new RegExp(`\\b${server.pid}\\b`, 'u'));
        assert.match(stdout, /zebra/u);
      },
    ],
    [
      'ip netns del: it lives on until zebra lets go',
      async (note) => {
        const mark = watch.mark();
        const nsid = await nsidByName('blue');
        await output('ip', 'netns', 'del', 'blue');
        const deleted = await watch.event('the end of the name', mark, ({ type }) => type === 'deleted');
        const destroyed = await watch.event('the end', mark, ({ type }) => type === 'destroyed');
        assert.deepEqual([deleted.nsid, destroyed.nsid], [nsid, nsid]);
        assert.ok(watch.told.indexOf(deleted) < watch.told.indexOf(destroyed));
        note(
          `deleted with alive ${deleted.alive}; destroyed ${Date.parse(destroyed.time) - Date.parse(deleted.time)} ms later`,
        );
        await until('zebra to let go', 'blue', false);
      },
    ],
    [
      'zebra stands still: the deleted one lives on, and explain by its id names zebra',
      async () => {
        await output('ip', 'netns', 'add', 'green');
        await until('zebra to take it up', 'green', true);
        const nsid = await nsidByName('green');
        const mark = watch.mark();
        process.kill(server.pid, 'SIGSTOP');
        try {
          await output('ip', 'netns', 'del', 'green');
          const deleted = await watch.event('the end of the name', mark, ({ type }) => type === 'deleted');
          assert.equal(deleted.alive, true);
          assert.ok((await nsids()).includes(nsid ?? -1));
          const { stdout } = await nlink('explain', `nsid:${nsid}`);
          assert.match(stdout, new RegExp(`\\b${server.pid}\\b`, 'u'));
        } finally {
          process.kill(server.pid, 'SIGCONT');
        }
        await watch.event('the end', mark, (event) => event.type === 'destroyed' && event.nsid === nsid);
      },
    ],
    [
      'kill -9 of zebra: what it held alone ends; the ids stay',
      async () => {
        await output('ip', 'netns', 'add', 'red');
        await until('zebra to take it up', 'red', true);
        const before = await nsids();
        const mark = watch.mark();
        await server.kill('SIGKILL');
        assert.deepEqual(await nsids(), before);
        await output('ip', 'netns', 'del', 'red');
        const destroyed = await watch.event('the end', mark, ({ type }) => type === 'destroyed');
        assert.ok(before.includes(destroyed.nsid ?? -1));
      },
    ],
    [
      'start of the next zebra: names that are there get no second id',
      async () => {
        await output('ip', 'netns', 'add', 'early');
        const mark = watch.mark();
        server = startZebra();
        await until('zebra to take it up', 'early', true);
        const assigned = await watch.event(
          'the id',
          mark,
          ({ type, names }) => type === 'nsidAssigned' && (names?.length ?? 0) > 0,
        );
        assert.equal(assigned.nsid, await nsidByName('early'));
        await output('ip', 'netns', 'del', 'early');
        await watch.event(
          'the end',
          mark,
          (event) => event.type === 'destroyed' && event.nsid === assigned.nsid,
        );
      },
    ],
  ],
});
