/** `nlink pids`: the processes in a network namespace, as `ip netns pids` (ip-netns(8)). */
import { argumentOf } from '../command.ts';
import type { Run } from '../command.ts';
import { directoriesOf } from '../directories.ts';
import { safeJson, shown } from '../escape.ts';
import { nameTargetOf, withHint } from '../name-target.ts';
import { note, print } from '../output.ts';
import { referenceOf, targetOf } from '../target.ts';
import type { Target } from '../target.ts';

export const pids: Run = async (given, io) => {
  const { options } = given;
  const directories = directoriesOf(options);
  const target = await targetOf(argumentOf(given, 'target'), directories, io);
  const found = await io.calls
    .namespacePids(referenceOf(target), { threads: options.has('threads') })
    .catch(async (error: unknown) => {
      throw 'name' in target ? await withHint(error, nameIn(target, directories[0]), io) : error;
    });
  if (!found.complete)
    note(
      `not all processes may be looked at: there may be more than these ${found.pids.length} in ${called(target)} (root sees them, or CAP_SYS_PTRACE)`,
      io,
    );
  if (options.has('json')) {
    const processes: object[] = [];
    for (const pid of found.pids) processes.push({ pid, comm: await io.calls.commOf(pid) });
    return print(`${safeJson(processes)}\n`, io);
  }
  return print(found.pids.map((pid) => `${pid}\n`).join(''), io);
};

/** A name that is in none of the directories is meant to be in the first. */
const nameIn = ({ name }: { name: string }, directory: string): ReturnType<typeof nameTargetOf> =>
  nameTargetOf(name, directory);

function called(target: Target): string {
  if ('pid' in target) return `the namespace of process ${target.pid}`;
  return shown('name' in target ? target.name : target.path);
}
