/**
 * Who tells of names, and one turn of one of them: c/adder.c adds namespaces one at a time as `ip
 * netns add` does and removes them as `ip netns delete` does, and each watcher stamps what it is
 * told with the same clock.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer, script } from '../lib/peer.js';
import { acting, setApart } from '../lib/processors.js';
import { hasCommand, hasNlink, hasPackage, hasProgram, program } from '../lib/tools.js';

/**
 * Between two additions or deletions, and the longest pause between a file and its mount, in
 * microseconds.
 */
const GAP = 5000;
const PAUSE = 1000;
/** The kernel frees the namespaces on its own time; milliseconds. */
const CLEANUP = 700;

const FILES = ['created', 'deleted'];
const ALL = ['created', 'mounted', 'deleted'];

/**
 * @returns the peers; `tells`: what they tell of; `claims`: what they say when, for all that they
 *   know, the namespace is there
 */
export function namePeers(directory) {
  const javaScript = (name, ...args) => script(`name-events/${name}.js`, directory, ...args);
  const inotifywait = ['inotifywait', '-mq', '-e', 'create,delete', directory];
  const monitor = ['stdbuf', '-oL', 'ip', 'netns', 'monitor'];
  const nlink = (name, tells, command) => ({ name, there: hasNlink(), tells, claims: 'mounted', command });
  const file = (name, there, command) => ({ name, there, tells: FILES, claims: 'created', command });
  const limit = (name, there, command) => ({
    name,
    there,
    tells: ALL,
    claims: 'mounted',
    command,
  });
  return [
    limit('c-wait', hasProgram('c-wait'), [program('c-wait'), directory]),
    limit('bare Node', true, javaScript('bare-node')),
    nlink('nlink', ['mounted', 'deleted'], javaScript('nlink')),
    nlink('nlink, at once', ALL, javaScript('nlink', '0')),
    nlink('nlink, unified', ['mounted', 'deleted'], javaScript('unified')),
    file('fs.watch', true, javaScript('fs-watch')),
    file('chokidar', hasPackage('chokidar'), javaScript('chokidar')),
    file('@parcel/watcher', hasPackage('@parcel/watcher'), javaScript('parcel')),
    file('inotifywait', hasCommand('inotifywait'), javaScript('piped', ...inotifywait)),
    file('ip netns monitor', hasCommand('ip') && hasCommand('stdbuf'), javaScript('piped', ...monitor)),
  ];
}

/**
 * One peer, one round: latencies in microseconds by what was told, and what went wrong.
 * @param meanwhile gets the work, and lets something else happen while it is done
 */
export async function nameTurn({ command, tells, claims }, directory, additions, meanwhile) {
  const peer = new Peer(command);
  await peer.ready();
  setApart(peer);
  await peer.settled();
  const pacing = [GAP, PAUSE, GAP].map(String);
  const [added, removed] = await meanwhile(async () => {
    const adder = new Peer(acting([program('adder'), directory, String(additions), ...pacing]));
    return [await adder.ready(), await adder.finish()];
  });
  await peer.settled(200);
  const told = new Map();
  for (const [what, name, stamp, enterable] of words(await peer.stop()))
    told.set(`${what} ${name}`, { stamp: Number(stamp), enterable: enterable === '1' });
  await sleep(CLEANUP);
  return evaluate(words(added), words(removed), told, tells, claims);
}

const words = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));

function evaluate(added, removed, told, tells, claims) {
  const result = { latencies: {}, missed: {}, claimed: 0, early: 0, mounts: [], gaps: [] };
  const started = { created: new Map(), mounted: new Map(), deleted: new Map() };
  for (const [name, file, mounting, mounted] of added) {
    started.created.set(name, Number(file));
    started.mounted.set(name, Number(mounting));
    result.mounts.push((mounted - mounting) / 1e3);
    result.gaps.push((mounting - file) / 1e3);
    const claim = told.get(`${claims} ${name}`);
    if (claim === undefined) continue;
    result.claimed++;
    if (!claim.enterable || claim.stamp < mounting) result.early++;
  }
  for (const [name, , unlinking] of removed) started.deleted.set(name, Number(unlinking));
  for (const what of tells) {
    const found = Array.from(started[what], ([name, since]) => {
      const it = told.get(`${what} ${name}`);
      return it === undefined ? null : (it.stamp - since) / 1e3;
    });
    result.latencies[what] = found.filter((latency) => latency !== null);
    result.missed[what] = found.length - result.latencies[what].length;
  }
  return result;
}
