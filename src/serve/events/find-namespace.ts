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
  const [, kind, number] = NUMBERED.exec(word) ?? [];
  if (kind === undefined || number === undefined) {
    const entry = entryNamed(word.startsWith(NAMED) ? word.slice(NAMED.length) : word, entries);
    return entry === null ? null : alive(entry, feed.directory);
  }
  const text = String(BigInt(number));
  const entry = entries.find((one) => numberOf(one, kind) === text);
  if (entry !== undefined) return alive(entry, feed.directory);
  const gone = kind === 'inode' ? feed.dead.withInode(text) : kind === 'id' ? feed.dead.withId(text) : null;
  return gone === null ? null : dead(gone);
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
