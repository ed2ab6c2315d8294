/**
 * What a whole command takes beyond `node -e 0`: help, and the lists of a thousand namespaces. Each
 * is a process of its own from start to end, and is compared with the `node -e 0` of the same turn.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, shown } from '../lib/numbers.js';
import { notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink } from '../lib/tools.js';

const NAMES = 1000;
const TURNS = 10;
const TARGETS = { 'nlink --help': 25, 'nlink list': 60 };

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));
const nlink = (...words) => [process.execPath, main, ...words];

/** The first is what the others are compared with. */
const peers = [
  { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
  { name: 'nlink --help', command: nlink('--help') },
  { name: 'nlink list', command: nlink('list') },
  { name: 'nlink list --format ip', command: nlink('list', '--format', 'ip') },
  { name: 'ip netns list', command: ['ip', 'netns', 'list'] },
];

/** Milliseconds of a process from start to end. */
function timeOf([program, ...args]) {
  const began = performance.now();
  // The output is read, as by whoever asks.
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
  return performance.now() - began;
}

/** How many files of nlink a command loads: those of which V8 tells what was run of them. */
function modulesOf({ name, command: [program, ...args] }) {
  if (!name.startsWith('nlink')) return null;
  const reports = mkdtempSync(join(tmpdir(), 'nlink-bench-'));
  try {
    spawnSync(program, args, { env: { ...process.env, NODE_V8_COVERAGE: reports }, maxBuffer: 2 ** 26 });
    const [report] = readdirSync(reports);
    const { result } = JSON.parse(readFileSync(join(reports, report), 'utf8'));
    const root = new URL('../../dist/', import.meta.url).href;
    return result.filter(({ url }) => url.startsWith(root)).length;
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
  const times = new Map(there.map(({ name }) => [name, []]));
  const above = new Map(there.map(({ name }) => [name, []]));
  for (let turn = 0; turn < rounds * TURNS; turn++) {
    const taken = new Map();
    for (let next = 0; next < there.length; next++) {
      const { name, command } = there[(next + turn) % there.length];
      taken.set(name, timeOf(command));
    }
    for (const [name, time] of taken) {
      times.get(name).push(time);
      above.get(name).push(time - taken.get(peers[0].name));
    }
  }
  return there.map((peer) => ({
    name: peer.name,
    modules: modulesOf(peer),
    milliseconds: times.get(peer.name),
    above: above.get(peer.name),
  }));
}

export async function commandStart({ directory, rounds, names = NAMES }) {
  const title = `whole commands with ${names} names, ${rounds * TURNS} turns`;
  if (!hasNlink()) return notMeasured(title, 'nlink is absent');
  const there = peers.filter(({ command: [program] }) => program !== 'ip' || hasCommand('ip'));
  let results;
  try {
    results = await withNames(directory, names, () => measure(there, rounds));
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
    ],
    targets: Object.entries(TARGETS).map(([name, most]) => {
      const found = results.find((it) => it.name === name);
      return target(`${name}: at most ${most} ms above node -e 0`, median(found.above) <= most);
    }),
    measured: results,
  });
}
