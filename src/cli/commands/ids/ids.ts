/**
 * `nlink ids`: the ids in the table of this network namespace, or of another one, and whose they
 * are.
 */
import { noteIncomplete } from '../shared/notes.ts';
import { rightAligned } from '../../output/align.ts';
import type { NamespaceEntry } from '../../../netns/names/entry.ts';
import { joinPath } from '../../../reference/names.ts';
import { painter, wantsColour } from '../../output/color.ts';
import type { Paint } from '../../output/color.ts';
import type { Run } from '../../args/given.ts';
import { directoriesOf, noteMissing } from '../../args/directories.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import { readNsidTable } from '../shared/nsid-table.ts';
import type { NsidRow, NsidTable, TableSource } from '../shared/nsid-table.ts';
import type { Io } from '../../host/io.ts';
import { named } from '../../../format/json.ts';
import { complain, note, print } from '../../output/output.ts';
import { readForeignNsidTable } from './foreign-nsid-table.ts';
import { targetOf } from '../../args/target.ts';
import type { Target } from '../../args/target.ts';

export const ids: Run = async ({ options }, io) => {
  const directories = directoriesOf(options);
  const word = options.get('target')?.[0];
  await noteMissing(options, io);
  const target = word === undefined ? null : await targetOf(word, directories, io);
  const { rows, incomplete, failed } = await read(io, directories, target);
  for (const { name, error } of failed)
    complain(`cannot read the nsid of ${shown(name)}: ${error.message}`, io);
  if (incomplete !== null) noteIncomplete(incomplete, io);
  if (options.has('json')) return print(`${safeJson(rows.map(asJson))}\n`, io);
  if (rows.length === 0) {
    note(`no nsids are assigned in ${target === null ? 'this' : 'that'} network namespace`, io);
    return 0;
  }
  const paint = painter(wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color')));
  return print(asColumns(rows, target !== null, { paint, directory: directories[0] }), io);
};

async function read(io: Io, directories: readonly string[], target: Target | null): Promise<NsidTable> {
  const connection = await io.openConnection({});
  try {
    const nsidsOf: TableSource['nsidsOf'] = (paths) => connection.getNsids(paths.map((path) => ({ path })));
    const listNames = async (): Promise<NamespaceEntry[]> => {
      const listed = await Promise.all(directories.map((directory) => io.listNamespaces({ directory })));
      return listed.flat().filter(({ ready }) => ready);
    };
    const fromSource = (source: TableSource): Promise<NsidTable> => readNsidTable(source, listNames, nsidsOf);
    if (target !== null) return await readForeignNsidTable(io, connection, target, fromSource);
    return await fromSource({ list: () => connection.beginListing(), nsidsOf });
  } finally {
    connection.close();
  }
}

const asJson = ({ nsid, names, own, current }: NsidRow): object => ({
  nsid,
  names: names.map(named),
  own,
  current,
});

interface Style {
  paint: Paint;
  /** A name in it stands alone, one in another as its path. */
  directory: string;
}

/** Numbers to the right, as lsns(8) has them. */
function asColumns(rows: readonly NsidRow[], withCurrent: boolean, style: Style): string {
  const nsids = ['NSID', ...rows.map(({ nsid }) => String(nsid))];
  const currents = ['CURRENT', ...rows.map(({ current }) => String(current ?? '-'))];
  const names = ['NAMES', ...rows.map((row) => namesOf(row, style))];
  const columns = withCurrent ? [rightAligned(nsids), rightAligned(currents)] : [rightAligned(nsids)];
  const lines = names.map((text, at) => [...columns.map((column) => column[at]), text].join('  ').trimEnd());
  return `${lines.join('\n')}\n`;
}

/** A plain name holds no space, so that what stands between two commas is one name. */
function namesOf({ names, own }: NsidRow, { paint, directory }: Style): string {
  const known = names
    .map(({ name, path }) => shown(path === joinPath(directory, name) ? name : path))
    .join(', ');
  if (!own) return known;
  return `${known === '' ? '' : `${known} `}${paint('cyan', '(this namespace)')}`;
}
