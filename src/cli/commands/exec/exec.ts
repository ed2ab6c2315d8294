/** `nlink exec`: a program in a namespace, or in each, as `ip netns exec` (ip-netns(8)). */
import { splitPath } from '../../../reference/names.ts';
import { IP_DIRECTORIES } from '../../../reference/directory.ts';
import type { SystemError } from '../../../sys/errno.ts';
import { argumentOf } from '../../args/given.ts';
import type { Run } from '../../args/given.ts';
import { directoriesOf } from '../../args/directories.ts';
import { execInEach, noteFault } from './every-namespace.ts';
import type { Io } from '../../host/io.ts';
import { complain } from '../../output/output.ts';
import { referenceOf, targetOf } from '../../args/target.ts';
import { explainTargetError } from '../shared/target-query.ts';
import type { Target } from '../../args/target.ts';
import { MAX_JOBS, wholeNumber } from '../../args/option-values.ts';

/** As env(1), nohup(1) and shells have them. */
const NOT_RUN = 126;
const NOT_FOUND = 127;

export const exec: Run = async (given, io) => {
  const words = given.arguments.get('command') as readonly string[];
  const directories = directoriesOf(given.options);
  const sysMounts = given.options.has('sys-mounts');
  if (given.options.has('all')) {
    const jobs = wholeNumber(given.options, 'jobs', MAX_JOBS) ?? 1;
    return execInEach({ directories, words, sysMounts, jobs }, io);
  }
  const target = await targetOf(argumentOf(given, 'target'), directories, io);
  const view = { name: nameOf(target, directories), sysMounts };
  const faults = await explainTargetError(target, io, () => io.enterNamespace(referenceOf(target), view));
  for (const fault of faults) noteFault(fault, io);
  return execProgram(words, io);
};

async function execProgram(words: readonly string[], io: Io): Promise<number> {
  try {
    return await io.execProgram(words);
  } catch (error) {
    const { code, message, syscall } = error as SystemError;
    if (syscall !== 'execvp') throw error;
    complain(message, io);
    return code === 'ENOENT' ? NOT_FOUND : NOT_RUN;
  }
}

/**
 * The name that is meant, also by a path into a directory of names; null: a path elsewhere, or a
 * process.
 */
function nameOf(target: Target, directories: readonly string[]): string | null {
  if ('pid' in target) return null;
  if ('name' in target) return target.name;
  const { directory, name } = splitPath(target.path);
  return directories.includes(directory) || IP_DIRECTORIES.has(directory) ? name : null;
}
