/**
 * Keeps who acts and who is told of it apart, each on a processor of its own (sched_setaffinity(2),
 * by taskset(1)). Where both are on the same one, the watcher is not told before the actor sleeps:
 * with two halted processors of a virtual machine Linux wakes a watcher where the actor runs, now
 * and then, for a whole round, and that decides over everything else.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The processors that this process may use. */
const allowed = /^Cpus_allowed_list:\s+(\S+)$/m
  .exec(readFileSync('/proc/self/status', 'latin1'))[1]
  .split(',')
  .flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, at) => first + at);
  });

/** Whether there are two of them, and the means to choose. */
export const canPart = allowed.length > 1 && spawnSync('taskset', ['--version']).status === 0;

const [actors, ...watchers] = allowed;

/** The command, run on the processor of those who act. */
export const acting = (command) =>
  canPart ? ['taskset', '--cpu-list', String(actors), ...command] : command;

/**
 * Keeps the main thread of a watcher off that processor; its other threads, and programs that it
 * runs, go where they like.
 */
export function setApart(peer) {
  if (!canPart) return;
  const { status } = spawnSync('taskset', ['--cpu-list', '--pid', watchers.join(','), String(peer.pid)]);
  if (status !== 0) throw new Error(`${peer.name} could not be kept off processor ${actors}`);
}
