/** `nlink watch`: namespaces with names and nsids, or with `--nsids` the events of nsids. */
import type { Run } from '../../args/given.ts';
import { allDirectoriesOf } from '../../args/directories.ts';
import { followSettings } from './limit-settings.ts';
import { follow } from './follow.ts';
import { NsidReporter } from './nsid-reporter.ts';
import { NamespaceReporter } from './namespace-reporter.ts';
import { procOf } from '../../args/proc-option.ts';
import { nsidSettings, namespaceSettings } from './settings.ts';

export const watch: Run = async (given, io) => {
  const following = followSettings(given.options);
  if (given.options.has('nsids')) return follow(new NsidReporter(nsidSettings(given), io), following, io);
  const proc = await procOf(given.options, io);
  const settings = namespaceSettings(given, proc);
  const hook = following.hook === null ? null : { ...following.hook, proc };
  const reporter = new NamespaceReporter(settings, allDirectoriesOf(given.options, io), io);
  return follow(reporter, { ...following, hook }, io);
};
