/** `nlink watch`: namespaces with their names and ids, or the bare events of ids. */
import type { Run } from '../command.ts';
import { shown } from '../escape.ts';
import { followSettings } from '../follow-settings.ts';
import { follow } from '../follow.ts';
import { IdTelling } from '../id-telling.ts';
import type { Io } from '../io.ts';
import { NamespaceTelling } from '../namespace-telling.ts';
import { note } from '../output.ts';
import { idSettings, namespaceSettings } from '../settings.ts';
import type { NamespaceSettings } from '../settings.ts';

export const watch: Run = async (given, io) => {
  const following = followSettings(given.options);
  if (given.options.has('ids')) return follow(new IdTelling(idSettings(given), io), following, io);
  const settings = namespaceSettings(given);
  return follow(new NamespaceTelling(settings, directoriesOf(settings, io), io), following, io);
};

function directoriesOf({ directories, containers }: NamespaceSettings, io: Io): readonly string[] {
  if (!containers) return directories;
  const { watched, refused } = io.containerDirectories(directories);
  if (refused.length > 0)
    note(`left out, since this user may not read them: ${refused.map(shown).join(', ')}`, io);
  return [...directories, ...watched];
}
