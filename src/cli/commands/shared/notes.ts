/** What several commands note on stderr beside their output. */
import type { IncompleteReason } from '../../../netlink/nsid-listing.ts';
import type { NamespaceSource } from '../../host/io.ts';
import { note } from '../../output/output.ts';
import type { NoteStreams } from '../../output/output.ts';

const INCOMPLETE: Readonly<Record<IncompleteReason, string>> = {
  'dump-truncated': 'since Linux 6.10 the kernel truncates its list after about 1150 nsids',
  'dump-interrupted': 'nsids changed while the kernel listed them',
};

/** That a list of nsids may lack some. @param reason null: the list does not say why */
export function noteIncomplete(reason: IncompleteReason | null, streams: NoteStreams): void {
  const why = reason === null ? ': the kernel did not list them all' : ` (${reason}): ${INCOMPLETE[reason]}`;
  note(`there may be more nsids than these${why}`, streams);
}

/** Which directories of a watch are still to come. @returns these */
export function noteMissingDirectories(source: NamespaceSource, streams: NoteStreams): string[] {
  const missing = source.missingDirectories();
  for (const directory of missing) note(`${directory} does not exist yet; waiting for it`, streams);
  return missing;
}
