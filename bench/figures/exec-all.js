/**
 * What a program in each of 40 namespaces costs: `nlink exec --all` beside `ip -all netns exec`,
 * the programs that they start included. Each is a process of its own from start to end, and is
 * compared with the `ip` of the same turn.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink } from '../lib/tools.js';

const NAMES = 40;
const TURNS = 5;
const MOST = 3;
const RUSAGE_CHILDREN = -1;

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));
const nlink = (...words) => [process.execPath, main, 'exec', '--all', ...words, '--', 'true'];

/** The first is what the others are compared with. */
const peers = [
  { name: 'ip -all netns exec', command: ['ip', '-all', 'netns', 'exec', 'true'] },
  { name: 'nlink exec --all', command: nlink() },
  { name: 'nlink exec --all --jobs 2', command: nlink('--jobs', '2') },
  { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
];

const getrusage = koffi.load(null).func('int getrusage(int who, void *usage)');
/** struct rusage: user and system time, each of seconds and microseconds, and 14 numbers more. */
const usage = new BigInt64Array(18);

/** Milliseconds of CPU of all children that have ended, and of theirs. */
function ofChildren() {
  if (getrusage(RUSAGE_CHILDREN, usage) !== 0) throw new Error('getrusage failed');
  return Number(usage[0] + usage[2]) * 1e3 + Number(usage[1] + usage[3]) / 1e3;
}

function timeOf([program, ...args]) {
  const before = ofChildren();
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
  return ofChildren() - before;
}

function measure(turns) {
  const times = peers.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (let next = 0; next < peers.length; next++) {
      const at = (next + turn) % peers.length;
      times[at].push(timeOf(peers[at].command));
    }
  }
  return peers.map(({ name }, at) => ({
    name,
    milliseconds: times[at],
    ratios: times[at].map((time, turn) => time / times[0][turn]),
  }));
}

export async function execAll({ rounds, names = NAMES }) {
  const title = `a program in each of ${names} namespaces, ${rounds * TURNS} turns`;
  if (!hasNlink()) return notMeasured(title, 'nlink is absent');
  if (!hasCommand('ip')) return notMeasured(title, 'ip is absent');
  const { createNamespace, deleteNamespace } = await import('../../dist/index.js');
  const made = [];
  let results;
  try {
    // Where ip looks.
    for (let at = 0; at < names; at++) {
      await createNamespace(`bench${at}`);
      made.push(`bench${at}`);
    }
    results = measure(rounds * TURNS);
  } catch (error) {
    return notMeasured(title, error.message);
  } finally {
    for (const name of made) await deleteNamespace(name);
  }
  const ours = results.find(({ name }) => name === 'nlink exec --all');
  return section(title, {
    tables: [
      table(
        'CPU time from start to end, programs included',
        ['', 'ms', 'least', 'times ip'],
        results.map(({ name, milliseconds, ratios }) => [
          name,
          shown(median(milliseconds), 1),
          shown(Math.min(...milliseconds), 1),
          shownRatios(ratios),
        ]),
      ),
    ],
    targets: [target(`nlink exec --all: at most ${MOST} times ip`, median(ours.ratios) <= MOST)],
    measured: results,
  });
}
