/**
 * What a whole `nlink list` takes where there are thousands of names and all have nsids, beside
 * `ip netns list`: each asks for the nsid of each name.
 */
import { spawnSync } from 'node:child_process';
import { before, hasBefore, ofEachBuild } from '../lib/builds.js';
import { commandsInTurn } from '../lib/commands.js';
import { assignIds, withNamespaces } from '../lib/nsids.js';
import { median, shown, shownRatios } from '../lib/numbers.js';
import { atMost, roundRatios, table } from '../lib/section.js';
import { hasCommand } from '../lib/tools.js';

const SIZES = [2000, 5000];
const TURNS = 3;
/** Of `ip netns list`, which takes its time to look for an nsid among many. */
const OF_IP = 1.5;
const OF_IP_AMONG_MANY = 0.9;
const MANY = 5000;

const IP = 'ip netns list';

function peers(build) {
  const all = ofEachBuild(build, ({ suffix, main }) => [
    { name: `nlink list${suffix}`, command: [process.execPath, main, 'list'] },
  ]);
  return [
    { name: 'node -e 0', there: true, command: [process.execPath, '-e', '0'] },
    ...all,
    { name: IP, there: hasCommand('ip'), command: ['ip', 'netns', 'list'] },
  ].filter(({ there }) => there);
}

/** How many of the names a command lists with an nsid. */
function listed({ command: [program, ...args] }) {
  const { stdout } = spawnSync(program, args, { encoding: 'latin1', maxBuffer: 2 ** 26 });
  return Array.from(stdout.matchAll(/^added-\d+\b.*\b\d+\b/gm)).length;
}

/** @param names how many, if not as many as usual */
export async function lists({ directory, rounds, names, before: build }) {
  const results = [];
  for (const size of names === undefined ? SIZES : [names]) {
    await withNamespaces(directory, size, async () => {
      await assignIds(`/proc/${process.pid}/ns/net`, directory, size);
      const there = peers(build);
      const short = there.filter((peer) => peer.name.includes('list') && listed(peer) !== size);
      results.push({
        size,
        short: short.map(({ name }) => name),
        peers: commandsInTurn(there, rounds * TURNS),
      });
    });
  }
  return {
    tables: results.map(tableOf),
    notes: results.flatMap(({ size, short }) =>
      short.map((name) => `${size} names: ${name} does not list all with their nsids`),
    ),
    targets: results.flatMap(targets),
    measured: results,
  };
}

function tableOf({ size, peers: there }) {
  const of = (name) => there.find((peer) => peer.name === name);
  const paired = hasBefore(there);
  return table(
    `${size} names with nsids`,
    ['', 'ms', 'least', `x ${IP}`, ...(paired ? ['x before'] : []), 'CPU ms'],
    there.map((peer) => [
      peer.name,
      shown(median(peer.time), 1),
      shown(Math.min(...peer.time), 1),
      shownRatios(roundRatios(peer, of(IP), 'time')),
      ...(paired ? [shownRatios(roundRatios(peer, before(there, peer.name), 'time'))] : []),
      shown(median(peer.cpu), 1),
    ]),
  );
}

function targets({ size, peers: there }) {
  const [nlink, ip] = ['nlink list', IP].map((name) => there.find((peer) => peer.name === name));
  return atMost(`nlink list, ${size} names with nsids`, roundRatios(nlink, ip, 'time'), {
    limit: size < MANY ? OF_IP : OF_IP_AMONG_MANY,
    of: IP,
  });
}
