/**
 * Which namespaces of two pictures of a host are the same. By identity (before Linux 6.18 device
 * and inode number, and since when); else by the agent's number of it, within one epoch; else,
 * where an nsid is all that is known, by that. A name without a namespace is itself. Ids of two
 * boots say nothing of each other: nothing is the same then but such names.
 */
import { identityKey } from '../core.ts';
import type { PageNamespace } from '../core.ts';

/** What two pictures have in common. */
export type Kin = 'epoch' | 'boot' | 'host';

/** Two epochs: 8 digits of the boot, 8 of the start. */
export function kinOf(before: string, after: string): Kin {
  if (before === after) return 'epoch';
  return before.slice(0, 8) === after.slice(0, 8) ? 'boot' : 'host';
}

/** What it may be known by, the surest first. */
function marksOf(one: PageNamespace, kin: Kin): string[] {
  const { identity, number, nsid, names } = one;
  const [name] = names;
  if (isUnready(one) && name !== undefined) return [`name ${name.path}`];
  if (kin === 'host') return [];
  const marks = identity === null ? [] : [`identity ${identityKey(identity)}`];
  if (number !== null && kin === 'epoch') marks.push(`number ${number}`);
  if (marks.length === 0 && nsid !== null) marks.push(`nsid ${nsid}`);
  return marks;
}

/** A name, and no namespace. */
export const isUnready = ({ identity, number, nsid, names }: PageNamespace): boolean =>
  identity === null && number === null && nsid === null && names.some(({ ready }) => !ready);

/** @returns what each is now, of those that are there still */
export function pairsOf(
  before: Iterable<PageNamespace>,
  after: Iterable<PageNamespace>,
  kin: Kin,
): Map<PageNamespace, PageNamespace> {
  const marked = new Map<string, PageNamespace>();
  for (const one of after) for (const mark of marksOf(one, kin)) marked.set(mark, one);
  const pairs = new Map<PageNamespace, PageNamespace>();
  const taken = new Set<PageNamespace>();
  for (const one of before)
    for (const mark of marksOf(one, kin)) {
      const now = marked.get(mark);
      if (now === undefined || taken.has(now)) continue;
      pairs.set(one, now);
      taken.add(now);
      break;
    }
  return pairs;
}
