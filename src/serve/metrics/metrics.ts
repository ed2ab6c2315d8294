/**
 * Metrics of network namespaces and their interfaces: what is there when one asks, and nothing
 * that is remembered, so what is gone is gone. What a part that fails would tell is left out.
 */
import type { LinkStatistics } from '../../netlink/link-statistics.ts';
import { TimeSlice } from '../../netns/processes/time-slice.ts';
import { globs } from '../../reference/glob.ts';
import type { Matcher } from '../../reference/glob.ts';
import type { Link } from '../../watch/links/link-types.ts';
import type { InventoryEntry } from '../../watch/unified/unified-events.ts';
import { addDevices, wantedDevices } from './devices.ts';
import type { DeviceSettings } from './devices.ts';
import { Families } from './families.ts';
import { labels } from './family.ts';
import type { Family } from './family.ts';
import type { MetricsOptions, MetricsSource } from './metrics-types.ts';
import { NetnsLabels } from './netns-labels.ts';
import { ScrapeParts } from './scrape-parts.ts';

export type { Family } from './family.ts';
export type { MetricsFilter, MetricsOptions, MetricsSource } from './metrics-types.ts';

/** What has a namespace; a name without one is none. */
const isNamespace = ({ namespace, nsid, names }: InventoryEntry): boolean =>
  namespace !== null || nsid !== null || names.length === 0;

/** Never rejects but for patterns that are none. */
export async function collect(source: MetricsSource, options: MetricsOptions): Promise<Family[]> {
  const families = new Families();
  const wanted = wantedOf(options);
  const parts = new ScrapeParts(source);
  const inventory = await parts.run('inventory', () =>
    parts.isLive ? new Inventory(source, wanted, parts) : undefined,
  );
  await inventory?.addTo(families);
  const counts = await parts.run('events', () => source.counts());
  for (const [event, count] of counts?.events ?? []) families.add('events', labels({ event }), count);
  for (const [reason, count] of counts?.resyncs ?? []) families.add('resyncs', labels({ reason }), count);
  parts.addTo(families);
  families.add('build', labels({ version: options.version ?? '', node: process.version }), 1);
  return families.all();
}

interface Wanted {
  isNetns: Matcher;
  devices: DeviceSettings;
  all: boolean;
  directory: string | undefined;
}

const wantedOf = ({ include, exclude, all = false, directory }: MetricsOptions): Wanted => ({
  isNetns: matcher(include?.netns, exclude?.netns),
  devices: { isWanted: matcher(include?.device, exclude?.device), all },
  all,
  directory,
});

/** What is known of one namespace. */
interface Answer {
  entry: InventoryEntry;
  processes: number | null;
  devices: readonly Link[];
  /** Null: it is gone, or nobody may look; undefined: not asked, or that failed. */
  statistics: ReadonlyMap<number, LinkStatistics> | null | undefined;
}

/** What is there at the moment at which it is made. */
class Inventory {
  readonly #source: MetricsSource;
  readonly #parts: ScrapeParts;
  readonly #devices: DeviceSettings;
  readonly #entries: readonly InventoryEntry[];
  readonly #labels: NetnsLabels;
  readonly #told: readonly { entry: InventoryEntry; processes: number | null }[];

  constructor(source: MetricsSource, { isNetns, devices, all, directory }: Wanted, parts: ScrapeParts) {
    this.#source = source;
    this.#parts = parts;
    this.#devices = devices;
    this.#entries = source.namespaces().filter(isNamespace);
    this.#labels = new NetnsLabels(this.#entries, directory);
    this.#told = this.#entries
      .filter((entry) => (all || !isSandbox(entry)) && isNetns(this.#labels.ofEntry(entry)))
      .map((entry) => ({ entry, processes: parts.isUp('processes') ? source.processesOf(entry) : null }));
  }

  async addTo(families: Families): Promise<void> {
    const count = (isCounted: (entry: InventoryEntry) => boolean): number =>
      this.#entries.filter(isCounted).length;
    families.add('namespaces', '', this.#entries.length);
    families.add(
      'namespaces_lingering',
      '',
      count(({ lingering }) => lingering),
    );
    families.add(
      'namespaces_unnamed',
      '',
      count(({ names, own }) => names.length === 0 && !own),
    );
    const slice = new TimeSlice();
    // All counters before any series: what is made between two answers is in the way of both.
    const answers: Answer[] = [];
    for (const { entry, processes } of this.#told) {
      await slice.check();
      answers.push({ entry, processes, ...(await this.#ask(entry)) });
    }
    for (const answer of answers) {
      await slice.check();
      this.#add(families, answer);
    }
  }

  async #ask(entry: InventoryEntry): Promise<Pick<Answer, 'devices' | 'statistics'>> {
    const devices = this.#parts.isUp('links') ? wantedDevices(entry, this.#devices) : [];
    if (devices.length === 0) return { devices, statistics: undefined };
    return { devices, statistics: await this.#parts.run('counters', () => this.#source.statistics(entry)) };
  }

  #add(families: Families, { entry, processes, devices, statistics }: Answer): void {
    // It has died since the inventory was taken. By /proc one cannot tell that.
    if (statistics === null && entry.linksState !== 'limited') return;
    this.#addNamespace(families, entry, processes);
    addDevices(families, entry, devices, statistics ?? null, this.#labels, this.#devices);
  }

  #addNamespace(families: Families, entry: InventoryEntry, processes: number | null): void {
    const { namespace, nsid, names, lingering, owner } = entry;
    const label = this.#labels.ofEntry(entry);
    const netns = labels({ netns: label });
    const more = {
      netns: label,
      inode: namespace === null ? '' : String(namespace.ino),
      nsid: nsid === null || !this.#parts.isUp('nsids') ? '' : String(nsid),
      owner_kind: owner?.kind ?? '',
      owner: owner?.name ?? '',
    };
    families.add('namespace', labels(more), 1);
    if (processes !== null) families.add('namespace_processes', netns, processes);
    // Of one that only processes hold each look gives another (identity.ts).
    if (namespace !== null && (names.length > 0 || lingering))
      families.add('namespace_created_timestamp_seconds', netns, Number(namespace.since) / 1e9);
  }
}

/** Mostly a program that is to have no network (lo-only.ts). */
function isSandbox({ names, own, lingering, links, linksState, loOnly }: InventoryEntry): boolean {
  if (names.length > 0 || own || lingering) return false;
  const isRead = linksState === 'live' || linksState === 'approximate' || linksState === 'limited';
  return isRead && links !== undefined ? links.every(({ name }) => name === 'lo') : loOnly === true;
}

function matcher(include: readonly string[] | undefined, exclude: readonly string[] | undefined): Matcher {
  const isIncluded = include === undefined ? null : globs(include);
  const isExcluded = exclude === undefined ? null : globs(exclude);
  return (name) => isIncluded?.(name) !== false && isExcluded?.(name) !== true;
}
