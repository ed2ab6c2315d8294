/** `nlink explain` of a link: where it is, how, where it leads, and whose that is. */
import { safeJson } from '../../../format/escape.ts';
import type { Io } from '../../host/io.ts';
import type { LinksEntry } from '../../../format/link-row.ts';
import { codedError } from '../../output/coded-error.ts';
import type { LabelOf } from '../../../format/link-text.ts';
import { print } from '../../output/output.ts';
import { rowFields } from '../../../format/link-row.ts';
import type { LinkRow } from '../../../format/link-row.ts';
import { labelsOf, linkSubjectOf } from './link-subject.ts';
import type { LinkSubject } from './link-subject.ts';
import { linkText } from './link-text.ts';
import type { LinkWord } from './link-word.ts';
import type { ExplainStyle } from './style.ts';
import type { Subject, Unreached } from './subject.ts';

interface Asked {
  directories: readonly [string, ...string[]];
  proc: string;
  /** The namespace that a word means. @throws Error: none */
  subject: (word: string) => Promise<Subject | Unreached>;
  /** Null: for a program. */
  style: ExplainStyle | null;
}

export async function explainLink({ namespace, link }: LinkWord, asked: Asked, io: Io): Promise<number> {
  const { directories, proc, style } = asked;
  const wanted = { fallbackTunnels: true, ownTable: false, statistics: false, addresses: true };
  const { entries } = await io.readLinks({ directories, proc, ...wanted });
  const entry = await entryOf(namespace, entries, asked);
  const subject = linkSubjectOf(link, entry, entries, directories[0]);
  return print(style === null ? `${safeJson(linkExplanation(subject))}\n` : linkText(subject, style), io);
}

/** What nlink itself calls it comes first, so that whatever it prints can be given. */
async function entryOf(
  word: string | null,
  entries: readonly LinksEntry[],
  { directories, subject }: Asked,
): Promise<LinksEntry> {
  const labels = labelsOf(entries, directories[0]);
  const found = entries.find(({ netns }) => {
    if (word === null) return netns.own;
    const { text, shown } = labels.of(netns);
    return (
      word === text || word === shown || netns.names.some(({ name, path }) => word === name || word === path)
    );
  });
  if (found !== undefined) return found;
  if (word === null) throw codedError('ENOENT', 'the links of this namespace could not be read');
  const meant = await subject(word);
  const same = entries.find(({ netns }) => {
    if (meant.namespace === null || netns.namespace === null)
      return netns.nsid !== null && netns.nsid === meant.nsid;
    // Both live: an inode is nobody else's meanwhile.
    return netns.namespace.dev === meant.namespace.dev && netns.namespace.ino === meant.namespace.ino;
  });
  if (same !== undefined) return same;
  throw codedError('ENOENT', `the links of ${word} could not be found: nothing that is watched leads there`);
}

/** The object of `--json`. */
function linkExplanation({ row, far, ports, carried, labels }: LinkSubject): object {
  const labelOf: LabelOf = (netns) => labels.of(netns);
  const whole = (of: LinkRow): object => ({
    ...rowFields(of, labelOf),
    pids: of.entry.netns.pids,
    addresses: of.entry.addresses === null ? null : (of.entry.addresses.get(of.link.ifindex) ?? []),
  });
  const end = ({ entry: { netns }, link: { ifindex, name } }: LinkRow): object => {
    return { netns: labelOf(netns).text, number: netns.number, ifindex, name };
  };
  return {
    link: whole(row),
    far: far === null ? null : whole(far),
    ports: ports.map(end),
    carries: carried.map(end),
  };
}
