/**
 * Who is in a namespace, as a scan of processes has it (process-namespaces.ts), and what that tells
 * of the namespace: whose it is, and whether it has any interface but `lo`. Both are asked when it
 * is found, and some scans on: a runtime may move its first process to a control group, and an
 * interface to the namespace, a moment later.
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
 * @param isInside whether a process is in it now: since the scan it may have moved or ended
 * @param before what was known of the same namespace
 * @param all whether to ask anew what was known, as far as it may have changed
 */
export function inhabitantsOf(
  group: ProcessGroup,
  target: NamespaceTarget | null,
  { ownerOf, loOnly }: InhabitantQueries,
  isInside: (pid: number) => boolean,
  before: Inhabitants | null,
  all: boolean,
): Inhabitants {
  const byThread = group.threads.map(({ pid }) => pid);
  const pids = [...new Set([...group.pids, ...byThread])];
  const scans = (before?.scans ?? 0) + 1;
  const asks = all || scans <= YOUNG;
  const known = before?.owner ?? null;
  const findOwner = (): ProcessOwner | null =>
    ownerOf(pids.filter((pid) => byThread.includes(pid) || isInside(pid)));
  const look = (): boolean | null => {
    const inside = membersOf(group).find(isInside);
    const found = inside === undefined ? null : loOnly(inside);
    return found !== null && isInside(inside as number) ? found : (before?.loOnly ?? null);
  };
  return {
    inode: group.inode,
    target,
    scans,
    pids,
    owner: before === null || (asks && (known === null || STARTED_IN.has(known.kind))) ? findOwner() : known,
    // One that has had another interface is no sandbox.
    loOnly: asks && before?.loOnly !== false ? look() : (before?.loOnly ?? null),
  };
}

/** What is emitted of those in a namespace with this number. */
export const reported = (number: number | null, inhabitants: Inhabitants | null): NamespaceInhabitants =>
  inhabitants === null
    ? { number, owner: null, pids: [], loOnly: null }
    : { number, owner: inhabitants.owner, pids: inhabitants.pids, loOnly: inhabitants.loOnly };
