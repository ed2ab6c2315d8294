/** The links of all namespaces, by a watcher that is stopped as soon as it knows them. */
import { linkNamespaceOf } from '../../watch/unified/link-namespace.ts';
import { UnifiedNamespaceWatcher } from '../../watch/unified/unified-namespace-watcher.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';
import { linksOf } from '../../format/link-row.ts';
import type { LinksEntry } from '../../format/link-row.ts';
import type { LinksRequest, ReadLinks } from './links.ts';

export const readLinks: ReadLinks = async (request) => {
  const { directories, proc, fallbackTunnels, ownTable } = request;
  const links = { fallbackTunnels, ownTable };
  const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({
    directories,
    proc,
    unnamed: true,
    links,
  });
  try {
    const there = namespaces.filter(({ linksState }) => linksState !== undefined);
    const entries: LinksEntry[] = [];
    for (const entry of there) entries.push(await entryOf(entry, request, watcher));
    if (entries.length === 0 && watcher.linksError !== null) throw watcher.linksError;
    const { processes } = watcher.stats();
    return {
      entries,
      linksFault: watcher.linksError,
      unnamedFault: watcher.isWatchingDeaths ? null : watcher.deathsError,
      unseen: processes?.unseen ?? null,
    };
  } finally {
    await watcher.stop();
  }
};

async function entryOf(
  entry: InventoryEntry,
  { statistics, addresses }: LinksRequest,
  watcher: UnifiedNamespaceWatcher,
): Promise<LinksEntry> {
  const { linksState = 'pending' } = entry;
  return {
    netns: linkNamespaceOf(entry),
    linksState,
    links: linksOf(entry),
    statistics: statistics ? await orNull(watcher.linkStatistics(entry)) : null,
    addresses: addresses ? await addressesOf(entry, watcher) : null,
  };
}

async function addressesOf(
  entry: InventoryEntry,
  watcher: UnifiedNamespaceWatcher,
): Promise<LinksEntry['addresses']> {
  const found = await orNull(watcher.linkAddresses(entry));
  if (found === null) return null;
  const texts = [...found].map(([ifindex, all]): [number, string[]] => [
    ifindex,
    all.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
  ]);
  return new Map(texts);
}

/** What cannot be had, as before Linux 4.20 addresses of other namespaces, is not known. */
const orNull = <T>(asked: Promise<T | null>): Promise<T | null> => asked.catch(() => null);
