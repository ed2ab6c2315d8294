/** What `nlink links` says on stderr of what it does not know, and how that could be known. */
import type { LinksState } from '../../../watch/links/link-types.ts';
import type { LinksFound } from '../../host/links.ts';
import { note } from '../../output/output.ts';
import type { NoteStreams } from '../../output/output.ts';
import { unseenProcesses } from '../../output/unseen-processes.ts';
import { LINK_RIGHTS } from '../../../format/link-row.ts';
import type { LinkRows } from './rows.ts';

/** By how links are known; nothing of those that are known in full. */
const NOTES: Readonly<Record<LinksState, ((which: string) => string) | null>> = {
  live: null,
  pending: (which) => `the links of ${which} could not be read in time: run it again`,
  approximate: (which) => `the links of ${which} change too fast to be followed: they may differ by now`,
  limited: (which) =>
    `of the links of ${which} only names are known, from /proc: more requires ${LINK_RIGHTS}`,
  closed: (which) => `the links of ${which} may not be looked at: that requires ${LINK_RIGHTS}`,
};

export function noteUnseenLinks(
  { linksFault, unnamedFault, unseen }: LinksFound,
  { entries }: LinkRows,
  proc: string,
  streams: NoteStreams,
): void {
  for (const [state, text] of Object.entries(NOTES)) {
    const count = entries.filter(({ linksState }) => linksState === state).length;
    if (text !== null && count > 0)
      note(text(count === 1 ? 'one namespace' : `${count} namespaces`), streams);
  }
  if (linksFault !== null) note(`links may be missed: ${linksFault.message}`, streams);
  if (unnamedFault !== null)
    note(`namespaces without a name or an nsid are not found: ${unnamedFault.message}`, streams);
  const missed = unseen === null ? '' : unseenProcesses(unseen, proc);
  if (missed !== '') note(`namespaces without a name may be missed: ${missed}`, streams);
}
