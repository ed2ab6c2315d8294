/** `nlink pids`: the processes in a network namespace, as `ip netns pids` (ip-netns(8)). */
import type { NamespacePids } from '../../netns/processes/pids.ts';
import { argumentOf } from '../args/given.ts';
import type { Run } from '../args/given.ts';
import { directoriesOf } from '../args/directories.ts';
import { safeJson, shown } from '../../format/escape.ts';
import { note, print } from '../output/output.ts';
import { procOf } from '../args/proc-option.ts';
import { referenceOf, targetOf } from '../args/target.ts';
import { explainTargetError } from './shared/target-query.ts';
import type { Target } from '../args/target.ts';
import { unseenProcesses } from '../output/unseen-processes.ts';

export const pids: Run = async (given, io) => {
  const { options } = given;
  const proc = await procOf(options, io);
  const directories = directoriesOf(options);
  const target = await targetOf(argumentOf(given, 'target'), directories, io);
  const threads = options.has('threads');
  const ask = (): Promise<NamespacePids> => io.calls.namespacePids(referenceOf(target), { threads, proc });
  const found = await explainTargetError(target, io, ask, proc);
  const { pids: inside, complete, unseen } = found;
  if (!complete)
    note(
      `there may be ${moreThan(inside.length)} in ${called(target)}: ${unseenProcesses(unseen, proc)}`,
      io,
    );
  if (options.has('json')) {
    const processes: object[] = [];
    for (const pid of inside) processes.push({ pid, comm: await io.calls.commOf(pid, proc) });
    return print(`${safeJson(processes)}\n`, io);
  }
  return print(inside.map((pid) => `${pid}\n`).join(''), io);
};

function moreThan(count: number): string {
  if (count === 0) return 'processes';
  return `more than ${count === 1 ? 'this one' : `these ${count}`}`;
}

function called(target: Target): string {
  if ('pid' in target) return `the namespace of process ${target.pid}`;
  return shown('name' in target ? target.name : target.path);
}
