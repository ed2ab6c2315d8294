/**
 * One namespace by a word, in full:
 *
 * | word       | the namespace                                         |
 * | ---------- | ----------------------------------------------------- |
 * | `nsid:N`   | with this nsid                                        |
 * | `inode:N`  | with this inode; else the one of those that died last |
 * | `id:N`     | with this kernel id, dead ones too                    |
 * | `number:N` | with the server's own number N                        |
 * | any other  | with this name, in the first directory that has it    |
 *
 * A name that looks like one of the others is found by `name:`, as any name is.
 */
import { labelOf } from '../../format/namespace-label.ts';
import { linkFields } from '../../format/link-fields.ts';
import { linksOf } from '../../format/link-row.ts';
import { linkNamespaceOf } from '../../watch/unified/link-namespace.ts';
import { isNameOnly } from '../../format/link-text.ts';
import { identityFields, located, reasonFields } from '../../format/json.ts';
import type { InventoryEntry, InventoryName } from '../../watch/unified/unified-events.ts';
import type { DeadNamespace } from './dead-namespaces.ts';
import type { Feed } from './feed.ts';
import type { LinkReading } from './link-readings.ts';
import type { LinkStatistics } from '../../netlink/link-statistics.ts';

const NUMBERED = /^(nsid|inode|id|number):(\d{1,20})$/;
const NAMED = 'name:';

/** @returns its fields; null: there is none */
export function found(
  word: string,
  entries: readonly InventoryEntry[],
  feed: Feed,
  reading: LinkReading | null,
): object | null {
  const entry = foundAlive(word, entries);
  if (entry !== null) return alive(entry, feed.directory, reading);
  const [, kind, number] = NUMBERED.exec(word) ?? [];
  if (number === undefined) return null;
  const text = String(BigInt(number));
  const gone = kind === 'inode' ? feed.dead.withInode(text) : kind === 'id' ? feed.dead.withId(text) : null;
  return gone === null ? null : dead(gone);
}

/** One that lives; null: there is none. */
export function foundAlive(word: string, entries: readonly InventoryEntry[]): InventoryEntry | null {
  const [, kind, number] = NUMBERED.exec(word) ?? [];
  if (kind === undefined || number === undefined)
    return entryNamed(word.startsWith(NAMED) ? word.slice(NAMED.length) : word, entries);
  const text = String(BigInt(number));
  return entries.find((one) => numberOf(one, kind) === text) ?? null;
}

function numberOf({ namespace, nsid, number = null }: InventoryEntry, kind: string): string | null {
  if (kind === 'nsid') return nsid === null ? null : String(nsid);
  if (kind === 'number') return number === null ? null : String(number);
  if (namespace === null) return null;
  const { ino, id } = namespace;
  return kind === 'inode' ? String(ino) : id === null ? null : String(id);
}

/** Directories are in the order in which their names were seen, the first one's first. */
const entryNamed = (name: string, entries: readonly InventoryEntry[]): InventoryEntry | null =>
  entries.find(({ names }) => names.some((one) => one.name === name)) ?? null;

/** @param reading null: it could not be read */
function alive(entry: InventoryEntry, directory: string, reading: LinkReading | null): object {
  const { namespace, nsid, names, own, lingering, number, pids, owner, loOnly, linksState } = entry;
  const known = linkNamespaceOf(entry);
  const all = linksOf(entry);
  const nameAt = new Map(all.map(({ ifindex, name }) => [ifindex, name]));
  const links = all.map((link) => {
    const fields = linkFields(link, (netns) => labelOf(netns, directory), !isNameOnly(link));
    const masterName = nameAt.get(link.master ?? 0) ?? null;
    return Object.assign(fields, { masterName }, readingFields(link.ifindex, reading));
  });
  return {
    alive: true,
    netns: labelOf(known, directory).text,
    nsid,
    own,
    lingering,
    namespace: identityFields(namespace),
    names: names.map(nameFields),
    number: number ?? null,
    pids: pids ?? [],
    processes: entry.processes ?? null,
    loOnly: loOnly ?? null,
    owner: owner ?? null,
    linksState: linksState ?? null,
    read: reading?.time.toISOString() ?? null,
    links,
  };
}

function readingFields(ifindex: number, reading: LinkReading | null): object {
  const { addresses = null, statistics = null } = reading ?? {};
  const counters = statistics?.get(ifindex);
  return {
    addresses: addresses === null ? null : (addresses.get(ifindex) ?? []),
    counters: counters === undefined ? null : countersOf(counters),
  };
}

const countersOf = (all: LinkStatistics): object => {
  const { rxBytes, txBytes, rxPackets, txPackets, rxErrors, txErrors, rxDropped, txDropped } = all;
  return { rxBytes, txBytes, rxPackets, txPackets, rxErrors, txErrors, rxDropped, txDropped };
};

const nameFields = (name: InventoryName): object => ({
  ...located(name),
  ready: name.ready,
  ...(name.ready ? {} : reasonFields(name)),
});

function dead({ event, time }: DeadNamespace): object {
  const { nsid, namespace, names, number, pids, owner, loOnly } = event;
  return {
    alive: false,
    destroyed: time.toISOString(),
    nsid,
    namespace: identityFields(namespace),
    names: names.map(located),
    number: number ?? null,
    pids: pids ?? [],
    loOnly: loOnly ?? null,
    owner: owner ?? null,
  };
}
