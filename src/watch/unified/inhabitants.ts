/**
 * Who is in a namespace, as a scan of processes has it (process-namespaces.ts), and what that tells
 * of the namespace: whose it is, and whether it has any interface but `lo`. Both are asked when it
 * is found, and at the next scans: a runtime may move its first process to a control group, and an
 * interface to the namespace, a moment later. The second is asked now and then for good.
 */
import { STARTED_IN } from '../../netns/processes/first-owner.ts';
import type { ProcessGroup } from '../../netns/processes/process-groups.ts';
import type { ProcessOwner } from '../../netns/processes/process-owner.ts';
import type { NamespaceTarget } from './namespace-target.ts';
import type { NamespaceInhabitants } from './unified-events.ts';

/** What is asked of processes, by their numbers in one procfs. */
export interface InhabitantQueries {
  ownerOf: (pids: readonly number[]) => ProcessOwner | null;
  loOnly: (pid: number) => boolean | null;
}

/** For so many scans what is asked may still change. */
const YOUNG = 4;
/** So many processes are asked whose they are: the others are mostly the same one's. */
const MOST_ASKED = 2;

export interface Inhabitants extends Omit<NamespaceInhabitants, 'number'> {
  /** The number of `net/dev` in it. */
  readonly inode: number;
  /** By what the kernel is asked for the namespace; null: there is no way. */
  readonly target: NamespaceTarget | null;
  /** How many scans have seen it. */
  readonly scans: number;
}

/** Processes and threads in it, each by the number that stands for it everywhere. */
export const membersOf = ({ pids, threads }: ProcessGroup): number[] => [
  ...pids,
  ...threads.map(({ tid }) => tid),
];

/**
 * Those of a group.
 * @param before what was known of the same namespace
 * @param how `all`: asks anew what may change at any time; `settled`: they have been there for some
 *   time, as far as is known
 */
export function inhabitantsOf(
  group: ProcessGroup,
  target: NamespaceTarget | null,
  { ownerOf, loOnly }: InhabitantQueries,
  before: Inhabitants | null,
  { all, settled }: { all: boolean; settled: boolean },
): Inhabitants {
  const [first = 0] = membersOf(group);
  const pids = [...new Set([...group.pids, ...group.threads.map(({ pid }) => pid)])];
  const scans = settled ? YOUNG : (before?.scans ?? 0) + 1;
  const isYoung = scans <= YOUNG;
  const known = before?.owner ?? null;
  const asksOwner = before === null || (isYoung && (known === null || STARTED_IN.has(known.kind)));
  return {
    inode: group.inode,
    target,
    scans,
    pids,
    owner: asksOwner ? ownerOf(pids.slice(0, MOST_ASKED)) : known,
    // One that has had another interface is no sandbox.
    loOnly: (all || isYoung) && before?.loOnly !== false ? loOnly(first) : (before?.loOnly ?? null),
  };
}

/** What is emitted of those in a namespace with this number. */
export const reported = (number: number | null, inhabitants: Inhabitants | null): NamespaceInhabitants =>
  inhabitants === null
    ? { number, owner: null, pids: [], loOnly: null }
    : { number, owner: inhabitants.owner, pids: inhabitants.pids, loOnly: inhabitants.loOnly };
