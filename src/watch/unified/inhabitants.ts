/**
 * Who is in a namespace, as a scan of processes has it (process-namespaces.ts), and what that tells
 * of the namespace: whose it is, and whether it has any interface but `lo`. Both are asked when it
 * is found, at the next scans, and at those of all processes: a runtime may move its first process
 * to a control group, and an interface to the namespace, a moment later.
 *
 * LXC before 5 and every runtime with cgroups of version 1 start the first process in their own
 * group, and move it then (CLONE_INTO_CGROUP, clone(2)): a unit may be the runtime's.
 */
import { STARTED_IN } from '../../netns/processes/first-owner.ts';
import type { ProcessGroup } from '../../netns/processes/process-groups.ts';
import type { ProcessOwner, ProcessOwnerKind } from '../../netns/processes/process-owner.ts';
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
/** Owners that may be of the one who starts a container, and not yet of the container. */
const UNITS: ReadonlySet<ProcessOwnerKind> = new Set([...STARTED_IN, 'service']);

export interface Inhabitants extends Omit<NamespaceInhabitants, 'number'> {
  /** The number of `net/dev` in it. */
  readonly inode: number;
  /** By what the kernel is asked for the namespace now; null: there is no way. */
  readonly target: (() => NamespaceTarget) | null;
  /** How many scans have seen it. */
  readonly scans: number;
  /** How many processes are in it, by their main threads: more than are known by number. */
  readonly processes: number;
}

/** Processes and threads in it, each by the number that stands for it everywhere. */
export const membersOf = ({ pids, threads }: ProcessGroup): number[] => [
  ...pids,
  ...threads.map(({ tid }) => tid),
];

/**
 * Those of a group.
 * @param isInside whether a process is in it now: since the scan it may have moved or ended
 * @param before what was known of the same namespace
 * @param how `all`: asks anew what may change at any time; `settled`: they have been there for some
 *   time, as far as is known
 */
export function inhabitantsOf(
  group: ProcessGroup,
  target: Inhabitants['target'],
  { ownerOf, loOnly }: InhabitantQueries,
  isInside: (pid: number) => boolean,
  before: Inhabitants | null,
  { all, settled }: { all: boolean; settled: boolean },
): Inhabitants {
  const byThread = group.threads.map(({ pid }) => pid);
  const pids = [...new Set([...group.pids, ...byThread])];
  const scans = settled ? YOUNG : (before?.scans ?? 0) + 1;
  const asks = all || scans <= YOUNG;
  const findOwner = (): ProcessOwner | null =>
    ownerOf(firstOf(pids, (pid) => byThread.includes(pid) || isInside(pid)));
  const look = (): boolean | null => {
    const inside = membersOf(group).find(isInside);
    const found = inside === undefined ? null : loOnly(inside);
    return found !== null && isInside(inside as number) ? found : (before?.loOnly ?? null);
  };
  return {
    inode: group.inode,
    target,
    scans,
    processes: group.count,
    pids,
    owner: ownerOfThose(pids, before, asks, findOwner),
    // One that has had another interface is no sandbox.
    loOnly: asks && before?.loOnly !== false ? look() : (before?.loOnly ?? null),
  };
}

/** The first for whom it holds, as many as are asked. */
function firstOf(pids: readonly number[], isWanted: (pid: number) => boolean): number[] {
  const found: number[] = [];
  for (const pid of pids) {
    if (isWanted(pid)) found.push(pid);
    if (found.length === MOST_ASKED) break;
  }
  return found;
}

/** Whose it is by these; what was known before stays where they do not tell. */
function ownerOfThose(
  pids: readonly number[],
  before: Inhabitants | null,
  asks: boolean,
  findOwner: () => ProcessOwner | null,
): ProcessOwner | null {
  // By nobody who is in it now.
  if (before === null || !pids.some((pid) => before.pids.includes(pid))) return findOwner();
  const { owner } = before;
  if (!asks || (owner !== null && !UNITS.has(owner.kind))) return owner;
  return findOwner() ?? owner;
}

/** What is emitted of those in a namespace with this number. */
export const reported = (number: number | null, inhabitants: Inhabitants | null): NamespaceInhabitants =>
  inhabitants === null
    ? { number, owner: null, pids: [], loOnly: null }
    : { number, owner: inhabitants.owner, pids: inhabitants.pids, loOnly: inhabitants.loOnly };
