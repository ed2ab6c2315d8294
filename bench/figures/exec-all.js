/**
 * What a program in each of 40 namespaces costs: `nlink exec --all` beside `ip -all netns exec`,
 * the programs that they start included. Each is a process of its own from start to end, and is
 * compared with the `ip` of the same turn.
 */
import { fileURLToPath } from 'node:url';
import { commandsInTurn } from '../lib/commands.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { notMeasured, section, table, target } from '../lib/section.js';
import { hasCommand, hasNlink } from '../lib/tools.js';

const NAMES = 40;
const TURNS = 5;
const MOST = 3;

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));
const nlink = (...words) => [process.execPath, main, 'exec', '--all', ...words, '--', 'true'];

/** The first is what the others are compared with. */
const peers = [
  { name: 'ip -all netns exec', command: ['ip', '-all', 'netns', 'exec', 'true'] },
  { name: 'nlink exec --all', command: nlink() },
  { name: 'nlink exec --all --jobs 2', command: nlink('--jobs', '2') },
  { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
];

function measure(turns) {
  const taken = commandsInTurn(peers, turns);
  const [{ cpu: ip }] = taken;
  return taken.map(({ name, cpu }) => ({
    name,
    milliseconds: cpu,
    ratios: cpu.map((time, turn) => time / ip[turn]),
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
