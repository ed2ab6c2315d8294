/** `nlink watch`: namespaces with their names and ids, or the bare events of ids. */
import type { Run } from '../command.ts';
import { shown } from '../escape.ts';
import { follow } from '../follow.ts';
import { IdTelling } from '../id-telling.ts';
import type { Io } from '../io.ts';
import { NamespaceTelling } from '../namespace-telling.ts';
import { note } from '../output.ts';
import { idSettings, namespaceSettings } from '../settings.ts';
import type { NamespaceSettings } from '../settings.ts';

export const watch: Run = async (given, io) => {
  if (given.options.has('ids')) {
    await follow(new IdTelling(idSettings(given), io), io);
    return 0;
  }
  const settings = namespaceSettings(given);
  await follow(new NamespaceTelling(settings, directoriesOf(settings, io), io), io);
  return 0;
};

function directoriesOf({ directories, containers }: NamespaceSettings, io: Io): readonly string[] {
  if (!containers) return directories;
  const { watched, refused } = io.containerDirectories(directories);
  if (refused.length > 0)
    note(`left out, since this user may not read them: ${refused.map(shown).join(', ')}`, io);
  return [...directories, ...watched];
}
