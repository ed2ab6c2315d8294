/** What is asked for once: hosts, what is on one, the search, service discovery, metrics. */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { serveFleet } from '../../src/serve/serve-fleet.ts';
import type { HostRow } from '../../src/serve/host-row.ts';
import type { Found } from '../../src/serve/search/found.ts';
import type { TargetGroup } from '../../src/serve/sd.ts';
import { FleetWatcher } from '../../src/fleet-watcher.ts';
import { waitFor, within } from '../../../../test/support/wait.ts';
import { FleetLab, servedFleet } from './support/fleet-lab.ts';
import { HOSTILE, lab } from './support/hosts.ts';

/** One that is live, one that is late, one that is gone. */
function threeHosts(): FleetLab {
  const fleet = new FleetLab();
  fleet.add('alpha', { name: 'rack1-alpha', target: '10.0.0.1:9478' }, lab(['blue', 'web']));
  fleet.add('beta', { name: 'rack1-beta', target: '[fd00::2]:9478' }, lab(['red']), 120_000);
  fleet.add('gamma', { name: 'rack2-gamma', bye: true }, lab(['blue-2']));
  return fleet;
}

test('hosts, one of them, and what is on it; each with a tag', async (t) => {
  const { get, json } = await servedFleet(t, threeHosts());
  const rows = await json<HostRow[]>('/v1/hosts');
  assert.deepEqual(
    rows.map(({ id, state }) => `${id} ${state}`),
    ['alpha live', 'beta late', 'gamma gone'],
  );
  const age = Date.now() - Date.parse(rows[1]?.heard ?? '');
  assert.ok(age > 119_000 && age < 180_000, String(age));
  const one = await json<HostRow>('/v1/hosts/beta');
  assert.equal(one.name, 'rack1-beta');
  assert.equal((await json('/v1/hosts/alpha/namespaces')).length, 3);
  assert.equal((await json('/v1/hosts/alpha/links')).length, 9);
  // A late host keeps its last picture.
  assert.equal((await json('/v1/hosts/beta/namespaces')).length, 2);
  for (const path of ['/v1/hosts/gamma', '/v1/hosts/alpha/links', '/v1/hosts/alpha/namespaces'])
    await waitFor(`the same of ${path} twice`, async () => {
      const tag = String((await get(path)).headers.etag);
      return (await get(path, { 'if-none-match': tag })).status === 304;
    });
  for (const path of ['/v1/hosts/none', '/v1/hosts/', '/v1/hosts/alpha/x', '/v1/hosts/alpha/links/x', '/x'])
    assert.equal((await get(path)).status, 404, path);
});

test('long answers are packed where that is asked for, the stream never is', async (t) => {
  const fleet = new FleetLab();
  const names = Array.from({ length: 20 }, (_, at) => `blue${at}`);
  for (let at = 0; at < 50; at++) fleet.add(`host${at}`, {}, lab(names));
  const { server } = await servedFleet(t, fleet);
  const headers = { 'accept-encoding': 'gzip' };
  for (const path of ['/v1/hosts', '/v1/hosts/host1/links', '/v1/search?q=blue']) {
    const answer = await fetch(server.address + path, { headers });
    assert.equal(answer.headers.get('content-encoding'), 'gzip', path);
    assert.ok(Number(answer.headers.get('content-length')) < 8192, path);
    assert.equal(typeof (await answer.json()), 'object');
  }
  const plain = await fetch(`${server.address}/v1/hosts`, { headers: { 'accept-encoding': 'identity' } });
  assert.equal(((await plain.json()) as HostRow[]).length, 50);
  const ending = new AbortController();
  const stream = await fetch(`${server.address}/v1/events`, { headers, signal: ending.signal });
  assert.equal(stream.headers.get('content-encoding'), null);
  const first = await stream.body?.getReader().read();
  assert.match(Buffer.from(first?.value ?? []).toString(), /^retry: /);
  ending.abort();
});

test('of a host of which there are only heads nothing is known: later', async (t) => {
  const fleet = threeHosts();
  fleet.add('bare', {}, null);
  const { get } = await servedFleet(t, fleet);
  const answer = await get('/v1/hosts/bare/links');
  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '5']);
});

test('a search over all hosts: by host, namespace, link, MAC, number, and both together', async (t) => {
  const { json } = await servedFleet(t, threeHosts());
  const find = async (query: string): Promise<string[]> => {
    let found: Found | null = null;
    await waitFor('all to be looked into', async () => {
      found = await json<Found>(`/v1/search?q=${encodeURIComponent(query)}`);
      return found.pending === 0;
    });
    return ((found as Found | null)?.hosts ?? []).flatMap(({ id, itself, hits }) =>
      itself ? id : hits.map(({ at, link }) => `${id} ${at} ${link ?? ''}`.trim()),
    );
  };
  assert.deepEqual(await find('blue'), ['alpha /run/netns/blue', 'gamma /run/netns/blue-2']);
  assert.deepEqual(await find('rack1'), ['alpha', 'beta']);
  assert.deepEqual(await find('RACK2 blue'), ['gamma /run/netns/blue-2']);
  assert.deepEqual(await find('rack1 blue'), ['alpha /run/netns/blue']);
  assert.deepEqual(await find('02:42:00:00:00:01'), ['alpha /run/netns/web eth0']);
  assert.deepEqual(await find('0242000000-01'), []);
  assert.deepEqual(await find('nsid:1'), ['alpha /run/netns/web']);
  assert.deepEqual(await find('host:beta eth0 name:red'), ['beta /run/netns/red eth0']);
  assert.deepEqual(await find('kernel:6.12'), ['alpha', 'beta', 'gamma']);
  assert.deepEqual(await find('/run/netns/web'), ['alpha /run/netns/web']);
  assert.deepEqual(await find('"(this'), []);
  assert.equal((await find('kind:bridge')).length, 3);
  assert.deepEqual(await find('nothing-like-that'), []);
  assert.deepEqual(await find('  '), []);
});

test('an answer to a search is bounded, however much there is to find', async (t) => {
  const fleet = new FleetLab();
  const names = Array.from({ length: 40 }, (_, at) => `web-${at}`);
  for (let at = 0; at < 120; at++) fleet.add(`host${at}`, {}, lab(names));
  const { json } = await servedFleet(t, fleet);
  let found = await json<Found>(`/v1/search?q=web-&x=${'y'.repeat(1500)}`);
  await waitFor('all to be looked into', async () => {
    found = await json<Found>('/v1/search?q=web-');
    return found.pending === 0;
  });
  assert.ok(found.more);
  assert.ok(found.hosts.length > 0 && found.hosts.length <= 100);
  assert.ok(found.hosts.every(({ hits, count }) => hits.length === 10 && count >= 40));
  const long = await json<Found>(`/v1/search?q=${'x'.repeat(1000)}`);
  assert.equal(long.query.length, 200);
});

test('Prometheus discovers hosts that have a target, by what its documentation asks for', async (t) => {
  const fleet = threeHosts();
  for (const [at, name] of HOSTILE.entries())
    fleet.add(`odd${at}`, { name, target: 'odd.example:9478' }, null);
  fleet.add('evil', { target: 'a.example:80/metrics?x=' }, null);
  const { get } = await servedFleet(t, fleet);
  const { status, headers, text } = await get('/sd');
  assert.equal(status, 200);
  assert.match(headers['content-type'] ?? '', /^application\/json/);
  const groups = JSON.parse(text) as TargetGroup[];
  assert.deepEqual(groups.map(({ targets }) => targets).slice(0, 2), [['10.0.0.1:9478'], ['[fd00::2]:9478']]);
  assert.equal(groups.length, 2 + HOSTILE.length);
  for (const { labels } of groups)
    for (const [name, value] of Object.entries(labels)) {
      assert.match(name, /^__meta_nlink_[a-z_]+$/);
      assert.equal(typeof value, 'string');
    }
  assert.equal(groups[1]?.labels['__meta_nlink_state'], 'late');
});

test('before all hosts are known Prometheus is asked to keep what it has', async (t) => {
  const fleet = threeHosts();
  const transport = fleet.broker.transport({ manual: true });
  // Nothing else keeps this process alive meanwhile.
  const watcher = await within('to open', FleetWatcher.open({ transport, settleTimeout: 1 }));
  const server = await serveFleet(watcher, { listen: '127.0.0.1:0' });
  t.after(() => server.stop());
  const of = async (path: string): Promise<number> => (await fetch(server.address + path)).status;
  assert.deepEqual([await of('/sd'), await of('/readyz'), await of('/v1/hosts')], [503, 503, 200]);
  transport.giveAll();
  await waitFor('all hosts', async () => (await of('/sd')) === 200);
  assert.equal(await of('/readyz'), 200);
});

test('metrics are those of the fleet; of each host only where that is wanted', async (t) => {
  const fleet = threeHosts();
  fleet.add('odd', { name: HOSTILE[3] as string }, null);
  const plain = await servedFleet(t, fleet);
  const text = (await plain.get('/metrics')).text;
  assert.match(text, /^nlink_fleet_hosts\{state="live"\} 2$/m);
  assert.match(text, /^nlink_fleet_hosts\{state="late"\} 1$/m);
  assert.match(text, /^nlink_fleet_hosts\{state="gone"\} 1$/m);
  assert.match(text, /^nlink_fleet_connection_live 1$/m);
  assert.match(text, /^nlink_fleet_namespaces 5$/m);
  assert.doesNotMatch(text, /rack1/);
  const each = await servedFleet(t, fleet, { hostMetrics: true });
  const more = (await each.get('/metrics')).text;
  assert.match(more, /^nlink_fleet_host_live\{host="rack1-beta",id="beta"\} 0$/m);
  assert.match(more, /^nlink_fleet_host_heard_age_seconds\{host="rack1-beta",id="beta"\} 1[2-9]\d/m);
  assert.match(more, /host="caf\\\\xe9"/);
  const openMetrics = (await each.get('/metrics', { accept: 'application/openmetrics-text' })).text;
  assert.match(openMetrics, /# EOF\n$/);
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: more, encoding: 'utf8' });
  if (promtool.error === undefined) assert.equal(promtool.stdout + promtool.stderr, '');
});

test('what is lost and what does not fit is counted', async (t) => {
  const fleet = threeHosts();
  const { get } = await servedFleet(t, fleet);
  fleet.lose('alpha', 2, lab(['blue']));
  fleet.broker.malformed('alpha');
  await waitFor('both', async () => {
    const { text } = await get('/metrics');
    return (
      /^nlink_fleet_resyncs_total\{reason="lost"\} 1$/m.test(text) &&
      /^nlink_fleet_malformed_messages_total 1$/m.test(text)
    );
  });
});
