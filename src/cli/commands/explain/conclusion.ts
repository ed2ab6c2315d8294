/**
 * What an explanation comes to, in one sentence: whether anything but its names keeps a namespace
 * alive. Pure.
 */
import { sawAll } from '../../output/unseen-holders.ts';
import { IP_DIRECTORIES } from '../../../reference/directory.ts';
import { shellWord } from '../../../sys/shell-word.ts';
import type { Explanation } from './explanation.ts';
import { isName, mountGroups } from './mount-groups.ts';
import type { MountGroup } from './mount-groups.ts';

export function conclusionOf(explanation: Explanation): string {
  const { holders } = explanation;
  const groups = mountGroups(explanation);
  const [named, elsewhere] = [groups.filter(isName), groups.filter((group) => !isName(group))];
  const other = named.length === 0 ? '' : 'other ';
  const kept = [
    counted(holders.processes.length, 'process', 'processes'),
    counted(holders.descriptors.length, 'open descriptor', 'open descriptors'),
    counted(holders.sockets.length, 'socket', 'sockets'),
    counted(holders.inFlight.length, 'descriptor in flight', 'descriptors in flight'),
    counted(holders.watches.length, 'watch', 'watches'),
    counted(elsewhere.length, `${other}mount`, `${other}mounts`),
  ].flat();
  const seen = sawAll(holders.unseen) ? '' : ' that can be seen';
  const names = named.length === 0 ? [] : [named.length === 1 ? 'its name' : `its ${named.length} names`];
  const [first] = kept;
  if (first !== undefined) {
    const all = [...kept, ...names];
    const many = all.length > 1 || !first.startsWith('1 ');
    return `${listed(all)} ${many ? 'keep' : 'keeps'} it alive`;
  }
  if (names[0] === undefined) return 'Nothing that can be seen keeps it alive; it may have ended meanwhile';
  return `Nothing${seen} but ${names[0]} keeps it alive: ${endOf(named, explanation)}`;
}

/** What ends a namespace that only names keep. */
function endOf(groups: readonly MountGroup[], { runtimes, holders }: Explanation): string {
  // Of several names that are one file, by a link between their directories, one is enough.
  const names = groups.flatMap(({ names: [name] }) => (name === undefined ? [] : [name]));
  if (names.some(({ directory }) => runtimes.includes(directory)))
    return 'it ends when the container runtime that made it deletes that';
  const { hidden, outside } = holders.unseen;
  // In a container the name may be the host's, and in use by what is not seen from here.
  if (hidden || outside) return 'what cannot be seen from here may keep it as well';
  const words = names.map(({ name, path, directory }) =>
    shellWord(IP_DIRECTORIES.has(directory) && !/^[-/]/.test(name) ? name : path),
  );
  const command = `\`nlink delete ${words.join(' ')}\``;
  return sawAll(holders.unseen) ? `${command} would end it` : `if that is all, ${command} would end it`;
}

const counted = (count: number, one: string, many: string): string[] =>
  count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];

function listed(texts: readonly string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}
