/**
 * `nlink identify`: which names the network namespace of a process has, as `ip netns identify`
 * (ip-netns(8)), all of them.
 */
import type { Run } from '../args/given.ts';
import { allDirectoriesOf, noteMissing } from '../args/directories.ts';
import { quoted, safeJson, shown } from '../../format/escape.ts';
import type { Io } from '../host/io.ts';
import { identityFields, located } from '../../format/json.ts';
import { note, print } from '../output/output.ts';
import { procOf } from '../args/proc-option.ts';
import { isPid } from '../args/target.ts';
import { UsageError } from '../output/usage-error.ts';

export const identify: Run = async (given, io) => {
  const { options } = given;
  const word = given.arguments.get('pid')?.[0] ?? 'self';
  if (word !== 'self' && !isPid(word))
    throw new UsageError(`PID must be a process ID or self, not ${quoted(word)}`);
  const pid = word === 'self' ? undefined : Number(word);
  const proc = await procOf(options, io);
  const directories = allDirectoriesOf(options, io);
  await noteMissing(options, io);
  const { names, namespace } = await io.calls.identify(pid === undefined ? undefined : { pid }, {
    directories,
    proc,
  });
  const nsid = await nsidOf(io, pid, proc);
  if (options.has('json')) {
    const document = {
      pid: pid ?? 'self',
      names: names.map(located),
      nsid,
      namespace: identityFields(namespace),
    };
    return print(`${safeJson(document)}\n`, io);
  }
  const { ino, id } = namespace;
  const known = [
    `net:[${ino}]`,
    ...(id === null ? [] : [`id ${id}`]),
    ...(nsid === null ? [] : [`nsid ${nsid}`]),
  ];
  if (names.length === 0) note(`${known.join(', ')} has no name in ${directories.map(shown).join(', ')}`, io);
  const lines = names.map(({ name, path, directory }) => {
    const text = shown(directory === directories[0] ? name : path);
    return options.has('long') ? [text, ...known].join('  ') : text;
  });
  return print(lines.map((line) => `${line}\n`).join(''), io);
};

/** Null also where nsids cannot be queried, so that the names are printed all the same. */
async function nsidOf(io: Io, pid: number | undefined, proc: string): Promise<number | null> {
  try {
    const connection = await io.openConnection({});
    try {
      // By its path, and not by its number, which may be that of another process where the procfs
      // is of another PID namespace.
      return await connection.getNsid({
        path: pid === undefined ? '/proc/self/ns/net' : `${proc}/${pid}/ns/net`,
      });
    } finally {
      connection.close();
    }
  } catch {
    return null;
  }
}
