/** `nlink explain`: everything known of one namespace, and what keeps it alive. */
import type { LocatedName, NamespaceEntry } from '../../netns/entry.ts';
import type { NamespaceId } from '../../netns/identity.ts';
import { painter, wantsColour } from '../color.ts';
import { argumentOf } from '../command.ts';
import type { Run } from '../command.ts';
import { directoriesOf } from '../directories.ts';
import { safeJson, shown } from '../escape.ts';
import { asFields } from '../explain/explanation.ts';
import { asText } from '../explain/human.ts';
import { subjectOf } from '../explain/subject.ts';
import type { IdConnection, Io } from '../io.ts';
import { note, print } from '../output.ts';

export const explain: Run = async (given, io) => {
  const { options } = given;
  const named = directoriesOf(options);
  const { watched, refused } = options.has('containers')
    ? io.containerDirectories(named)
    : { watched: [], refused: [] };
  if (refused.length > 0)
    note(`left out, since this user may not read them: ${refused.map(shown).join(', ')}`, io);
  const directories = [...named, ...watched] as const;
  const inspector = await io.inspector();
  const connection = await connect(io);
  try {
    const subject = await subjectOf(argumentOf(given, 'target'), { directories, inspector, connection }, io);
    const { namespace } = subject;
    const names = await namesOf(namespace, directories, io);
    const initial = inspector.initial();
    const explanation = {
      ...subject,
      names,
      own: namespace.ino === inspector.own(),
      initial: initial === null ? null : namespace.ino === initial,
      holders: await inspector.holders(namespace),
      userNames: inspector.userNames(),
    };
    if (options.has('json')) return await print(`${safeJson(asFields(explanation))}\n`, io);
    const paint = painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color')));
    return await print(asText(explanation, { paint, all: options.has('all') }), io);
  } finally {
    connection?.close();
  }
};

/** Everything but the id can be said without netlink. */
async function connect(io: Io): Promise<IdConnection | null> {
  try {
    return await io.openConnection({});
  } catch (error) {
    note(`without ids (nsid): ${(error as Error).message}`, io);
    return null;
  }
}

/** By device and inode, which are unique among the living: `since` may differ where only a process is in it. */
async function namesOf(
  { id, dev, ino }: NamespaceId,
  directories: readonly string[],
  io: Io,
): Promise<LocatedName[]> {
  const listed = await Promise.all(
    directories.map(async (directory) =>
      (await entriesOf(directory, io)).map((entry) => ({ entry, directory })),
    ),
  );
  return listed
    .flat()
    .filter(
      ({ entry: { namespace } }) =>
        namespace !== null && namespace.dev === dev && namespace.ino === ino && namespace.id === id,
    )
    .map(({ entry: { name, path }, directory }) => ({ name, path, directory }));
}

/** Whatever else is known can be said without the names in a directory that cannot be read. */
async function entriesOf(directory: string, io: Io): Promise<NamespaceEntry[]> {
  try {
    return await io.listNamespaces({ directory });
  } catch (error) {
    note(`without the names in ${shown(directory)}: ${(error as Error).message}`, io);
    return [];
  }
}
