/**
 * The namespaces that processes are in, also those of others: by the inode of /proc/PID/net/dev,
 * which every user may ask for (netns/processes/process-look.ts). A process or thread of a group
 * leads to what else is known of it, as far as this user may know. Whoever answered is looked at
 * again, since he may have moved, or his number may be another's by now.
 */
import type { NamespaceId } from '../../../netns/identity/identity.ts';
import type { ProcessGroup } from '../../../netns/processes/process-groups.ts';
import type { InhabitedNamespaces } from '../../host/library-calls.ts';
import type { Io, NsidConnection } from '../../host/io.ts';
import { nsidOfProcess } from './counted.ts';
import type { Known } from './row.ts';

/** A namespace that somebody is in. */
export interface Inhabited extends Known {
  /** Whether its nsid is what the kernel says; false: it could not be asked for. */
  hasNsidAnswer: boolean;
  /** Whether somebody is still in it by this number. */
  stillHas: (pid: number) => boolean;
}

/**
 * Whether somebody is still in it, or may be: a thread may be in a namespace for a moment (setns(2)
 * and back).
 */
export const isStillInhabited = ({ processes, byThread, pids, stillHas }: Inhabited): boolean =>
  pids.some(stillHas) || (processes ?? 0) + (byThread ?? 0) > pids.length;

interface Looking {
  found: InhabitedNamespaces;
  /** Whether all processes were seen. */
  complete: boolean;
  connection: NsidConnection | null;
  /** One's own namespace. */
  itself: { own: NamespaceId | null; ownId: number | null };
  io: Pick<Io, 'calls'>;
}

/** Looks into each group. */
export async function inhabited(looking: Looking): Promise<Inhabited[]> {
  const all: Inhabited[] = [];
  for (const group of looking.found.namespaces.values()) all.push(await lookInto(group, looking));
  return all;
}

async function lookInto(
  group: ProcessGroup,
  { found, connection, itself: { own, ownId }, io, complete }: Looking,
): Promise<Inhabited> {
  const { procfs } = found;
  const pids = [...group.pids, ...group.threads.map(({ tid }) => tid)];
  const stillHas = (pid: number): boolean => found.inodeOf(pid) === group.inode;
  /** The first answer of one who was in it before and after. */
  const ask = async <T>(question: (pid: number) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const pid of pids) {
      const answer = await question(pid);
      if (answer !== undefined && stillHas(pid)) return answer;
    }
    return undefined;
  };
  const nsid = group.own
    ? connection === null
      ? undefined
      : ownId
    : await ask((pid) => nsidOfProcess(connection, pid, procfs));
  const namespace = group.own
    ? own
    : await ask(async (pid) => (await io.calls.identityAt(`${procfs.path}/${pid}/ns/net`)) ?? undefined);
  return {
    nsid: nsid ?? null,
    hasNsidAnswer: nsid !== undefined,
    own: group.own,
    namespace: namespace ?? null,
    processes: group.count,
    processesComplete: complete,
    byThread: group.threads.length,
    owner: await io.calls.ownerOf(pids, procfs.path),
    pids,
    loOnly: (await ask(async (pid) => found.loOnly(pid) ?? undefined)) ?? null,
    stillHas,
  };
}
