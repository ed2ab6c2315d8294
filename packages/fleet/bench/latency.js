/**
 * From a namespace that can be entered on one host to `created` at a reader, over a real nats-server:
 * agent, server and reader on this machine, in a sandbox. Usage, after `npm run build:test`:
 * latency.js [--additions N]. Prints figures; neither passes nor fails.
 *
 * Two paces: alone, with more than the agent's own pace between two, and in a row, where what
 * happens meanwhile gathers.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { enter, inside, namesDirectory } from '../../../bench/lib/sandbox.js';
import { connectNats } from '../../../build/packages/fleet/src/nats/connect.js';
import { makeStreams } from '../../../build/packages/fleet/src/nats/streams.js';
import { FleetWatcher } from '../../../build/packages/fleet/src/fleet-watcher.js';
import { natsTransport } from '../../../build/packages/fleet/src/transport/nats/nats-transport.js';
import { startNatsServer } from '../../../build/packages/fleet/test/support/nats-server.js';
import { createNamespace, deleteNamespace } from '../../../build/src/index.js';

const { values } = parseArgs({ options: { additions: { type: 'string', default: '100' } } });
const additions = Number(values.additions);
if (inside()) await measure();
else process.exitCode = await enter();

async function measure() {
  spawnSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });
  namesDirectory();
  const server = await startNatsServer({});
  const connection = await connectNats({ servers: server.url }, { name: 'init', inbox: '_INBOX_init' });
  await makeStreams(connection, {});
  await connection.close();
  const main = fileURLToPath(new URL('../../../build/packages/fleet/src/cli/main.js', import.meta.url));
  const agent = spawn(process.execPath, [main, 'agent', '--server', server.url, '--key', 'bench'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [line] = await once(createInterface(agent.stderr), 'line');
  console.log(line);
  const fleet = await FleetWatcher.open({ transport: natsTransport({ servers: server.url }) });
  const waiting = new Map();
  void (async () => {
    for await (const event of fleet)
      if (event.type === 'namespaceEvent' && event.event.type === 'created' && event.event.ready)
        waiting.get(event.event.name)?.(performance.now());
  })();
  try {
    await run('alone', () => 600 + Math.random() * 300, waiting);
    await run('in a row, 20 a second', () => 50, waiting);
  } finally {
    agent.kill();
    await once(agent, 'exit');
    await fleet.stop();
    await server.stop();
  }
}

async function run(title, pauseOf, waiting) {
  const told = [];
  for (let at = 0; at < additions; at++) {
    const name = `bench-${title.slice(0, 2)}-${at}`;
    const created = new Promise((resolve) => waiting.set(name, resolve));
    await createNamespace(name);
    const start = performance.now();
    told.push(created.then((end) => end - start));
    if (at >= 5) await deleteNamespace(`bench-${title.slice(0, 2)}-${at - 5}`);
    await pause(pauseOf());
  }
  const times = (await Promise.all(told)).sort((a, b) => a - b);
  const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(1);
  console.log(`${title}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms of ${times.length}`);
}
