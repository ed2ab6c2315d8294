/**
 * What `nlink add` and `nlink attach` say of a name that they made: with `--json` an object; and on
 * stderr where others have it in vain.
 */
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { Elsewhere } from '../../../netns/mounts/mount-visibility.ts';
import { shellWord } from '../../../sys/shell-word.ts';
import type { Given } from '../../args/given.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { identityFields, named } from '../../../format/json.ts';
import type { NameTarget } from '../../args/name-target.ts';
import { note, print } from '../../output/output.ts';

/**
 * @param again the words by which it is made, after its name
 * @returns the exit status
 */
export async function reportCreatedName(
  { command, options }: Given,
  file: NameTarget,
  namespace: NamespaceId,
  again: readonly string[],
  io: Io,
): Promise<number> {
  const elsewhere = await io.calls.staleElsewhere(file.path);
  const line = { ...named(file), namespace: identityFields(namespace), staleElsewhere: elsewhere.stale };
  const status = await print(options.has('json') ? `${safeJson(line)}\n` : '', io);
  if (elsewhere.stale === true) note(await onlyHere(command.name, file, elsewhere, again, io), io);
  return status;
}

async function onlyHere(
  command: string,
  { name, path }: NameTarget,
  { process }: Elsewhere,
  again: readonly string[],
  io: Io,
): Promise<string> {
  const alone = `${shown(name)} is mounted only in this mount namespace`;
  if (process === null)
    return `${alone}: where its directory comes from (a container's host, or who started this), it is a file without a namespace; run nlink there`;
  const { pid, path: there } = process;
  const comm = await io.calls.commOf(pid, '/proc');
  const who = comm === null ? `PID ${pid}` : `PID ${pid} (${comm})`;
  const remove = `nlink delete -- ${shellWord(path)}`;
  const make = `nsenter --mount=/proc/${pid}/ns/mnt nlink ${command} -- ${[there, ...again].map(shellWord).join(' ')}`;
  return `${alone}: for others, such as ${who}, ${shown(there)} is a file without a namespace. To have it there: ${remove} && ${make}`;
}
