/**
 * Measures nlink beside its peers: `npm run bench` or, once built, `node bench/run.js [FIGURE...] [OPTION...]`. What it measures and how to
 * read it stands in bench/README.md. Makes all it needs in a sandbox of its own. No figure, however bad, makes it fail.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { commandStart } from './figures/command-start.js';
import { idling } from './figures/idle.js';
import { mountLatency } from './figures/mount-latency.js';
import { nsidBurst } from './figures/nsid-burst.js';
import { nsidDecode } from './figures/nsid-decode.js';
import { nsidLatency } from './figures/nsid-latency.js';
import { nsidList } from './figures/nsid-list.js';
import { nsidQuery } from './figures/nsid-query.js';
import { storm } from './figures/storm.js';
import { unifiedCost } from './figures/unified-cost.js';
import { describe, load, machine } from './lib/machine.js';
import { enter, inside, namesDirectory } from './lib/sandbox.js';
import { compile, hasNlink, installPackages } from './lib/tools.js';

const figures = {
  'mount-latency': mountLatency,
  storm,
  idle: idling,
  'nsid-query': nsidQuery,
  'nsid-list': nsidList,
  'nsid-decode': nsidDecode,
  'nsid-latency': nsidLatency,
  'nsid-burst': nsidBurst,
  'unified-cost': unifiedCost,
  'command-start': commandStart,
};
const usage = `node bench/run.js [${Object.keys(figures).join('|')} ...]
  --rounds N      how often each peer takes its turn (5)
  --additions N   namespaces added to each in a round of mount-latency (300)
  --pairs N       files created and deleted in a round of storm (200000)
  --seconds N     how long idle waits (10)
  --names N       namespaces in nsid-list (128, 2000 and 5000), nsid-burst (4000), command-start (1000)
  --json FILE     write what was measured there too`;

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      additions: { type: 'string', default: '300' },
      pairs: { type: 'string', default: '200000' },
      seconds: { type: 'string', default: '10' },
      names: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return null;
  const unknown = positionals.find((name) => !(name in figures));
  if (unknown !== undefined) throw new Error(`no figure is called ${unknown}`);
  const counts = {};
  for (const key of ['rounds', 'additions', 'pairs', 'seconds', 'names']) {
    if (values[key] === undefined) continue;
    counts[key] = Number(values[key]);
    if (!Number.isSafeInteger(counts[key]) || counts[key] < 1)
      throw new Error(`--${key} must be a whole number from 1`);
  }
  return {
    ...counts,
    json: values.json,
    wanted: positionals.length > 0 ? positionals : Object.keys(figures),
  };
}

async function measure({ wanted, json, ...counts }) {
  const directory = namesDirectory();
  const results = { machine: machine(), loadBefore: load(), options: counts };
  console.log(`${describe(results.machine)}\nload ${results.loadBefore.join(' ')}`);
  for (const name of wanted) results[name] = await figures[name]({ directory, ...counts });
  results.loadAfter = load();
  console.log(`\nload afterwards ${results.loadAfter.join(' ')}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
}

async function main() {
  let chosen;
  try {
    chosen = options();
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    return 2;
  }
  if (chosen === null) {
    console.log(usage);
    return 0;
  }
  if (inside()) {
    // Leaving by exit ends every peer.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1));
    await measure(chosen);
    return 0;
  }
  if (!compile()) console.log('the C programs could not be compiled: `cc` is needed');
  if (!installPackages()) console.log('chokidar and netlink could not be installed');
  if (!hasNlink()) console.log('nlink is not built: `npm run build` first');
  return enter();
}

process.exitCode = await main();
