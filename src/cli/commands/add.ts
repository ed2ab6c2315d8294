/** `nlink add`: makes a network namespace under a new name, as `ip netns add` (ip-netns(8)). */
import type { Run } from '../args/given.ts';
import { argumentOf } from '../args/given.ts';
import { directoriesOf } from '../args/directories.ts';
import { reportCreatedName } from './shared/created-name.ts';
import { nameTargetOf } from '../args/name-target.ts';
import { withOwner } from './shared/name-errors.ts';

export const add: Run = async (given, io) => {
  const [directory] = directoriesOf(given.options);
  const file = nameTargetOf(argumentOf(given, 'name'), directory);
  try {
    const namespace = await io.calls.createNamespace(file.target, { directory });
    return await reportCreatedName(given, file, namespace, [], io);
  } catch (error) {
    throw await withOwner(error, file, io);
  }
};
