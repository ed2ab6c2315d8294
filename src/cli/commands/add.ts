/** `nlink add`: makes a network namespace under a new name, as `ip netns add` (ip-netns(8)). */
import type { Run } from '../command.ts';
import { argumentOf } from '../command.ts';
import { directoriesOf } from '../directories.ts';
import { tellMade } from '../made-name.ts';
import { nameTargetOf, withOwner } from '../name-target.ts';

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
