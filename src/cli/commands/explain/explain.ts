/** `nlink explain`: everything known of one namespace, or of one link in it. */
import type { LocatedName, NamespaceEntry } from '../../../netns/names/entry.ts';
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import { painter, wantsColour } from '../../output/color.ts';
import { argumentOf } from '../../args/given.ts';
import type { Run } from '../../args/given.ts';
import { directoriesOf } from '../../args/directories.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import { asFields, unreachedFields } from './explanation.ts';
import { explainLink } from './explain-link.ts';
import { linkWordOf } from './link-word.ts';
import { asText } from './text.ts';
import { subjectOf } from './subject.ts';
import type { Subject, Unreached } from './subject.ts';
import { unreachedText } from './unreached.ts';
import type { NsidConnection, Io } from '../../host/io.ts';
import type { Inspector } from '../../host/inspector.ts';
import { note, print } from '../../output/output.ts';
import { procOf } from '../../args/proc-option.ts';
import { referenceOf, targetOf } from '../../args/target.ts';

/** What everything is asked with. */
interface Place {
  directories: readonly [string, ...string[]];
  inspector: Inspector;
  proc: string;
  /** The namespace whose nsids are meant; null: that of this process. */
  table: string | null;
}

export const explain: Run = async (given, io) => {
  const { options } = given;
  const proc = await procOf(options, io);
  const named = directoriesOf(options);
  const { watched, refused } = options.has('containers')
    ? io.containerDirectories(named)
    : { watched: [], refused: [] };
  if (refused.length > 0) note(`skipped, not readable for this user: ${refused.map(shown).join(', ')}`, io);
  const directories = [...named, ...watched] as const;
  const inspector = await io.inspector(proc);
  const table = options.get('target')?.[0] ?? null;
  const place = { directories, inspector, proc, table };
  const style = {
    paint: painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color'))),
    all: options.has('all'),
  };
  const device = options.get('device')?.[0];
  const link =
    device === undefined
      ? await linkWordOf(argumentOf(given, 'target'), directories, io)
      : { namespace: null, link: device };
  if (link !== null) {
    const subject = (word: string): Promise<Subject | Unreached> => find(word, place, io);
    const asked = { directories, proc, subject, style: options.has('json') ? null : style };
    return explainLink(link, asked, io);
  }
  const subject = await find(argumentOf(given, 'target'), place, io);
  if (subject.namespace === null) {
    const unreached = { ...subject, table, unseen: await inspector.unseen() };
    const asJson = options.has('json') ? `${safeJson(unreachedFields(unreached))}\n` : null;
    return print(asJson ?? unreachedText(unreached, style), io);
  }
  const { namespace } = subject;
  const initial = inspector.initial();
  const names = await namesOf(namespace, directories, io);
  const realPath = (name: LocatedName): string => realPathOf(name, inspector);
  const paths = names.map(realPath);
  if (subject.given !== null && !paths.includes(realPath(subject.given))) names.push(subject.given);
  const explanation = {
    ...subject,
    table,
    names,
    realPaths: names.map(realPath),
    runtimes: watched,
    own: namespace.ino === inspector.own(),
    initial: initial === null ? null : namespace.ino === initial,
    ownMounts: inspector.ownMounts(),
    holders: await inspector.holders(namespace),
    userNames: inspector.userNames(),
  };
  if (options.has('json')) return print(`${safeJson(asFields(explanation))}\n`, io);
  return print(asText(explanation, style), io);
};

/**
 * Closes its connection before holders are looked for: its sockets are in the namespace whose nsids
 * are queried, and would count as holders of it.
 */
async function find(word: string, place: Place, io: Io): Promise<Subject | Unreached> {
  const connection = await connect(place, io);
  try {
    return await subjectOf(word, { ...place, connection }, io);
  } finally {
    connection?.close();
  }
}

/** Everything but the id can be said without netlink. */
async function connect({ directories, table, proc }: Place, io: Io): Promise<NsidConnection | null> {
  if (table !== null) {
    const target = await targetOf(table, directories, io);
    const path = 'pid' in target ? `${proc}/${target.pid}/ns/net` : null;
    return io.openConnection({ namespace: path === null ? referenceOf(target) : { path } });
  }
  try {
    return await io.openConnection({});
  } catch (error) {
    note(`without nsids: ${(error as Error).message}`, io);
    return null;
  }
}

/** The path of a name as mountinfo has it. */
function realPathOf({ name, directory }: LocatedName, inspector: Inspector): string {
  const real = inspector.realPath(directory);
  return `${real === '/' ? '' : real}/${name}`;
}

/**
 * By device and inode, which are unique among the living: `since` may differ where only a process
 * is in it.
 */
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
