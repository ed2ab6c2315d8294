/** `nlink links`: the interfaces of all network namespaces, and what each is connected to. */
import { globs } from '../../../reference/glob.ts';
import type { Options, Run } from '../../args/given.ts';
import { allDirectoriesOf, noteMissing } from '../../args/directories.ts';
import { patternsOf } from '../../args/name-patterns.ts';
import { choice, words } from '../../args/option-values.ts';
import { procOf } from '../../args/proc-option.ts';
import { painter, wantsColour } from '../../output/color.ts';
import { safeJson, shown } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import { note, print } from '../../output/output.ts';
import { UsageError } from '../../output/usage-error.ts';
import { LINK_FORMATS } from '../../spec/links.ts';
import type { LinkFormat } from '../../spec/links.ts';
import { dotText } from './dot.ts';
import { graphOf } from './graph.ts';
import { rowFields } from '../../../format/link-row.ts';
import { mermaidText } from './mermaid.ts';
import { noteUnseenLinks } from './notes.ts';
import { rowsOf } from './rows.ts';
import type { LinkFilter, LinkRows } from './rows.ts';
import { linkTable } from './table.ts';

export const links: Run = async ({ options, arguments: args }, io) => {
  const format = options.has('json') ? 'json' : (choice(options, 'format', LINK_FORMATS) ?? 'table');
  const filter = filterOf(options, patternsOf(args));
  const counted = options.has('stats');
  if (counted && (format === 'dot' || format === 'mermaid'))
    throw new UsageError(`--stats cannot be used with --format ${format}: it has no place for counters`);
  const proc = await procOf(options, io);
  const directories = allDirectoriesOf(options, io);
  await noteMissing(options, io);
  const asked = {
    fallbackTunnels: options.has('all'),
    ownTable: options.has('own-table'),
    statistics: counted,
    addresses: false,
  };
  const found = await io.readLinks({ directories, proc, ...asked });
  const rows = rowsOf(found.entries, filter, directories[0]);
  noteUnseenLinks(found, rows, proc, io);
  if (rows.rows.length === 0 && format === 'table') {
    note(nothing(rows, filter, directories), io);
    return 0;
  }
  return print(written(rows, format, counted, options, io), io);
};

function filterOf(options: Options, patterns: readonly string[]): LinkFilter {
  const excluded = options.get('exclude-link') ?? [];
  return {
    namespaces: patterns.length === 0 ? null : globs(patterns),
    lo: options.has('all'),
    excludeKinds: new Set(words(options, 'exclude-kind')),
    excludeNames: excluded.length === 0 ? null : globs(excluded),
  };
}

function written(rows: LinkRows, format: LinkFormat, counted: boolean, options: Options, io: Io): string {
  const { labels } = rows;
  switch (format) {
    case 'json': {
      const all = rows.rows.map((row) => ({
        ...rowFields(row, (netns) => labels.of(netns)),
        ...(counted ? { statistics: row.statistics } : {}),
      }));
      return `${safeJson(all)}\n`;
    }
    case 'dot':
      return dotText(graphOf(rows));
    case 'mermaid':
      return mermaidText(graphOf(rows));
    default: {
      const colours = wantsColour(io.env, io.stdout.isTTY === true, options.has('no-color'));
      return linkTable(rows, counted, painter(colours));
    }
  }
}

function nothing(
  { entries, leftOut }: LinkRows,
  { namespaces, lo }: LinkFilter,
  directories: readonly string[],
): string {
  if (namespaces !== null && entries.length === 0)
    return `no matching names in ${directories.map(shown).join(', ')}`;
  if (leftOut === 0) return 'no links';
  return lo ? 'no links but those that were excluded' : 'nothing but lo: --all shows it';
}
