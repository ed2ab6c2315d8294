/** `nlink pids`: the processes in a network namespace, as `ip netns pids` (ip-netns(8)). */
import { argumentOf } from '../command.ts';
import type { Run } from '../command.ts';
import { directoriesOf } from '../directories.ts';
import { safeJson, shown } from '../escape.ts';
import { note, print } from '../output.ts';
import { referenceOf, targetOf, withMeaning } from '../target.ts';
import type { Target } from '../target.ts';

export const pids: Run = async (given, io) => {
  const { options } = given;
  const directories = directoriesOf(options);
  const target = await targetOf(argumentOf(given, 'target'), directories, io);
  const found = await withMeaning(target, io, () =>
    io.calls.namespacePids(referenceOf(target), { threads: options.has('threads') }),
  );
  if (!found.complete)
    note(
      `not all processes may be looked at: there may be more than these ${found.pids.length} in ${called(target)} (root sees them, if it has all capabilities that they have)`,
      io,
    );
  if (options.has('json')) {
    const processes: object[] = [];
    for (const pid of found.pids) processes.push({ pid, comm: await io.calls.commOf(pid) });
    return print(`${safeJson(processes)}\n`, io);
  }
  return print(found.pids.map((pid) => `${pid}\n`).join(''), io);
};

function called(target: Target): string {
  if ('pid' in target) return `the namespace of process ${target.pid}`;
  return shown('name' in target ? target.name : target.path);
}
