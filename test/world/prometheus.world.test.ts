/**
 * Prometheus scrapes the metrics of namespaces that are there, in the format that it asks for, and
 * promtool finds no fault with them. What nlink tells is compared with ip(8).
 */
import './support/sandbox.ts';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { encodeName } from '../../src/reference/names.ts';
import { render } from '../../src/serve/metrics/exposition.ts';
import { collect } from '../../src/serve/metrics/metrics.ts';
import { negotiate } from '../../src/serve/metrics/negotiate.ts';
import { watchedSource } from '../serve/metrics/support/watched-source.ts';
import type { WatchedSource } from '../serve/metrics/support/watched-source.ts';
import { waitFor } from '../support/wait.ts';
import { daemon, output } from './support/programs.ts';
import type { Daemon } from './support/programs.ts';
import { runtime } from './support/ring.ts';

const HERE = '/run/nlink-world/prometheus';
/** What Prometheus listens to. In a network namespace of one's own it is free. */
const PORT = 9090;

let source: WatchedSource;
let server: Server;
let prometheus: Daemon;
/** Which formats were asked for, and whether gzip. */
const asked = new Map<string, { contentType: string; gzip: boolean }>();

const text = async (): Promise<string> => render(await collect(source, { all: true }), 'text');

/** `/metrics` as it is negotiated, `/text` always in the older format. */
function startServer(): Promise<number> {
  server = createServer((request, response) => {
    void (async () => {
      const accept = request.url === '/text' ? 'text/plain' : request.headers.accept;
      const wanted = negotiate(accept, request.headers['accept-encoding']);
      asked.set(request.url ?? '', wanted);
      const body = Buffer.from(render(await collect(source, { all: true }), wanted.format));
      response.setHeader('content-type', wanted.contentType);
      if (wanted.gzip) response.setHeader('content-encoding', 'gzip');
      response.end(wanted.gzip ? gzipSync(body) : body);
    })();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function startPrometheus(port: number): Daemon {
  mkdirSync(HERE, { recursive: true });
  const job = (name: string, path: string): string => `  - job_name: ${name}
    metrics_path: ${path}
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`;
  writeFileSync(
    `${HERE}/prometheus.yml`,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${job('open', '/metrics')}${job('text', '/text')}`,
  );
  return daemon('prometheus', [
    `--config.file=${HERE}/prometheus.yml`,
    `--storage.tsdb.path=${HERE}/data`,
    `--web.listen-address=127.0.0.1:${PORT}`,
  ]);
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

/** The two jobs, each with one value. */
const valuesOf = async (expression: string): Promise<number[]> =>
  (await query(expression)).map(({ value: [, value] }) => Number(value));

runtime({
  name: 'Prometheus',
  version: async () => /version (\S+)/u.exec(await output('prometheus', '--version'))?.[1] ?? '?',
  begin: async () => {
    mkdirSync('/run/netns', { recursive: true });
    await output('ip', 'netns', 'add', 'blue');
    await output('ip', 'netns', 'add', 'green');
    const pair = ['eth0', 'type', 'veth', 'peer', 'name', 'eth1', 'netns', 'green'];
    await output('ip', '-n', 'blue', 'link', 'add', ...pair);
    source = await watchedSource();
    prometheus = startPrometheus(await startServer());
    await waitFor('Prometheus', async () => {
      if (!prometheus.running()) throw new Error(prometheus.log());
      return (await query('up').catch(() => [])).length === 2;
    });
  },
  end: async () => {
    await prometheus?.kill('SIGKILL');
    server?.closeAllConnections();
    server?.close();
    await source?.watcher.stop();
  },
  steps: [
    [
      'promtool finds no fault',
      async (note) => {
        const shown = await text();
        const said = execFileSync('promtool', ['check', 'metrics'], { input: shown, encoding: 'utf8' });
        assert.equal(said, '');
        note(`${shown.split('\n').length} lines`);
      },
    ],
    [
      'each scrape succeeds: OpenMetrics as it asks for, and text, with gzip',
      async () => {
        await waitFor('both to be up', async () => (await valuesOf('up == 1')).length === 2);
        const open = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
        assert.deepEqual([asked.get('/metrics')?.contentType, asked.get('/metrics')?.gzip], [open, true]);
        assert.equal(asked.get('/text')?.contentType, 'text/plain; version=0.0.4; charset=utf-8');
        const samples = await valuesOf('scrape_samples_scraped');
        assert.equal(samples.length, 2);
        assert.equal(samples[0], samples[1]);
        assert.deepEqual(await valuesOf('scrape_samples_post_metric_relabeling'), samples);
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
          return (
            stats64.tx.bytes > 0 && found.length === 2 && found.every((value) => value === stats64.tx.bytes)
          );
        });
      },
    ],
    [
      'far ends join with counters',
      async () => {
        const joined =
          'nlink_network_up{job="open"} * on (netns, device, job) group_left (peer_netns, peer_device) nlink_link_peer_info';
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
          (await query('nlink_namespace_info')).some(({ metric: { netns } }) => netns === 'a"\\\\\n\\xe9'),
        );
        assert.equal(
          execFileSync('promtool', ['check', 'metrics'], { input: await text(), encoding: 'utf8' }),
          '',
        );
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
        assert.deepEqual(
          await valuesOf('min by (job) (nlink_part_up{part=~"names|deaths|links|counters"})'),
          [1, 1],
        );
      },
    ],
  ],
});
