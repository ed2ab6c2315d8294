/** Asks for the namespace that NAME|PATH|PID means (args/target.ts); errors explain the word. */
import { codedError } from '../../output/coded-error.ts';
import { splitPath } from '../../../reference/names.ts';
import { directoriesOf } from '../../args/directories.ts';
import { argumentOf } from '../../args/given.ts';
import type { Given } from '../../args/given.ts';
import { targetOf } from '../../args/target.ts';
import type { Target } from '../../args/target.ts';
import type { NsidConnection, Io } from '../../host/io.ts';
import { withVerdict } from '../../host/name-verdicts.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import { named } from '../../../format/json.ts';
import { withHint } from './name-errors.ts';

/**
 * Runs what `nlink id` and `nlink set` are about, on a connection of its own, and gives the answer
 * as text.
 */
export async function queryNsid(
  given: Given,
  io: Io,
  ask: (connection: NsidConnection, target: Target) => Promise<number | null>,
): Promise<string> {
  const { options } = given;
  const target = await targetOf(argumentOf(given, 'target'), directoriesOf(options), io);
  const connection = await io.openConnection({});
  try {
    const nsid = await explainTargetError(target, io, () => ask(connection, target));
    return options.has('json') ? `${safeJson({ nsid, ...meant(target) })}\n` : `${nsid ?? 'none'}\n`;
  } finally {
    connection.close();
  }
}

function meant(target: Target): object {
  if ('pid' in target) return { pid: target.pid };
  return 'name' in target ? named(target) : target;
}

/**
 * Adds to a failure what the user needs: the name that was probably meant, that digits were taken
 * for a process, or why something is no namespace.
 * @param proc where procfs is mounted
 */
export async function explainTargetError<T>(
  target: Target,
  io: Pick<Io, 'calls'>,
  ask: () => Promise<T>,
  proc = '/proc',
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // EINVAL: netlink's word for it.
    if ((code === 'ERR_NLINK_NOT_A_NAMESPACE' || code === 'EINVAL') && 'path' in target)
      throw await withVerdict(error as Error, target.path, proc, io);
    if ('name' in target) {
      throw await withHint(error, { ...target, directory: splitPath(target.path).directory }, io);
    }
    // ENOENT: its file in /proc.
    if (!('pid' in target) || (code !== 'ESRCH' && code !== 'ENOENT')) throw error;
    const said = `${message}; ${target.pid} is not a name in ${target.directories.map(shown).join(', ')} either`;
    throw codedError(code, said, { cause: error });
  }
}
