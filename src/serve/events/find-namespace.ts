/**
 * One namespace by a word, in full:
 *
 * | word      | the namespace                                             |
 * | --------- | --------------------------------------------------------- |
 * | `nsid:N`  | with this nsid                                            |
 * | `inode:N` | with this inode; else the one of those that died last     |
 * | `id:N`    | with this kernel id, dead ones too                        |
 * | any other | with this name, in the first directory that has it        |
 *
 * A name that looks like one of the first three is found by `name:`, as any name is.
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

const NUMBERED = /^(nsid|inode|id):(\d{1,20})$/;
const NAMED = 'name:';

/** @returns its fields; null: there is none */
export function found(word: string, entries: readonly InventoryEntry[], feed: Feed): object | null {
  const entry = foundAlive(word, entries);
  if (entry !== null) return alive(entry, feed.directory);
  const [, kind, number] = NUMBERED.exec(word) ?? [];
  if (number === undefined || kind === 'nsid') return null;
  const text = String(BigInt(number));
  const gone = kind === 'inode' ? feed.dead.withInode(text) : feed.dead.withId(text);
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

function numberOf({ namespace, nsid }: InventoryEntry, kind: string): string | null {
  if (kind === 'nsid') return nsid === null ? null : String(nsid);
  if (namespace === null) return null;
  const { ino, id } = namespace;
  return kind === 'inode' ? String(ino) : id === null ? null : String(id);
}

/** Directories are in the order in which their names were seen, the first one's first. */
const entryNamed = (name: string, entries: readonly InventoryEntry[]): InventoryEntry | null =>
  entries.find(({ names }) => names.some((one) => one.name === name)) ?? null;

function alive(entry: InventoryEntry, directory: string): object {
  const { namespace, nsid, names, own, lingering, number, pids, owner, loOnly, linksState } = entry;
  const known = linkNamespaceOf(entry);
  const links = linksOf(entry).map((link) =>
    linkFields(link, (netns) => labelOf(netns, directory), !isNameOnly(link)),
  );
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
    loOnly: loOnly ?? null,
    owner: owner ?? null,
    linksState: linksState ?? null,
    links,
  };
}

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
