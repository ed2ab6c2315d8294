/** `nlink delete`: takes names off network namespaces, as `ip netns delete` (ip-netns(8)). */
import { joinPath } from '../../reference/names.ts';
import type { Run } from '../command.ts';
import { directoriesOf } from '../directories.ts';
import { safeJson, shown } from '../escape.ts';
import { describe, debugWanted } from '../failure.ts';
import { IdLife } from '../id-life.ts';
import type { Io } from '../io.ts';
import { named } from '../json.ts';
import { nameTargetOf, withHint } from '../name-target.ts';
import type { NameTarget } from '../name-target.ts';
import { note, print } from '../output.ts';

/** What became of one name. */
type Outcome = { file: NameTarget } & (
  | { error: null; nsid: number | null; alive: boolean | null }
  | { error: Error & { code?: string }; status: number }
);

export const delete_: Run = async ({ options, arguments: args }, io) => {
  const [directory] = directoriesOf(options);
  const all = options.has('all');
  const words = all
    ? (await io.listNamespaces({ directory })).map(({ name }) => name)
    : (args.get('name') ?? []);
  // All of them before anything is done.
  const files = words.map((word) => nameTargetOf(word, directory));
  if (all && files.length === 0) note(`there are no names in ${shown(directory)}`, io);
  const ids = new IdLife(io);
  const outcomes: Outcome[] = [];
  try {
    for (const file of files) outcomes.push(await remove(file, all, ids, io));
  } finally {
    ids.close();
  }
  if (options.has('json')) await print(`${safeJson(outcomes.map(asJson))}\n`, io);
  const statuses = outcomes.map((outcome) => (outcome.error === null ? 0 : outcome.status));
  const failed = statuses.filter((status) => status !== 0);
  // One status for all of them: the reason, if it is the same.
  return failed.every((status) => status === failed[0]) ? (failed[0] ?? 0) : 1;
};

async function remove(file: NameTarget, all: boolean, ids: IdLife, io: Io): Promise<Outcome> {
  const nsid = await ids.of(file.path);
  try {
    await io.calls.deleteNamespace(file.target, { directory: file.directory });
  } catch (error) {
    // Of all names, one that somebody else has deleted is as wanted.
    if (all && (error as NodeJS.ErrnoException).code === 'ENOENT')
      return { file, error: null, nsid, alive: null };
    const told = (await withHint(error, file, io)) as Error & { code?: string };
    const { text, status } = describe(told, debugWanted(io.env));
    io.stderr.write(text);
    return { file, error: told, status: status === 2 ? 1 : status };
  }
  const alive = nsid === null ? null : await ids.isAlive(nsid);
  if (alive === true)
    note(
      `${shown(file.word)} is gone, but its namespace lives on with nsid ${nsid}: a process, a socket, a descriptor, ` +
        'a mount or another name keeps it',
      io,
    );
  return { file, error: null, nsid, alive };
}

function asJson(outcome: Outcome): object {
  const name = named({ name: outcome.file.name, path: joinPath(outcome.file.directory, outcome.file.name) });
  if (outcome.error === null) return { ...name, deleted: true, nsid: outcome.nsid, alive: outcome.alive };
  const { code, message } = outcome.error;
  return { ...name, deleted: false, error: { code, message } };
}
