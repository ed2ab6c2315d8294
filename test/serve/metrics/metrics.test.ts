/** What metrics tell of an inventory, and what they leave out. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { render } from '../../../src/serve/metrics/exposition.ts';
import { collect } from '../../../src/serve/metrics/metrics.ts';
import type { MetricsOptions, MetricsSource } from '../../../src/serve/metrics/metrics.ts';
import { checked } from './support/checked.ts';
import type { Read } from './support/checked.ts';
import { entry, link, peerOf, sourceOf, statistics, without } from './support/source.ts';

async function scrape(source: MetricsSource, options: MetricsOptions = {}): Promise<Read> {
  const families = await collect(source, options);
  const open = checked(render(families, 'openmetrics'), 'openmetrics');
  const read = checked(render(families, 'text'), 'text');
  assert.deepEqual([...open.values], [...read.values]);
  return read;
}

const valuesOf = ({ values }: Read, name: string): Record<string, number> =>
  Object.fromEntries(
    [...values]
      .filter(([series]) => series.startsWith(`${name}{`))
      .map(([series, value]) => [series.slice(name.length), value]),
  );

const netnsOf = ({ series }: Read, name: string): string[] =>
  (series.get(name) ?? []).map(({ netns = '' }) => netns);

test('namespaces: how many, and what is known of each', async () => {
  const blue = entry(['blue'], [link(1, 'lo')], { nsid: 3, pids: [1, 2], processes: 100 });
  const found = entry([], [link(1, 'lo'), link(2, 'eth0')], {
    owner: { kind: 'docker', name: '4f79', id: null },
  });
  const lingering = entry([], [], { lingering: true, links: [] });
  const nothing = { ...entry(['stale']), namespace: null };
  const read = await scrape(sourceOf([blue, found, lingering, nothing, entry([], [], { own: true })]));
  const { values } = read;
  assert.equal(values.get('nlink_namespaces{}'), 4);
  assert.equal(values.get('nlink_namespaces_lingering{}'), 1);
  assert.equal(values.get('nlink_namespaces_unnamed{}'), 2);
  const [ofBlue, ofFound] = read.series.get('nlink_namespace_info') ?? [];
  assert.deepEqual(ofBlue, {
    netns: 'blue',
    inode: String(blue.namespace?.ino),
    nsid: '3',
    owner_kind: '',
    owner: '',
  });
  assert.deepEqual([ofFound?.['owner_kind'], ofFound?.['owner'], ofFound?.['nsid']], ['docker', '4f79', '']);
  assert.equal(values.get('nlink_namespace_processes{netns="blue"}'), 100);
  const created = 'nlink_namespace_created_timestamp_seconds';
  assert.equal(values.get(`${created}{netns="blue"}`), 1_764_521_234.5);
  assert.deepEqual(netnsOf(read, created), ['blue', `inode:${lingering.namespace?.ino}`]);
});

test('interfaces: counters, state, and where they lead', async () => {
  const green = entry(['green'], [link(1, 'lo')]);
  const peer = peerOf(green, 5, 'eth1');
  const read = await scrape(
    sourceOf([
      entry(
        ['blue'],
        [
          link(2, 'eth0', { peer, master: 3, alias: 'up "link"' }),
          link(3, 'br0', { kind: 'bridge', state: 'down' }),
        ],
      ),
      green,
    ]),
  );
  const device = '{netns="blue",device="eth0"}';
  assert.equal(read.values.get(`nlink_network_receive_bytes_total${device}`), 200);
  assert.equal(read.values.get(`nlink_network_transmit_drop_total${device}`), 8);
  // What was missed for want of room among them.
  assert.equal(read.values.get(`nlink_network_receive_drop_total${device}`), 1007);
  assert.equal(read.values.get(`nlink_network_up${device}`), 1);
  assert.equal(read.values.get('nlink_network_up{netns="blue",device="br0"}'), 0);
  assert.equal(read.values.get(`nlink_network_mtu_bytes${device}`), 1500);
  assert.equal(read.values.get(`nlink_network_carrier_changes_total${device}`), 11);
  assert.deepEqual(read.series.get('nlink_link_peer_info'), [
    { netns: 'blue', device: 'eth0', peer_netns: 'green', peer_device: 'eth1' },
  ]);
  assert.deepEqual(read.series.get('nlink_network_info')?.[0], {
    netns: 'blue',
    device: 'eth0',
    ifindex: '2',
    kind: 'veth',
    operstate: 'up',
    address: '02:00:00:00:00:01',
    ifalias: 'up "link"',
    master: 'br0',
  });
  assert.equal(read.series.has('nlink_network_receive_multicast_total'), false);
});

test('all: more counters, and sandboxes that have lo alone', async () => {
  const sandbox = entry([], [link(1, 'lo')], { loOnly: true });
  const source = sourceOf([sandbox, entry(['blue'], [link(1, 'lo')])]);
  assert.deepEqual(netnsOf(await scrape(source), 'nlink_namespace_info'), ['blue']);
  assert.equal((await scrape(source)).values.get('nlink_namespaces{}'), 2);
  const all = await scrape(source, { all: true });
  assert.equal(netnsOf(all, 'nlink_namespace_info').length, 2);
  const more = [...all.values].flatMap(([series, value]) => {
    const [, stem] = /^nlink_network_(.*)_total\{netns="blue",device="lo"\}$/u.exec(series) ?? [];
    return stem === undefined || value < 9 || value === 100 || value > 1000 ? [] : [[stem, value]];
  });
  assert.deepEqual(Object.fromEntries(more), {
    carrier_changes: 11,
    receive_multicast: 9,
    transmit_colls: 10,
    receive_fifo: 12,
    receive_frame: 13,
    receive_compressed: 14,
    transmit_fifo: 15,
    transmit_carrier: 16,
    transmit_compressed: 17,
    receive_nohandler: 18,
  });
});

test('a sandbox is known by its processes where its interfaces may not be read', async () => {
  const closed = entry([], [], { linksState: 'closed', loOnly: true });
  const other = entry([], [], { linksState: 'closed', loOnly: false });
  const read = await scrape(sourceOf([closed, other]));
  assert.deepEqual(netnsOf(read, 'nlink_namespace_info'), [`inode:${other.namespace?.ino}`]);
});

test('include and exclude', async () => {
  const links = [link(1, 'lo'), link(2, 'eth0'), link(3, 'eth1')];
  const source = sourceOf(['web1', 'web2', 'db'].map((name) => entry([name], links)));
  const series = async (options: MetricsOptions): Promise<string[]> =>
    Object.keys(valuesOf(await scrape(source, options), 'nlink_network_up'));
  assert.deepEqual(
    await series({
      include: { netns: ['web*'], device: ['eth*'] },
      exclude: { netns: ['*2'], device: ['eth1'] },
    }),
    ['{netns="web1",device="eth0"}'],
  );
  assert.equal((await series({ exclude: { device: ['lo'] } })).length, 6);
  assert.deepEqual(await series({ include: { netns: [] } }), []);
  const read = await scrape(source, { exclude: { netns: ['*'] } });
  assert.equal(read.values.get('nlink_namespaces{}'), 3);
  assert.equal(read.series.has('nlink_namespace_info'), false);
});

test('who may not look has names and counters: nothing is said of the state', async () => {
  const limited = entry(['blue'], [link(1, 'lo'), link(0, 'tun0')], { linksState: 'limited' });
  const read = await scrape(sourceOf([limited]));
  assert.deepEqual(valuesOf(read, 'nlink_network_receive_bytes_total'), {
    '{netns="blue",device="lo"}': 100,
  });
  for (const name of ['nlink_network_up', 'nlink_network_info', 'nlink_network_mtu_bytes'])
    assert.equal(read.series.has(name), false, name);
  const unread = await scrape(sourceOf([limited], { statistics: async () => null }));
  assert.deepEqual(netnsOf(unread, 'nlink_namespace_info'), ['blue']);
  assert.equal(unread.series.has('nlink_network_receive_bytes_total'), false);
});

test('one that died during the scrape is left out', async () => {
  const entries = ['a', 'b', 'c'].map((name) => entry([name], [link(1, 'lo')], { pids: [1], processes: 1 }));
  const read = await scrape(
    sourceOf(entries, {
      statistics: async (of) => (of === entries[1] ? null : new Map([[1, statistics(1)]])),
    }),
  );
  for (const [name, series] of read.series)
    assert.ok(
      series.every(({ netns }) => netns !== 'b'),
      name,
    );
  assert.deepEqual(netnsOf(read, 'nlink_network_up'), ['a', 'c']);
  assert.deepEqual(valuesOf(read, 'nlink_part_up')['{part="counters"}'], 1);
});

test('counters that cannot be read are left out, and nothing else', async () => {
  const entries = ['a', 'b'].map((name) => entry([name], [link(1, 'lo')]));
  const failing = sourceOf(entries, {
    statistics: async (of) => {
      if (of === entries[0]) throw new Error('ENOBUFS');
      return new Map([[1, statistics(1)]]);
    },
  });
  const read = await scrape(failing);
  assert.deepEqual(netnsOf(read, 'nlink_network_receive_bytes_total'), ['b']);
  assert.deepEqual(netnsOf(read, 'nlink_network_up'), ['a', 'b']);
  assert.equal(valuesOf(read, 'nlink_part_up')['{part="counters"}'], 0);
});

test('of a part that is down nothing is told', async () => {
  const blue = entry(['blue'], [link(1, 'lo')], { nsid: 3, pids: [1], processes: 1 });
  const read = await scrape(sourceOf([blue], { parts: () => without('links', 'processes', 'nsids') }));
  assert.deepEqual(valuesOf(read, 'nlink_part_up'), {
    '{part="names"}': 1,
    '{part="nsids"}': 0,
    '{part="deaths"}': 1,
    '{part="processes"}': 0,
    '{part="links"}': 0,
    '{part="inventory"}': 1,
    '{part="counters"}': 1,
    '{part="events"}': 1,
  });
  assert.equal(read.series.has('nlink_network_up'), false);
  assert.equal(read.series.has('nlink_namespace_processes'), false);
  assert.equal(read.series.get('nlink_namespace_info')?.[0]?.['nsid'], '');
});

test('a watcher that has ended, and parts that throw, fail no scrape', async () => {
  const fail = (): never => {
    throw new Error('broken');
  };
  const blue = entry(['blue'], [link(1, 'lo')]);
  const down = await scrape(
    sourceOf([blue], { parts: () => without('names', 'nsids', 'deaths', 'processes', 'links') }),
  );
  for (const read of [
    down,
    await scrape(sourceOf([blue], { parts: fail })),
    await scrape(sourceOf([blue], { namespaces: fail })),
    await scrape(sourceOf([blue], { processesOf: fail })),
  ]) {
    assert.equal(read.values.has('nlink_namespaces{}'), false);
    assert.equal(read.series.has('nlink_namespace_info'), false);
    assert.equal(valuesOf(read, 'nlink_part_up')['{part="inventory"}'], 0);
    assert.equal(read.values.get('nlink_events_total{event="created"}'), 3);
  }
  const read = await scrape(sourceOf([blue], { counts: fail }));
  assert.equal(read.series.has('nlink_events_total'), false);
  assert.equal(valuesOf(read, 'nlink_part_up')['{part="events"}'], 0);
  assert.equal(read.values.get('nlink_namespaces{}'), 1);
});

test('events and losses, times, and the build', async () => {
  const read = await scrape(sourceOf([]), { version: '1.2.3' });
  assert.deepEqual(valuesOf(read, 'nlink_events_total'), {
    '{event="created"}': 3,
    '{event="linkMoved"}': 0,
  });
  assert.deepEqual(valuesOf(read, 'nlink_resyncs_total'), { '{reason="names"}': 0 });
  assert.deepEqual(read.series.get('nlink_scrape_duration_seconds'), [
    { part: 'inventory' },
    { part: 'counters' },
    { part: 'events' },
  ]);
  assert.deepEqual(read.series.get('nlink_build_info'), [{ version: '1.2.3', node: process.version }]);
});

test('hostile names, and interfaces that look alike, are series of their own', async () => {
  const raw = link(4, '\ufffd');
  const entries = [
    entry(['a"b\\c\nd'], [link(1, 'lo'), link(3, '\ufffd'), raw, link(3, 'again')]),
    entry(['caf\udce9'], [link(1, 'lo')]),
    entry(['caf\\xe9'], [link(1, 'lo')]),
  ];
  const read = await scrape(sourceOf(entries));
  assert.deepEqual(
    (read.series.get('nlink_network_up') ?? []).map(({ netns, device }) => [netns, device]),
    [
      ['a"b\\\\c\nd', 'lo'],
      ['a"b\\\\c\nd', '\ufffd'],
      ['a"b\\\\c\nd', '\ufffd ifindex:4'],
      ['caf\\xe9', 'lo'],
      ['caf\\\\xe9', 'lo'],
    ],
  );
});

test('the event loop has its turns', async () => {
  const links = [link(1, 'lo'), link(2, 'eth0')];
  const entries = Array.from({ length: 300 }, (_, at) => entry([`n${at}`], links));
  let turns = 0;
  const busy = sourceOf(entries, {
    statistics: async () => {
      const end = performance.now() + 0.1;
      while (performance.now() < end);
      return new Map([[1, statistics(1)]]);
    },
  });
  const turn = setInterval(() => turns++, 0);
  await collect(busy, {});
  clearInterval(turn);
  assert.ok(turns > 3, `${turns} turns`);
});
