/** `nlink watch`: namespaces with their names and ids, or the bare events of ids. */
import type { Run } from '../../args/given.ts';
import { allDirectoriesOf } from '../../args/directories.ts';
import { followSettings } from './limit-settings.ts';
import { follow } from './follow.ts';
import { IdTelling } from './nsid-reporter.ts';
import { NamespaceTelling } from './namespace-reporter.ts';
import { procOf } from '../../args/proc-option.ts';
import { idSettings, namespaceSettings } from './settings.ts';

export const watch: Run = async (given, io) => {
  const following = followSettings(given.options);
  if (given.options.has('ids')) return follow(new IdTelling(idSettings(given), io), following, io);
  const proc = await procOf(given.options, io);
  const settings = namespaceSettings(given, proc);
  const hook = following.hook === null ? null : { ...following.hook, proc };
  const telling = new NamespaceTelling(settings, allDirectoriesOf(given.options, io), io);
  return follow(telling, { ...following, hook }, io);
};
