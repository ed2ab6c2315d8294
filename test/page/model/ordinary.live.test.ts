/** A page over the server of an ordinary user, who sees little: what it shows is what that says. */
import { strict as assert } from 'node:assert';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PageClient } from '../../../src/page/model/page-client.ts';
import { Replay } from '../../../src/replay/replay.ts';
import type { WireSnapshot } from '../../../src/replay/wire.ts';
import { freshRun, ip, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { waitFor } from '../../support/wait.ts';
import { described, faultsOf } from '../support/described.ts';
import { nodeIo } from '../support/node-io.ts';

const SERVE = fileURLToPath(new URL('../fixtures/serve-here.js', import.meta.url));

test('a page over the server of an ordinary user', async (t) => {
  freshRun(t);
  ip('link', 'set', 'lo', 'up');
  ip('netns', 'add', 'blue');
  await spawnHolder(t, '/run/netns/blue');
  const child = spawnOrdinary(SERVE);
  t.after(() => child.kill());
  const [address = ''] =
    (await createInterface(child.stdout)[Symbol.asyncIterator]().next()).value?.split('\n') ?? [];
  const page = new PageClient(
    nodeIo(() => address, 5),
    () => {},
  );
  t.after(() => page.stop());
  page.start();
  await waitFor('it to be live', () => page.connection.state === 'live');

  const ask = async (path: string): Promise<unknown> => (await fetch(`${address}${path}`)).json();
  let differences: string[] = [];
  const isEqual = async (): Promise<boolean> => {
    const fresh = new Replay();
    const [namespaces, links] = [await ask('/v1/namespaces'), await ask('/v1/links')];
    const head = { epoch: 'fresh', seq: 0, directory: '/var/run/netns', unavailable: [] };
    fresh.snapshot({ ...head, namespaces, links } as unknown as WireSnapshot, 0);
    const [here, there] = [described(page.model), described(fresh.model)];
    differences = [
      ...here.filter((line) => !there.includes(line)).map((line) => `+ ${line}`),
      ...there.filter((line) => !here.includes(line)).map((line) => `- ${line}`),
    ];
    // A process that moves is in two for a moment, which have no other name here.
    return differences.length === 0 && faultsOf(page.model).length === 0;
  };
  const check = async (what: string): Promise<void> => {
    await waitFor(what, isEqual).catch(() =>
      assert.fail([what, ...differences, ...faultsOf(page.model)].join('\n')),
    );
  };
  await check('the beginning');
  ip('netns', 'add', 'red');
  ip('link', 'add', 'vethb', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'blue');
  await check('a name and a pair');
  const holder = await spawnHolder(t, '/run/netns/red');
  await check('a process');
  ip('-n', 'blue', 'link', 'set', 'eth0', 'name', 'wan0');
  ip('link', 'set', 'vethb', 'netns', 'red');
  ip('netns', 'del', 'red');
  await check('a name that went');
  await holder.end();
  await check('the end of its process');
});
