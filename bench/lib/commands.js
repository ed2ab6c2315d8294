/** Whole commands, each a process of its own from start to end, that take turns. */
import { spawnSync } from 'node:child_process';
import koffi from 'koffi';

const RUSAGE_CHILDREN = -1;
const getrusage = koffi.load(null).func('int getrusage(int who, void *usage)');
/** struct rusage: user and system time, each of seconds and microseconds, and 14 numbers more. */
const usage = new BigInt64Array(18);

/** Milliseconds of CPU of all children that have ended, and of theirs. */
function ofChildren() {
  if (getrusage(RUSAGE_CHILDREN, usage) !== 0) throw new Error('getrusage failed');
  return Number(usage[0] + usage[2]) * 1e3 + Number(usage[1] + usage[3]) / 1e3;
}

/** Milliseconds from start to end, and of CPU with that of all programs that it starts. */
function spend([program, ...args]) {
  const before = ofChildren();
  const began = performance.now();
  // The output is read, as by whoever asks.
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
  return { time: performance.now() - began, cpu: ofChildren() - before };
}

/**
 * Runs each command once in each turn, each time another one first.
 * @param peers with `name` and `command`
 * @returns `name`, and `time` and `cpu`: milliseconds, by turn
 */
export function commandsInTurn(peers, turns) {
  const spent = peers.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (let next = 0; next < peers.length; next++) {
      const at = (next + turn) % peers.length;
      spent[at].push(spend(peers[at].command));
    }
  }
  return peers.map(({ name }, at) => ({
    name,
    time: spent[at].map((it) => it.time),
    cpu: spent[at].map((it) => it.cpu),
  }));
}
