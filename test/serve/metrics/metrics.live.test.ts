/** Metrics of namespaces that are there, beside what ip(8) says of them. */
import { addNamespace, deleteNamespace, freshRun, ip, spawnHolder } from '../../support/netns.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { render } from '../../../src/serve/metrics/exposition.ts';
import { collect } from '../../../src/serve/metrics/metrics.ts';
import type { MetricsOptions, MetricsSource } from '../../../src/serve/metrics/metrics.ts';
import { freshTable } from '../../support/nsids.ts';
import { waitFor } from '../../support/wait.ts';
import { checked } from './support/checked.ts';
import type { Read } from './support/checked.ts';
import { watchedSource } from './support/watched-source.ts';
import type { WatchedSource } from './support/watched-source.ts';

async function scene(t: TestContext): Promise<WatchedSource> {
  freshRun(t);
  freshTable(t);
  ip('netns', 'add', 'blue');
  ip('netns', 'add', 'green');
  ip('-n', 'blue', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', 'green');
  for (const [name, device] of [
    ['blue', 'eth0'],
    ['green', 'eth1'],
  ] as const)
    ip('-n', name, 'link', 'set', device, 'up');
  const source = await watchedSource();
  t.after(() => source.watcher.stop());
  return source;
}

async function scrape(source: MetricsSource, options: MetricsOptions = {}): Promise<Read> {
  const families = await collect(source, options);
  checked(render(families, 'openmetrics'), 'openmetrics');
  return checked(render(families, 'text'), 'text');
}

interface Shown {
  ifname: string;
  stats64: { rx: Record<string, number>; tx: Record<string, number> };
}

test('counters and far ends are what ip says', async (t) => {
  const source = await scene(t);
  await waitFor('the state', async () => {
    const { values } = await scrape(source);
    return values.get('nlink_network_up{netns="green",device="eth1"}') === 1;
  });
  // While nothing is sent both are the same; IPv6 may say something of its own at any time.
  await waitFor('the same counters', async () => {
    const shown = JSON.parse(ip('-n', 'blue', '-s', '-j', 'link')) as Shown[];
    const { values } = await scrape(source);
    return shown.every(({ ifname, stats64: { rx, tx } }) => {
      const of = (stem: string): number | undefined =>
        values.get(`nlink_network_${stem}_total{netns="blue",device="${ifname}"}`);
      return (
        of('receive_bytes') === rx['bytes'] &&
        of('transmit_packets') === tx['packets'] &&
        of('receive_errs') === rx['errors'] &&
        of('transmit_drop') === tx['dropped']
      );
    });
  });
  const read = await scrape(source);
  // Other tests have namespaces, too.
  const isOurs = ({ netns }: Record<string, string>): boolean => netns === 'blue' || netns === 'green';
  assert.deepEqual(read.series.get('nlink_link_peer_info')?.filter(isOurs), [
    { netns: 'blue', device: 'eth0', peer_netns: 'green', peer_device: 'eth1' },
    { netns: 'green', device: 'eth1', peer_netns: 'blue', peer_device: 'eth0' },
  ]);
  const changes = 'nlink_network_carrier_changes_total{netns="blue",device="eth0"}';
  assert.ok((read.values.get(changes) ?? 0) >= 1);
  for (const part of ['names', 'nsids', 'deaths', 'processes', 'links', 'counters'])
    assert.equal(read.values.get(`nlink_part_up{part="${part}"}`), 1, part);
});

test('one that dies between the inventory and its counters is left out', async (t) => {
  const source = await scene(t);
  const before = source.namespaces();
  ip('netns', 'del', 'green');
  await waitFor('its end', () => source.namespaces().every(({ names }) => names[0]?.name !== 'green'));
  const read = await scrape({ ...source, namespaces: () => before });
  assert.ok(read.series.get('nlink_namespace_info')?.some(({ netns }) => netns === 'blue'));
  for (const [name, series] of read.series)
    assert.ok(
      series.every(({ netns }) => netns !== 'green'),
      name,
    );
});

test('what is gone is gone, and a name that is used again is another one', async (t) => {
  const source = await scene(t);
  const inodeOf = async (): Promise<string | undefined> =>
    (await scrape(source)).series.get('nlink_namespace_info')?.find(({ netns }) => netns === 'green')?.[
      'inode'
    ];
  const first = await inodeOf();
  // Its inode stays with a holder.
  await spawnHolder(t, '/run/netns/green');
  ip('netns', 'del', 'green');
  await waitFor('the end of the name', async () => (await inodeOf()) === undefined);
  const { values } = await scrape(source);
  assert.equal(values.get('nlink_namespaces_lingering{}'), 1);
  ip('netns', 'add', 'green');
  await waitFor('the name', async () => (await inodeOf()) !== undefined);
  assert.notEqual(await inodeOf(), first);
});

test('sandboxes are left out; names are any bytes', async (t) => {
  const source = await scene(t);
  const { pid } = await spawnHolder(t);
  const sandboxes = (): number[] =>
    source
      .namespaces()
      .flatMap(({ pids = [], namespace }) => (pids.includes(pid) ? [Number(namespace?.ino)] : []));
  await waitFor('the sandbox', () => sandboxes().length === 1);
  const [inode] = sandboxes();
  const name = '/run/netns/a"\\\n\udce9';
  addNamespace(name);
  const told = async (options: MetricsOptions): Promise<Record<string, string>[]> =>
    (await scrape(source, options)).series.get('nlink_namespace_info') ?? [];
  await waitFor('the name', async () => (await told({})).some(({ netns }) => netns === 'a"\\\\\n\\xe9'));
  const isSandbox = (labels: Record<string, string>): boolean => labels['inode'] === String(inode);
  assert.equal((await told({})).some(isSandbox), false);
  assert.equal((await told({ all: true })).some(isSandbox), true);
  deleteNamespace(name);
});
