/**
 * An agent in a storm while its server is away: what memory it takes, and whether `nlink watch`
 * beside it tells as soon as without it. In a sandbox; needs a build (`npm run build` and
 * `npm run build:test`). Usage: storm.js [--rounds N] [--seconds N]. Prints figures; neither passes
 * nor fails.
 *
 * Files come and go in the directory of names 2,500 times a second, two events each. Five times a
 * second a namespace is made, and the time is taken until `nlink watch --json` has told it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { enter, inside, namesDirectory } from '../../../bench/lib/sandbox.js';
import { createNamespace, deleteNamespace } from '../../../build/src/index.js';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '20' } },
});
const PAIRS_A_SECOND = 2500;
/** Nobody listens there, in a network namespace of one's own. */
const AWAY = 'nats://127.0.0.1:4222';
const file = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const rssOf = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

if (inside()) await measure();
else process.exitCode = await enter();

async function measure() {
  const directory = namesDirectory();
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const hasAgent of [false, true]) {
      const agent = hasAgent
        ? await started('build/packages/fleet/src/cli/main.js', 'agent', '--server', AWAY)
        : null;
      const before = agent === null ? 0 : rssOf(agent.pid);
      const { events, times } = await storm(directory);
      const at = (share) => times[Math.floor((times.length - 1) * share)].toFixed(2);
      const memory =
        agent === null ? '' : `; agent ${before.toFixed(0)} MB, then ${rssOf(agent.pid).toFixed(0)} MB`;
      const what = hasAgent ? 'with an agent' : 'without';
      console.log(`${what}: ${events} events/s; told after ${at(0.5)} ms, p95 ${at(0.95)} ms${memory}`);
      await ended(agent);
    }
}

async function storm(directory) {
  const watch = spawn(process.execPath, [file('dist/cli/main.cjs'), 'watch', '--json', '--no-snapshot'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const waiting = new Map();
  const times = [];
  createInterface(watch.stdout).on('line', (line) => {
    const [, name] = /"type":"created".*?"name":"(probe-\d+)"/.exec(line) ?? [];
    const start = waiting.get(name);
    if (start !== undefined) times.push(performance.now() - start);
  });
  await pause(1500);
  let pairs = 0;
  let probes = 0;
  const began = performance.now();
  const seconds = Number(values.seconds);
  for (let passed = 0; passed < seconds; passed = (performance.now() - began) / 1000) {
    for (; pairs < passed * PAIRS_A_SECOND; pairs++) {
      const path = `${directory}/storm-${pairs % 64}`;
      writeFileSync(path, '');
      unlinkSync(path);
    }
    if (probes < passed * 5) {
      const name = `probe-${probes++}`;
      waiting.set(name, performance.now());
      await createNamespace(name);
    }
    await pause(2);
  }
  await pause(1000);
  for (let at = 0; at < probes; at++) await deleteNamespace(`probe-${at}`);
  await ended(watch);
  if (times.length !== probes) console.log(`${probes - times.length} were not told`);
  return { events: Math.round((pairs * 2) / seconds), times: times.sort((a, b) => a - b) };
}

async function started(path, ...words) {
  const child = spawn(process.execPath, [file(path), ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(createInterface(child.stderr), 'line');
  return child;
}

async function ended(child) {
  if (child === null) return;
  child.kill();
  await once(child, 'exit');
}
