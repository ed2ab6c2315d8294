/** `nlink add`: makes a network namespace under a new name, as `ip netns add` (ip-netns(8)). */
import type { Run } from '../spec/types.ts';
import { argumentOf } from '../spec/types.ts';
import { directoriesOf } from '../args/directories.ts';
import { tellMade } from './shared/created-name.ts';
import { nameTargetOf, withOwner } from '../args/name-target.ts';

export const add: Run = async (given, io) => {
  const [directory] = directoriesOf(given.options);
  const file = nameTargetOf(argumentOf(given, 'name'), directory);
  try {
    const namespace = await io.calls.createNamespace(file.target, { directory });
    return await tellMade(given, file, namespace, [], io);
  } catch (error) {
    throw await withOwner(error, file, io);
  }
};
