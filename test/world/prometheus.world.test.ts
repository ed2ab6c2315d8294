/**
 * `nlink serve`, as root with a token and as nobody, scraped by Prometheus, which asks for the format
 * and has the token in a file. promtool finds no fault with the metrics, and they are those of
 * node_exporter and ip(8).
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { encodeName } from '../../src/reference/names.ts';
import { checked } from '../serve/metrics/support/checked.ts';
import type { Read } from '../serve/metrics/support/checked.ts';
import { waitFor } from '../support/wait.ts';
import { MAIN } from './support/nlink.ts';
import { daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';

const HERE = '/run/nlink-world/prometheus';
/** What Prometheus listens to. In a network namespace of one's own these are free. */
const PORT = 9090;
const SERVE = 9478;
const NOBODY = 9479;
const EXPORTER = 9100;
const TOKEN = 'a+token/of-many-signs==';
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
/** How many namespaces there are in the end. */
const MANY = 500;

const daemons: Daemon[] = [];

function start(command: string, ...args: string[]): Daemon {
  const started = daemon(command, args);
  daemons.push(started);
  return started;
}

const serve = (port: number, ...options: string[]): string[] => [
  process.execPath,
  MAIN,
  'serve',
  '--listen',
  `127.0.0.1:${port}`,
  '--all-metrics',
  ...options,
];

/** In the older format. */
async function text(port: number): Promise<string> {
  const headers = { accept: 'text/plain', authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
  assert.equal(response.status, 200);
  return response.text();
}

const scrape = async (port: number): Promise<Read> => checked(await text(port), 'text');

const promtool = async (port: number): Promise<string> =>
  execFileSync('promtool', ['check', 'metrics'], { input: await text(port), encoding: 'utf8' });

function startPrometheus(): Daemon {
  const job = (name: string, port: number, more = ''): string => `  - job_name: ${name}
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
${more}`;
  const token = `    authorization: { credentials_file: ${HERE}/token }\n`;
  writeFileSync(
    `${HERE}/prometheus.yml`,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${job('root', SERVE, token)}${job('nobody', NOBODY)}`,
  );
  return start(
    'prometheus',
    `--config.file=${HERE}/prometheus.yml`,
    `--storage.tsdb.path=${HERE}/data`,
    `--web.listen-address=127.0.0.1:${PORT}`,
  );
}

interface Result {
  metric: Record<string, string>;
  value: [number, string];
}

/** What an expression gives now. */
async function query(expression: string): Promise<Result[]> {
  const url = `http://127.0.0.1:${PORT}/api/v1/query?query=${encodeURIComponent(expression)}`;
  const { data } = (await (await fetch(url)).json()) as { data?: { result: Result[] } };
  return data?.result ?? [];
}

/** The values, each of a job. */
const valuesOf = async (expression: string): Promise<number[]> =>
  (await query(expression)).map(({ value: [, value] }) => Number(value));

/** Namespaces with `lo` and one end of a veth each. */
async function addMany(): Promise<void> {
  const names = Array.from({ length: MANY }, (_, at) => `many${at}`);
  writeFileSync(`${HERE}/names`, names.join('\n'));
  await output('sh', '-c', `xargs -n1 ip netns add < ${HERE}/names`);
  const pair = (name: string): string => `link add ${name} type veth peer name eth0 netns ${name}\n`;
  writeFileSync(`${HERE}/batch`, names.map(pair).join(''));
  await output('ip', '-batch', `${HERE}/batch`);
}

runtime({
  name: 'Prometheus',
  version: async () => /version (\S+)/u.exec(await output('prometheus', '--version'))?.[1] ?? '?',
  begin: async () => {
    mkdirSync('/run/netns', { recursive: true });
    mkdirSync(HERE, { recursive: true });
    writeFileSync(`${HERE}/token`, `${TOKEN}\n`, { mode: 0o600 });
    await output('ip', 'netns', 'add', 'blue');
    await output('ip', 'netns', 'add', 'green');
    const ends = ['eth0', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', 'green'];
    await output('ip', '-n', 'blue', 'link', 'add', ...ends);
    const [node = '', ...asRoot] = serve(SERVE, '--token-file', `${HERE}/token`);
    const root = start(node, ...asRoot);
    const [setpriv = '', ...asNobody] = [...AS_NOBODY, ...serve(NOBODY)];
    const nobody = start(setpriv, ...asNobody);
    const prometheus = startPrometheus();
    await waitFor('Prometheus', async () => {
      for (const one of [root, nobody, prometheus]) if (!one.running()) throw new Error(one.log());
      return (await query('up == 1').catch(() => [])).length === 2;
    });
  },
  end: async () => {
    for (const one of daemons) await one.kill('SIGKILL');
  },
  steps: [
    [
      'promtool finds no fault',
      async (note) => {
        for (const port of [SERVE, NOBODY]) {
          assert.equal(await promtool(port), '');
          note(`${(await text(port)).split('\n').length} lines`);
        }
      },
    ],
    [
      'each scrape succeeds, with the token of a file; Prometheus takes all samples, and types',
      async () => {
        await waitFor('both to be up', async () => (await valuesOf('up == 1')).length === 2);
        const samples = await valuesOf('scrape_samples_scraped');
        assert.ok(samples.length === 2 && samples.every((count) => count > 50));
        assert.deepEqual(await valuesOf('scrape_samples_post_metric_relabeling'), samples);
        // Only OpenMetrics has this type.
        const { data } = (await (
          await fetch(`http://127.0.0.1:${PORT}/api/v1/metadata?metric=nlink_build`)
        ).json()) as { data: Record<string, { type: string }[]> };
        assert.deepEqual(data['nlink_build']?.[0]?.type, 'info');
        const bare = await fetch(`http://127.0.0.1:${SERVE}/metrics`);
        assert.equal(bare.status, 401);
      },
    ],
    [
      'the counters are those of ip -s link',
      async () => {
        for (const [name, device] of [
          ['blue', 'eth0'],
          ['green', 'eth1'],
        ] as const)
          await output('ip', '-n', name, 'link', 'set', device, 'up');
        // IPv6 sends a few packets when the link comes up, and then hardly any.
        await waitFor('the same numbers', async () => {
          const shown = await output('ip', '-n', 'blue', '-s', '-j', 'link', 'show', 'eth0');
          const [{ stats64 }] = JSON.parse(shown) as [{ stats64: { tx: { bytes: number } } }];
          const labels = '{netns="blue",device="eth0"}';
          const found = await valuesOf(`nlink_network_transmit_bytes_total${labels}`);
          return stats64.tx.bytes > 0 && found.length === 1 && found[0] === stats64.tx.bytes;
        });
      },
    ],
    [
      'the stems are all those of node_exporter, and their values',
      async (note) => {
        await output('ip', '-n', 'blue', 'link', 'set', 'lo', 'up');
        const only = ['--collector.disable-defaults', '--collector.netdev'];
        const exporter = ['ip', 'netns', 'exec', 'blue', 'prometheus-node-exporter', ...only];
        const [command, ...args] = [...exporter, `--web.listen-address=127.0.0.1:${EXPORTER}`];
        start(command, ...args);
        const ask = `fetch('http://127.0.0.1:${EXPORTER}/metrics').then((answer) => answer.text()).then(console.log)`;
        const theirs = async (): Promise<Map<string, number>> => {
          const shown = await output('ip', 'netns', 'exec', 'blue', process.execPath, '-e', ask);
          const found = shown.matchAll(/^node_network_(\w+)_total\{device="eth0"\} (\S+)$/gmu);
          return new Map(Array.from(found, ([, stem = '', value]) => [stem, Number(value)]));
        };
        await waitFor('node_exporter', async () => (await theirs().catch(() => new Map())).size > 0);
        await waitFor('the same values', async () => {
          const exported = await theirs();
          const { values } = await scrape(SERVE);
          const labels = '{netns="blue",device="eth0"}';
          const told = [...exported].map(([stem]) => values.get(`nlink_network_${stem}_total${labels}`));
          assert.ok(!told.includes(undefined), [...exported.keys()].join());
          return told.join() === [...exported.values()].join();
        });
        note([...(await theirs()).keys()].toSorted().join(' '));
      },
    ],
    [
      'far ends join with counters',
      async () => {
        const joined =
          'nlink_network_up{job="root"} * on (netns, device, job) group_left (peer_netns, peer_device) nlink_link_peer_info';
        await waitFor('both ends', async () => {
          const ends = (await query(joined)).map(({ metric: { netns, peer_netns: peer, device } }) =>
            [netns, device, peer].join(' '),
          );
          return ends.includes('blue eth0 green') && ends.includes('green eth1 blue');
        });
      },
    ],
    [
      'a name of any bytes is a label',
      async () => {
        const name = encodeName('a"\\\n\udce9');
        // Words of a command are text here, and bytes there.
        writeFileSync(Buffer.concat([Buffer.from('/run/netns/'), name]), '');
        await output(
          'sh',
          '-c',
          `unshare --net mount --bind /proc/self/ns/net "$(printf '/run/netns/a"\\\\\\n\\351')"`,
        );
        await waitFor('its series', async () =>
          (await query('nlink_namespace_info{job="root"}')).some(
            ({ metric: { netns } }) => netns === 'a"\\\\\n\\xe9',
          ),
        );
        assert.equal(await promtool(SERVE), '');
      },
    ],
    [
      'what is gone is gone, and no scrape fails meanwhile',
      async () => {
        const begin = Date.now();
        for (let round = 0; round < 20; round++) {
          await output('ip', 'netns', 'add', `short${round}`);
          await output('ip', '-n', `short${round}`, 'link', 'add', 'eth0', 'type', 'bridge');
          if (round > 0) await output('ip', 'netns', 'del', `short${round - 1}`);
        }
        await output('ip', 'netns', 'del', 'short19');
        await output('ip', 'netns', 'del', 'green');
        await waitFor('the end of the series', async () => {
          const left = await query('nlink_network_up{netns=~"green|short.*"} or nlink_link_peer_info');
          return left.length === 0;
        });
        const seconds = Math.ceil((Date.now() - begin) / 1000) + 1;
        assert.deepEqual(await valuesOf(`min_over_time(up[${seconds}s])`), [1, 1]);
        const works = 'min (nlink_part_up{job="root",part=~"names|deaths|links|counters"})';
        assert.deepEqual(await valuesOf(works), [1]);
      },
    ],
    [
      `${MANY} namespaces with two links each, as root and as nobody`,
      async (note) => {
        await addMany();
        await waitFor('all of them', async () => {
          const there = await valuesOf('nlink_namespaces');
          const up = await valuesOf('count (nlink_network_up{job="root",netns=~"many.*"})');
          return there.length === 2 && there.every((count) => count > MANY) && up[0] === 2 * MANY;
        });
        const begin = Date.now();
        await waitFor('ten more scrapes', () => Date.now() - begin > 10_000);
        assert.deepEqual(await valuesOf('min_over_time(up[10s])'), [1, 1]);
        const durations = 'max_over_time(scrape_duration_seconds[10s])';
        for (const { metric, value } of await query(durations))
          note(`${metric['job']}: a scrape at most ${Math.round(Number(value[1]) * 1000)} ms`);
        assert.equal(await promtool(SERVE), '');
      },
    ],
    [
      'those that die during a scrape are in it whole, or not at all',
      async () => {
        const deleting = output('sh', '-c', `head -n 200 ${HERE}/names | xargs -n1 ip netns del`);
        const deletion = { isDone: false };
        const done = deleting.finally(() => (deletion.isDone = true));
        while (!deletion.isDone) {
          const { series } = await scrape(SERVE);
          const named = (name: string): Set<string> =>
            new Set((series.get(name) ?? []).map(({ netns = '' }) => netns));
          const known = named('nlink_namespace_info');
          const counted = named('nlink_network_receive_bytes_total');
          for (const netns of named('nlink_network_up'))
            assert.ok(known.has(netns) && counted.has(netns), netns);
        }
        await done;
        await waitFor('their end', async () => {
          const [left] = await valuesOf('count (nlink_network_up{netns=~"many.*"})');
          return left === 2 * (MANY - 200);
        });
        const works = 'min_over_time(nlink_part_up{job="root",part=~"names|deaths|links|counters"}[30s])';
        assert.deepEqual(new Set(await valuesOf(works)), new Set([1]));
      },
    ],
  ],
});
