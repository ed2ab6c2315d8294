/**
 * Measures nlink beside its peers: `npm run bench` or, once built, `node bench/run.js [FIGURE...]
 * [OPTION...]`. What it measures and how to read it stands in bench/README.md. Makes all it needs
 * in a sandbox of its own. No figure, however bad, makes it fail.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { busyHost } from './figures/busy-host.js';
import { commandStart } from './figures/command-start.js';
import { execAll } from './figures/exec-all.js';
import { idling } from './figures/idle.js';
import { latency } from './figures/latency.js';
import { linkEvents } from './figures/link-events.js';
import { linkRead } from './figures/link-read.js';
import { metrics } from './figures/metrics.js';
import { nsidBurst } from './figures/nsid-burst.js';
import { nsidDecode } from './figures/nsid-decode.js';
import { nsidList } from './figures/nsid-list.js';
import { nsidQuery } from './figures/nsid-query.js';
import { page } from './figures/page.js';
import { paced } from './figures/paced.js';
import { processScan } from './figures/process-scan.js';
import { stormNamespaces } from './figures/storm-namespaces.js';
import { storm } from './figures/storm.js';
import { unifiedCost } from './figures/unified-cost.js';
import { hasBuild } from './lib/builds.js';
import { describe, load, machine, version } from './lib/machine.js';
import { writeReport } from './lib/report.js';
import { enter, inside, namesDirectory } from './lib/sandbox.js';
import { printSection } from './lib/text.js';
import { compile, hasNlink, installPackages } from './lib/tools.js';

/** Each gets the counts and `directory`, and gives back a section (lib/section.js). */
const figures = {
  latency,
  paced,
  'busy-host': busyHost,
  storm,
  'storm-namespaces': stormNamespaces,
  idle: idling,
  'nsid-query': nsidQuery,
  'nsid-list': nsidList,
  'nsid-decode': nsidDecode,
  'nsid-burst': nsidBurst,
  'unified-cost': unifiedCost,
  'command-start': commandStart,
  'exec-all': execAll,
  'process-scan': processScan,
  'link-read': linkRead,
  'link-events': linkEvents,
  metrics,
  page,
};
const COUNTS = { rounds: 5, additions: 300, pairs: 200_000, namespaces: 2000 };
const usage = `node bench/run.js [${Object.keys(figures).join('|')} ...]
  --rounds N      how often each peer takes its turn (${COUNTS.rounds})
  --additions N   namespaces added in a round of latency and unified-cost (${COUNTS.additions})
  --pairs N       files created and deleted in a round of storm (${COUNTS.pairs})
  --namespaces N  namespaces added and removed in a round of storm-namespaces (${COUNTS.namespaces})
  --seconds N     how long idle (10) and busy-host (20) wait
  --names N       namespaces in paced (60 and 300), busy-host (500 and 5000), nsid-list (10, 100, 1000 and 5000), nsid-burst (4000), command-start (1000, 2000 and 5000), exec-all (40); processes in process-scan (10000)
  --before DIR    a checkout of the commit before, built: its nlink is measured beside this one
  --json FILE     write what was measured there too
  --report FILE   write the tables there as Markdown, and the charts into a folder beside it: docs/benchmarks.md
  --from FILE     measure nothing: print, and report, what --json wrote there`;

function options() {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ...Object.fromEntries(Object.keys(COUNTS).map((key) => [key, text])),
      seconds: text,
      names: text,
      before: text,
      json: text,
      report: text,
      from: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help) return null;
  const unknown = positionals.find((name) => !(name in figures));
  if (unknown !== undefined) throw new Error(`no figure is called ${unknown}`);
  if (values.report !== undefined && !values.report.endsWith('.md'))
    throw new Error('--report FILE must end in .md');
  const given = {};
  for (const key of [...Object.keys(COUNTS), 'seconds', 'names']) {
    if (values[key] === undefined) continue;
    given[key] = Number(values[key]);
    if (!Number.isSafeInteger(given[key]) || given[key] < 1)
      throw new Error(`--${key} must be a whole number from 1`);
  }
  const { json, report, from } = values;
  const before = values.before === undefined ? undefined : resolve(values.before);
  if (before !== undefined && !hasBuild(before)) throw new Error(`nlink is not built in ${before}`);
  return {
    given,
    before,
    json,
    report,
    from,
    wanted: positionals.length > 0 ? positionals : Object.keys(figures),
  };
}

async function measure(wanted, given, before) {
  const directory = namesDirectory();
  const results = {
    version: version(),
    date: new Date().toISOString(),
    machine: machine(),
    loadBefore: load(),
    // Where the build before lies is nobody's business.
    options: { ...given, ...(before === undefined ? {} : { before: 'DIR' }) },
    figures: {},
  };
  console.log(`${describe(results.machine)}\nload ${results.loadBefore.join(' ')}`);
  for (const name of wanted) {
    console.log(`\n${name}`);
    results.figures[name] = await figures[name]({ directory, ...COUNTS, ...given, before });
    printSection(results.figures[name]);
  }
  results.loadAfter = load();
  console.log(`\nload afterwards ${results.loadAfter.join(' ')}`);
  return results;
}

/** What was measured before. */
function read(path) {
  const results = JSON.parse(readFileSync(path, 'utf8'));
  console.log(`${describe(results.machine)}, ${results.date}\nload ${results.loadBefore.join(' ')}`);
  for (const [name, section] of Object.entries(results.figures)) {
    console.log(`\n${name}`);
    printSection(section);
  }
  return results;
}

function keep(results, { json, report }) {
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
  if (report !== undefined) writeReport(results, report);
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
  if (chosen.from !== undefined) {
    keep(read(chosen.from), chosen);
    return 0;
  }
  if (inside()) {
    // Leaving by exit ends every peer.
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1));
    keep(await measure(chosen.wanted, chosen.given, chosen.before), chosen);
    return 0;
  }
  if (!compile()) console.log('the C programs could not be compiled: `cc` is needed');
  if (!installPackages()) console.log('the packages of bench/package.json could not be installed');
  if (!hasNlink()) console.log('nlink is not built: `npm run build` first');
  return enter();
}

process.exitCode = await main();
