/** `nlink exec`: a program in a namespace, or in each, as `ip netns exec` (ip-netns(8)). */
import { setImmediate } from 'node:timers/promises';
import type { NamespaceEntry } from '../../netns/entry.ts';
import { DEFAULT_DIRECTORY } from '../../reference/directory.ts';
import type { SystemError } from '../../sys/errno.ts';
import type { Ending } from '../../sys/program.ts';
import { argumentOf } from '../command.ts';
import type { Run } from '../command.ts';
import { directoriesOf } from '../directories.ts';
import { shown } from '../escape.ts';
import type { Io } from '../io.ts';
import { complain, note, Output } from '../output.ts';
import { REASONS } from '../reasons.ts';
import { referenceOf, targetOf, withMeaning } from '../target.ts';
import type { Target } from '../target.ts';

/** As env(1), nohup(1) and shells have them. */
const NOT_RUN = 126;
const NOT_FOUND = 127;

export const exec: Run = async (given, io) => {
  const words = given.arguments.get('command') as readonly string[];
  const directories = directoriesOf(given.options);
  if (given.options.has('all')) return everywhere(directories, words, io);
  const target = await targetOf(argumentOf(given, 'target'), directories, io);
  const name = nameOf(target, directories);
  const faults = await withMeaning(target, io, () => io.enterNamespace(referenceOf(target), name));
  for (const { from, onto, code, remedy } of faults)
    note(`${from} does not lie over ${onto} (${code}): ${remedy}`, io);
  return become(words, io);
};

async function become(words: readonly string[], io: Io): Promise<number> {
  try {
    return await io.become(words);
  } catch (error) {
    const { code, message, syscall } = error as SystemError;
    if (syscall !== 'execvp') throw error;
    complain(message, io);
    return code === 'ENOENT' ? NOT_FOUND : NOT_RUN;
  }
}

/** The name that is meant, also by a path into a directory of names; null: a path elsewhere, or a process. */
function nameOf(target: Target, directories: readonly string[]): string | null {
  if ('pid' in target) return null;
  if ('name' in target) return target.name;
  const end = target.path.lastIndexOf('/');
  const parent = target.path.slice(0, end);
  // Both spellings of where `ip netns` has its names.
  const isNamed = [...directories, DEFAULT_DIRECTORY, '/run/netns'].includes(parent);
  return isNamed ? target.path.slice(end + 1) : null;
}

/** @returns 0 if it ended with 0 in each, otherwise 1; what failed has been said */
async function everywhere(directories: readonly string[], words: readonly string[], io: Io): Promise<number> {
  const runAgain = await io.openRunner();
  const output = new Output(io.stdout, () => {});
  // What ends a program by SIGPIPE ends all.
  const forget = io.onReaderGone(output.readerGone);
  let status = 0;
  let count = 0;
  try {
    for (const directory of directories) {
      for (const entry of await io.listNamespaces({ directory })) {
        count++;
        const fault = entry.ready
          ? await runIn(entry, directory, words, output, runAgain)
          : `nothing was run: ${REASONS[entry.reason]}`;
        if (output.closed) return 0;
        if (fault === null) continue;
        complain(`${shown(entry.name)}: ${fault}`, io);
        status = 1;
      }
    }
  } finally {
    forget();
  }
  if (count === 0) note(`there is no namespace in ${directories.map(shown).join(', ')}`, io);
  return status;
}

/** @returns how it failed, or null. Nothing is run when nobody reads any more */
async function runIn(
  { name, path }: NamespaceEntry,
  directory: string,
  words: readonly string[],
  output: Output,
  runAgain: (words: readonly string[]) => Promise<Ending>,
): Promise<string | null> {
  await output.write(`\nnetns: ${shown(name)}\n`);
  if (output.closed) return null;
  // By its path, since digits that are no name any more would be a process.
  const ending = await runAgain(['exec', '--directory', directory, '--', path, ...words]);
  // The end of a program may be told before that of the pipe that it wrote to.
  await setImmediate();
  return failure(ending);
}

function failure({ status, signal }: Ending): string | null {
  if (status === 0) return null;
  return signal === null ? `ended with ${status}` : `ended by ${signal}`;
}
