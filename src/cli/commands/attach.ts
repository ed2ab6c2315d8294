/**
 * `nlink attach`: gives the network namespace of a process one more name, as `ip netns attach`
 * (ip-netns(8)).
 */
import type { NamespaceReference } from '../../reference/reference.ts';
import { argumentOf } from '../args/given.ts';
import type { Run } from '../args/given.ts';
import { directoriesOf } from '../args/directories.ts';
import { reportCreatedName } from './shared/created-name.ts';
import { nameTargetOf } from '../args/name-target.ts';
import { withHint, withOwner } from './shared/name-errors.ts';
import type { NameTarget } from '../args/name-target.ts';
import { isPid } from '../args/target.ts';

export const attach: Run = async (given, io) => {
  const [directory] = directoriesOf(given.options);
  const file = nameTargetOf(argumentOf(given, 'name'), directory);
  // As for ip: digits are a process, also where there is such a name.
  const word = argumentOf(given, 'target');
  const source = isPid(word) ? null : nameTargetOf(word, directory);
  try {
    const namespace = await io.calls.attachNamespace(file.target, referenceTo(word, source), {
      directory,
    });
    return await reportCreatedName(given, file, namespace, [source?.path ?? word], io);
  } catch (error) {
    throw await withOwner(source === null ? error : await withHint(error, source, io), file, io);
  }
};

const referenceTo = (word: string, source: NameTarget | null): NamespaceReference =>
  source === null ? { pid: Number(word) } : { path: source.path };
