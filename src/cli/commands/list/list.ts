/**
 * `nlink list`: the names of network namespaces and what stands behind them, as `ip netns list`
 * (ip-netns(8)) and more.
 */
import { noteIncomplete } from '../shared/notes.ts';
import { painter, wantsColour } from '../../output/color.ts';
import type { Run } from '../../args/given.ts';
import { allDirectoriesOf, noteMissing } from '../../args/directories.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { ipList } from './ip-format.ts';
import { identityFields, located, reasonFields } from '../../../format/json.ts';
import { listColumns } from './columns.ts';
import { listLeaks } from './leaks.ts';
import { namesAlone } from './names.ts';
import { readList } from './rows.ts';
import type { Listed } from './listed.ts';
import type { ListRow } from './row.ts';
import { complain, note, print } from '../../output/output.ts';
import { globs } from '../../../reference/glob.ts';
import { patternsOf } from '../../args/name-patterns.ts';
import { choice } from '../../args/option-values.ts';
import { procOf } from '../../args/proc-option.ts';
import { LIST_FORMATS } from '../../spec/names.ts';
import { unseenProcesses } from '../../output/unseen-processes.ts';
import { Remedies } from '../../output/verdict-text.ts';

export const list: Run = async ({ options, arguments: args }, io) => {
  const format = choice(options, 'format', LIST_FORMATS) ?? 'columns';
  const patterns = patternsOf(args);
  const matches = patterns.length === 0 ? null : globs(patterns);
  const proc = await procOf(options, io);
  const directories = allDirectoriesOf(options, io);
  await noteMissing(options, io);
  if (format === 'ip') return print(await ipList(directories, matches, io), io);
  if (options.has('leaks')) return listLeaks({ directories, proc, json: options.has('json') }, io);
  if (options.has('names')) return print(await namesAlone(directories, matches, options, io), io);
  const processes = !options.has('no-processes');
  const all = options.has('all');
  const listed = await readList(io, { directories, matches, processes, all, proc });
  say(listed, proc, io);
  if (options.has('verbose')) sayWhatIsUnseen(listed, proc, io);
  if (options.has('json')) return print(`${safeJson(listed.rows.map((row) => asJson(row, all)))}\n`, io);
  if (listed.rows.length === 0) {
    const what = matches === null ? 'no network namespaces' : 'no matching names';
    note(`${what} in ${directories.map(shown).join(', ')}`, io);
    return 0;
  }
  const paint = painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color')));
  const style = { paint, directory: directories[0], processes };
  const fold = all && !options.has('sandboxes');
  return print(listColumns(listed.rows, { ...style, pids: all, fold }), io);
};

/**
 * Fields and their order as those of `present` in `nlink watch --json`.
 * @param all whether who is in each is known
 */
function asJson(row: ListRow, all: boolean): object {
  const { nsid, own, namespace, processes, processesComplete, byThread, owner, pids, loOnly } = row;
  const counted = { processes, processesComplete, byThread };
  const inside = all ? { pids, loOnly } : {};
  const known = { nsid, own, namespace: identityFields(namespace), ...counted, owner, ...inside };
  if (row.name === null) return { name: null, ...known, ...(all ? { mayBeNamed: row.mayBeNamed } : {}) };
  const state = row.ready ? { ready: true } : { ready: false, ...reasonFields(row) };
  return { ...located(row), ...state, ...known };
}

/** What is to be known beside the list. */
function say({ rows, ids }: Listed, proc: string, io: Io): void {
  const remedies = new Remedies(proc, { ofFiles: true });
  for (const row of rows) {
    const remedy = row.name === null || row.ready ? undefined : remedies.next(row);
    if (remedy !== undefined) note(remedy, io);
  }
  if (ids instanceof Error) note(`nsids are not available: ${ids.message}`, io);
  else {
    for (const { name, error } of ids.failed)
      complain(`cannot read the nsid of ${shown(name)}: ${error.message}`, io);
    if (ids.incomplete !== null) noteIncomplete(ids.incomplete, io);
  }
}

function sayWhatIsUnseen({ rows, unseen, whyMayBeNamed }: Listed, proc: string, io: Io): void {
  const what = unseen === null ? '' : unseenProcesses(unseen(), proc);
  if (what !== '') note(`process counts may be low: ${what}`, io);
  const doubtful = rows.filter((row) => row.name === null && row.mayBeNamed).length;
  if (doubtful === 0) return;
  const which = doubtful === 1 ? 'one namespace' : `${doubtful} namespaces`;
  const has = doubtful === 1 ? 'it has' : 'they have';
  note(`of ${which} it is not known whether ${has} one of these names: ${whyMayBeNamed}`, io);
}
