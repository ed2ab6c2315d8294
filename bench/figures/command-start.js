/**
 * What a whole command takes beyond `node -e 0`: help, and the lists of a thousand namespaces. Each
 * is a process of its own from start to end, and is compared with the `node -e 0` of the same turn.
 * And the lists of thousands that have nsids (command-list.js).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ofEachBuild } from '../lib/builds.js';
import { commandsInTurn } from '../lib/commands.js';
import { median, shown } from '../lib/numbers.js';
import { notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink, hasProgram } from '../lib/tools.js';
import { lists } from './command-list.js';

const NAMES = 1000;
const TURNS = 10;
const TARGETS = { 'nlink --help': 25, 'nlink list': 60 };

const COMMANDS = ['--help', 'list', 'list --format ip'];

/** The first is what the others are compared with. */
const peers = (before) => [
  { name: 'node -e 0', there: true, command: [process.execPath, '-e', '0'] },
  ...ofEachBuild(before, ({ suffix, main }) =>
    COMMANDS.map((words) => ({
      name: `nlink ${words}${suffix}`,
      command: [process.execPath, main, ...words.split(' ')],
    })),
  ),
  { name: 'ip netns list', there: hasCommand('ip'), command: ['ip', 'netns', 'list'] },
];

/** How many files of nlink a command loads: those of which V8 tells what was run of them. */
function modulesOf({ name, command: [program, ...args] }) {
  if (!name.startsWith('nlink')) return null;
  const reports = mkdtempSync(join(tmpdir(), 'nlink-bench-'));
  try {
    spawnSync(program, args, { env: { ...process.env, NODE_V8_COVERAGE: reports }, maxBuffer: 2 ** 26 });
    const [report] = readdirSync(reports);
    const { result } = JSON.parse(readFileSync(join(reports, report), 'utf8'));
    return result.filter(({ url }) => url.includes('/dist/') && !url.includes('/node_modules/')).length;
  } finally {
    rmSync(reports, { recursive: true });
  }
}

/** With so many namespaces in the directory. */
async function withNames(directory, count, work) {
  const { createNamespace, deleteNamespace } = await import('../../dist/index.js');
  const made = [];
  try {
    for (let at = 0; at < count; at++) {
      await createNamespace(`bench${at}`, { directory });
      made.push(`bench${at}`);
    }
    return work();
  } finally {
    for (const name of made) await deleteNamespace(name, { directory });
  }
}

function measure(there, rounds) {
  const taken = commandsInTurn(there, rounds * TURNS);
  const [{ time: bare }] = taken;
  return taken.map(({ name, time }, at) => ({
    name,
    modules: modulesOf(there[at]),
    milliseconds: time,
    above: time.map((milliseconds, turn) => milliseconds - bare[turn]),
  }));
}

export async function commandStart({ directory, rounds, names: wanted, before }) {
  const names = wanted ?? NAMES;
  const title = `whole commands with ${names} names, ${rounds * TURNS} turns`;
  if (!hasNlink()) return notMeasured(title, 'nlink is absent');
  const there = peers(before).filter((peer) => peer.there);
  let results;
  let listing = {
    tables: [],
    notes: ['many names with nsids: not measured: needs a C compiler'],
    targets: [],
  };
  try {
    results = await withNames(directory, names, () => measure(there, rounds));
    if (hasProgram('adder') && hasProgram('nsid-assign'))
      listing = await lists({ directory, rounds, names: wanted, before });
  } catch (error) {
    return notMeasured(title, error.message);
  }
  return section(title, {
    tables: [
      table(
        'from start to end',
        ['', 'ms', 'least', 'above node -e 0', 'modules'],
        results.map(({ name, modules, milliseconds, above }) => [
          name,
          shown(median(milliseconds), 1),
          shown(Math.min(...milliseconds), 1),
          shown(median(above), 1),
          shown(modules),
        ]),
      ),
      ...listing.tables,
    ],
    notes: listing.notes,
    targets: Object.entries(TARGETS)
      .map(([name, most]) => {
        const found = results.find((it) => it.name === name);
        return target(`${name}: at most ${most} ms above node -e 0`, median(found.above) <= most);
      })
      .concat(listing.targets),
    measured: { start: results, lists: listing.measured },
  });
}
