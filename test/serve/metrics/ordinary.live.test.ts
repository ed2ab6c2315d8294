/** Metrics for who has no rights: names and counters of namespaces with a process, and no state. */
import { freshRun, ip, spawnHolder } from '../../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { freshTable } from '../../support/nsids.ts';
import { ordinaryCommand } from '../../support/ordinary.ts';
import { checked } from './support/checked.ts';

const SCRAPE = fileURLToPath(new URL('fixtures/scrape.js', import.meta.url));

test('an ordinary user has names and counters', async (t) => {
  freshRun(t);
  freshTable(t);
  for (const name of ['blue', 'green']) ip('netns', 'add', name);
  ip('-n', 'blue', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', 'green');
  for (const [name, device] of [
    ['blue', 'eth0'],
    ['green', 'eth1'],
  ] as const)
    ip('-n', name, 'link', 'set', device, 'up');
  await spawnHolder(t, '/run/netns/blue');
  const [command, ...args] = ordinaryCommand(SCRAPE);
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 26 });
  const read = checked(stdout, 'text');
  const { values, series } = read;
  assert.ok((values.get('nlink_namespaces{}') ?? 0) >= 3);
  assert.ok(values.has('nlink_network_receive_bytes_total{netns="blue",device="eth0"}'));
  assert.equal(values.get('nlink_part_up{part="names"}'), 1);
  assert.equal(values.get('nlink_part_up{part="counters"}'), 1);
  // Nobody is in this one: it has a name, and nothing else.
  const ofGreen = (name: string): boolean => (series.get(name) ?? []).some(({ netns }) => netns === 'green');
  assert.ok(ofGreen('nlink_namespace_info'));
  assert.equal(ofGreen('nlink_network_receive_bytes_total'), false);
  assert.equal(values.has('nlink_network_up{netns="blue",device="eth0"}'), false);
  assert.equal(values.has('nlink_network_mtu_bytes{netns="blue",device="eth0"}'), false);
});
