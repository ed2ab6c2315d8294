/**
 * What an agent and its server cost, and how soon a change is at a subscriber. Needs the test build
 * (`npm run build:test`), nats-server and the right to make namespaces in a sandbox of its own.
 * Usage: node packages/fleet/bench/agent.js [rest|delta|latency ...] [--seconds N]
 * [--namespaces N] [--pause N]; `--pause`: the most milliseconds between two deltas of an agent.
 *
 * It runs in a PID namespace of its own: a watcher looks at processes after each that is started, so
 * that "at rest" would be the rest of all programs of this machine.
 */
import '../../../build/test/support/sandbox.js';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from '@nats-io/transport-node';
import { FleetAgent } from '../../../build/packages/fleet/src/agent/fleet-agent.js';
import { UnifiedNamespaceWatcher } from '../../../build/packages/fleet/src/core.js';
import { serverConfig } from '../../../build/packages/fleet/src/nats/account-config.js';
import { agentPermissions } from '../../../build/packages/fleet/src/nats/permissions.js';
import { publish } from '../../../build/packages/fleet/src/nats/publish.js';
import { makeStreams } from '../../../build/packages/fleet/src/nats/streams.js';
import { decodeDelta, encodeDelta } from '../../../build/packages/fleet/src/wire/delta.js';
import { ScriptedWatcher } from '../../../build/packages/fleet/test/support/scripted-watcher.js';
import { startNatsServer } from '../../../build/packages/fleet/test/support/nats-server.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    namespaces: { type: 'string', default: '50' },
    pause: { type: 'string', default: '200' },
  },
});
if (process.pid !== 1) {
  const words = ['-pf', '--mount-proc', '--kill-child', process.execPath, ...process.argv.slice(1)];
  process.exit(spawnSync('unshare', words, { stdio: 'inherit' }).status ?? 1);
}
const seconds = Number(values.seconds);
const TICK = 10_000;

const EVENT = JSON.stringify({
  type: 'created',
  time: new Date().toISOString(),
  name: 'a-name-as-they-are',
  path: '/var/run/netns/a-name-as-they-are',
  directory: '/var/run/netns',
  nsid: null,
  ready: true,
  namespace: { id: '123456', dev: '4', ino: '4026531840', since: '1700000000000000000' },
});

const publishing = {
  acknowledged: async (link, subject, payload) =>
    (await publish(link, subject, payload, 10_000)).kind === 'kept',
  // What agents do not do: to tell what an acknowledgement costs.
  'not acknowledged': async (link, subject, payload) => (link.publish(subject, payload), true),
};

const ip = (...words) => execFileSync('ip', words);
execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run']);
for (const name of positionals.length > 0 ? positionals : ['rest', 'delta', 'latency'])
  await { rest, delta, latency }[name]();
process.exit();

/** Of this process, in parts of a core, over some time in which nothing happens, once it is warm. */
async function share() {
  await setTimeout(20_000);
  const [start, begin] = [process.cpuUsage(), process.hrtime.bigint()];
  await setTimeout(seconds * 1000);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / (Number(process.hrtime.bigint() - begin) / 1000);
}

async function rest() {
  for (let n = 0; n < Number(values.namespaces); n++) ip('netns', 'add', `rest-${n}`);
  const server = await startNatsServer();
  const admin = await connect({ servers: server.url });
  await makeStreams(admin);
  await admin.close();
  // What the agent adds: on a host that is a list, on which nothing happens.
  const host = new ScriptedWatcher();
  host.create(...Array.from({ length: Number(values.namespaces) }, (_, n) => `rest-${n}`));
  const added = await FleetAgent.start({ watcher: host.watcher, nats: { servers: server.url }, key: 'list' });
  const own = await share();
  await added.stop();
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
  const alone = await share();
  const agent = await FleetAgent.start({ watcher, nats: { servers: server.url }, key: 'rest' });
  const whole = await share();
  const percent = (part) => `${(100 * part).toFixed(3)} %`;
  console.log(
    `at rest, ${values.namespaces} namespaces, parts of a core: an agent without its watcher ${percent(own)}`,
  );
  console.log(`  the watcher ${percent(alone)}, an agent with it ${percent(whole)}`);
  await agent.stop();
  await server.stop();
  for (let n = 0; n < Number(values.namespaces); n++) ip('netns', 'del', `rest-${n}`);
}

/** Microseconds of CPU that the server has used: proc_pid_stat(5). */
function serverCpu({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/**
 * Agents that each publish a delta, wait for the acknowledgement, and come again after a while. And
 * the parts of that: without an acknowledgement, and where there is no stream to keep it.
 */
async function delta() {
  const keys = Array.from({ length: 200 }, (_, n) => `host-${n}`);
  const all = { user: 'all', password: 'p', permissions: { publish: ['>'], subscribe: ['>'] } };
  const agents = keys.map((key) => ({ user: key, password: 'p', permissions: agentPermissions(key, '0') }));
  const forms = {
    'agents in an account of their own': serverConfig([all], agents),
    'one account': serverConfig([all, ...agents], []),
  };
  for (const [form, config] of Object.entries(forms)) {
    const server = await startNatsServer({ config });
    const admin = await connect({ servers: server.url, user: 'all', pass: 'p' });
    const links = await Promise.all(
      keys.map((user) => connect({ servers: server.url, user, pass: 'p', inboxPrefix: `_INBOX_${user}` })),
    );
    const measure = async (what, way) => {
      for (const events of [1, 5]) {
        const payload = encodeDelta('0123456789abcdef', 1, Array(events).fill(EVENT));
        const until = Date.now() + (seconds * 1000) / 4;
        let count = 0;
        const before = serverCpu(server);
        await Promise.all(
          links.map(async (link, n) => {
            while (Date.now() < until) {
              await setTimeout(Math.random() * Number(values.pause));
              if (await way(link, `nlink.delta.0.${keys[n]}`, payload)) count++;
            }
            await link.flush();
          }),
        );
        const cost = (serverCpu(server) - before) / count;
        const rate = count / (seconds / 4);
        console.log(
          `delta of ${events} (${payload.length} bytes), ${what}, ${form}: server ${cost.toFixed(1)} µs at ${rate.toFixed(0)}/s`,
        );
      }
    };
    await measure('kept by nobody', publishing['not acknowledged']);
    await makeStreams(admin);
    for (const [what, way] of Object.entries(publishing)) await measure(what, way);
    for (const link of links) await link.close();
    await admin.close();
    await server.stop();
  }
}

async function latency() {
  const server = await startNatsServer();
  const reader = await connect({ servers: server.url });
  await makeStreams(reader);
  const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
  const agent = await FleetAgent.start({ watcher, nats: { servers: server.url }, key: 'latency' });
  const waits = [];
  reader.subscribe('nlink.delta.>', {
    callback(_, { data }) {
      const now = Date.now();
      for (const event of decodeDelta(data).events)
        if (event.type === 'created') waits.push(now - Date.parse(event.time));
    },
  });
  await reader.flush();
  await setTimeout(3000);
  for (const [what, pause] of [
    ['alone', () => 600],
    ['each 100 ms', () => 100],
    ['by chance, 250 ms', () => -250 * Math.log(Math.random())],
  ]) {
    waits.length = 0;
    for (let n = 0; n < 100; n++) {
      ip('netns', 'add', `latency-${n}`);
      await setTimeout(pause());
    }
    await setTimeout(1000);
    const sorted = [...waits].sort((a, b) => a - b);
    const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
    console.log(
      `created to a subscriber, ${String(what)}: ${sorted.length} of 100, median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${sorted.at(-1)} ms`,
    );
    for (let n = 0; n < 100; n++) ip('netns', 'del', `latency-${n}`);
    await setTimeout(2000);
  }
  await agent.stop();
  await reader.close();
  await server.stop();
}
