/**
 * Sandboxes: namespaces that a program was put into so that it has no network. A desktop has dozens
 * (services with `PrivateNetwork=`, systemd.exec(5); firejail(1), bwrap(1); the processes of a
 * browser), which nobody looks for, so that they stand in one line.
 *
 * A container without a network is none: somebody started it by its name, and it may get one. Nor
 * is a namespace that only a thread is in: its program is about to do something with it.
 */
import type { ProcessOwnerKind } from '../../../netns/processes/process-owner.ts';
import type { ListRow } from './row.ts';

/** What each is called of which there may be several; in the order in which they are told. */
const WORDS: readonly (readonly [ProcessOwnerKind | null, string])[] = [
  ['firejail', 'firejail'],
  ['bubblewrap', 'bubblewrap'],
  ['flatpak', 'flatpak'],
  ['snap', 'snap'],
  ['service', 'services'],
  ['scope', 'scopes'],
  ['session', 'sessions'],
  [null, 'others'],
];
const KINDS: ReadonlySet<ProcessOwnerKind | null> = new Set(WORDS.map(([kind]) => kind));

export const isSandbox = ({ name, nsid, own, processes, loOnly, owner }: ListRow): boolean =>
  name === null &&
  nsid === null &&
  !own &&
  loOnly === true &&
  (processes ?? 0) > 0 &&
  KINDS.has(owner?.kind ?? null);

/** The line that stands for them. @param rows at least one */
export function foldedLine(rows: readonly ListRow[]): string {
  const counts = WORDS.flatMap(([kind, word]) => {
    const count = rows.filter(({ owner }) => (owner?.kind ?? null) === kind).length;
    return count === 0 ? [] : [`${word} ${count}`];
  });
  const what = rows.length === 1 ? '1 sandbox' : `${rows.length} sandboxes`;
  return `${what} with nothing but lo (${counts.join(', ')}): --sandboxes shows ${rows.length === 1 ? 'it' : 'them'}`;
}
