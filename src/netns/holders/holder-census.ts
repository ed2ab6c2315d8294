/**
 * What holds each network namespace, of all that this process may see, in one walk: for finding
 * those that were forgotten. holders.ts looks for the holders of a single one, and says more of
 * them.
 */
import type { InspectionSystem } from '../../sys/inspection.ts';
import type { NamespaceId } from '../identity/identity.ts';
import type { LocatedName } from '../names/entry.ts';
import { DetailsCache } from '../processes/process-details.ts';
import { processOwner } from '../processes/process-owner.ts';
import type { ProcessOwner } from '../processes/process-owner.ts';
import { procfsAt } from '../processes/procfs.ts';
import type { DiscoveredNamespace } from './discover.ts';
import { Leads } from './leads.ts';
import type { Lead } from './leads.ts';

/** What a process outside of a namespace holds it by. */
export type HoldingKind = 'descriptor' | 'mount' | 'socket' | 'tun' | 'inFlight';

/** A namespace that lives, and what holds it. */
export interface HeldNamespace {
  namespace: NamespaceId;
  /** In the directories. */
  names: LocatedName[];
  /** Whether a process, or a thread of one, is in it. */
  inhabited: boolean;
  /**
   * What else holds it, by pid and kind. Not a copy of one of its names in another mount namespace,
   * which goes with the name.
   */
  holders: Holder[];
}

/** A process that holds a namespace from outside; of a mount one that sees it. */
export interface Holder {
  pid: number;
  kind: HoldingKind;
  /** The name of its program; empty where it has ended meanwhile. */
  comm: string;
  /** The container, unit or sandbox that it belongs to; null: none is known. */
  owner: ProcessOwner | null;
}

interface Entry extends Omit<HeldNamespace, 'holders'> {
  holders: { pid: number; kind: HoldingKind }[];
  seen: Set<string>;
  /** Its mounts by their files, with a process that sees them. */
  mounts: Map<string, number>;
}

/** Called for all that leads to a namespace, while its path does: a namespace comes up often. */
export type OnLead = (living: DiscoveredNamespace) => Promise<void> | undefined;

/**
 * Takes it.
 * @param directories those of names
 * @param proc where procfs is mounted
 */
export async function holderCensus(
  system: InspectionSystem,
  directories: readonly string[],
  proc = '/proc',
  onLead: OnLead = () => undefined,
): Promise<HeldNamespace[]> {
  const leads = new Leads(system, procfsAt(proc));
  const found = new Map<string, Entry>();
  for await (const lead of leads.of(directories)) {
    const namespace = leads.identify(lead);
    if (namespace === null) continue;
    add(entryOf(found, namespace), lead);
    await onLead({ namespace, path: lead.path });
  }
  const details = new DetailsCache(proc);
  return Array.from(found.values(), (entry) => finished(entry, details, proc));
}

function entryOf(found: Map<string, Entry>, namespace: NamespaceId): Entry {
  // Unique among the living; before Linux 6.18 what else is known may differ from look to look.
  const key = `${namespace.dev}:${namespace.ino}`;
  let entry = found.get(key);
  if (entry === undefined) {
    entry = { namespace, names: [], inhabited: false, holders: [], seen: new Set(), mounts: new Map() };
    found.set(key, entry);
  }
  return entry;
}

function add(entry: Entry, lead: Lead): void {
  if (lead.kind === 'name') entry.names.push(lead.name);
  else if (lead.kind === 'process') entry.inhabited = true;
  else if (lead.kind === 'mount') {
    const { file, pid, path } = lead;
    const on = file === null ? path : `${file.device} ${file.path}`;
    if (!entry.mounts.has(on)) entry.mounts.set(on, pid);
  } else {
    const { pid, kind } = lead;
    if (entry.seen.has(`${pid} ${kind}`)) return;
    entry.seen.add(`${pid} ${kind}`);
    entry.holders.push({ pid, kind });
  }
}

function finished(
  { namespace, names, inhabited, holders, mounts }: Entry,
  details: DetailsCache,
  proc: string,
): HeldNamespace {
  // Each name is a mount, unless it is a link, on a file that is called so.
  for (const { name } of names) {
    const on = [...mounts.keys()].find((file) => file.endsWith(`/${name}`));
    if (on !== undefined) mounts.delete(on);
  }
  for (const pid of mounts.values()) holders.push({ pid, kind: 'mount' });
  const known = holders.map(({ pid, kind }) => {
    return { pid, kind, comm: details.of(pid).comm, owner: processOwner(pid, proc) };
  });
  return { namespace, names, inhabited, holders: known };
}
