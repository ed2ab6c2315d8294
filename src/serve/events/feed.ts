/**
 * What one watcher tells, for many: each event gets a number and is kept for a while as JSON, is
 * counted, and raises the revision, which is the version of what is there. What no event tells, as
 * which processes are in a namespace, raises the revision where a look finds it changed.
 */
import { recordOf } from '../../format/event-json.ts';
import { safeJson } from '../../format/escape.ts';
import { LinkNames } from '../../format/link-names.ts';
import { linksOf } from '../../format/link-row.ts';
import { linkNamespaceOf } from '../../watch/unified/link-namespace.ts';
import type {
  InventoryEntry,
  UnifiedEvent,
  UnifiedResyncedEvent,
} from '../../watch/unified/unified-events.ts';
import { DeadNamespaces } from './dead-namespaces.ts';
import { EventRing } from './event-ring.ts';
import type { RingLimits } from './event-ring.ts';

export interface FeedSettings {
  /** 16 hexadecimal digits. */
  epoch: string;
  ring: RingLimits;
  /** How many dead namespaces are known, at most. */
  dead: number;
  /** A name in it stands alone. */
  directory: string;
}

/** Counted from the start, so that no series appears only with its first event. */
const TYPES: Readonly<Record<UnifiedEvent['type'], 0>> = {
  created: 0,
  mounted: 0,
  unmounted: 0,
  deleted: 0,
  nsidAssigned: 0,
  found: 0,
  destroyed: 0,
  resynced: 0,
  nsidsUnavailable: 0,
  deathsUnavailable: 0,
  linksUnavailable: 0,
  linkAdded: 0,
  linkChanged: 0,
  linkMoved: 0,
  linkRemoved: 0,
  directoryCreated: 0,
  directoryDeleted: 0,
};
const REASONS: Readonly<Record<UnifiedResyncedEvent['lost'][number], 0>> = {
  names: 0,
  nsids: 0,
  deaths: 0,
  links: 0,
};

export class Feed {
  readonly epoch: string;
  readonly directory: string;
  readonly ring: EventRing;
  readonly dead: DeadNamespaces;
  readonly events: Map<string, number> = new Map(Object.entries(TYPES));
  readonly resyncs: Map<string, number> = new Map(Object.entries(REASONS));
  readonly #linkNames = new LinkNames();
  #revision = 1;
  #unannounced: string | null = null;

  /** @param present what is there before the first event */
  constructor({ epoch, ring, dead, directory }: FeedSettings, present: readonly InventoryEntry[]) {
    this.epoch = epoch;
    this.directory = directory;
    this.ring = new EventRing(ring);
    this.dead = new DeadNamespaces(dead);
    for (const entry of present) this.#linkNames.present(linkNamespaceOf(entry), linksOf(entry));
  }

  get revision(): number {
    return this.#revision;
  }

  /** The number of the last event. */
  get seq(): number {
    return this.ring.last;
  }

  take(event: UnifiedEvent, time: Date): void {
    // The kernel has yet to free it, and nobody can find it any more.
    if ('alive' in event && event.alive === false) this.#outlived(event, time);
    if (event.type === 'destroyed') {
      this.dead.add(event, time);
      this.#linkNames.ended(event.number ?? null);
    }
    if (event.type === 'resynced') for (const kind of event.lost) count(this.resyncs, kind);
    count(this.events, event.type);
    const told = 'link' in event ? this.#linkNames.told(event) : event;
    this.ring.push(safeJson(recordOf(told, time.toISOString(), this.directory)));
    this.#revision++;
  }

  #outlived({ nsid, namespace, name, path, directory }: NameEndEvent, time: Date): void {
    this.dead.add({ type: 'destroyed', nsid, namespace, names: [{ name, path, directory }] }, time);
  }

  /** Somebody looks at what is there: raises the revision if it differs in what no event tells. */
  look(entries: readonly InventoryEntry[]): void {
    const seen = entries.map(unannounced).join('\n');
    if (this.#unannounced !== null && this.#unannounced !== seen) this.#revision++;
    this.#unannounced = seen;
  }
}

type NameEndEvent = Extract<UnifiedEvent, { alive: unknown }>;

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Of an entry, what changes without an event. */
function unannounced(entry: InventoryEntry): string {
  const { number, nsid, pids, processes, owner, loOnly, lingering, linksState } = entry;
  const whose = owner === null || owner === undefined ? '' : `${owner.kind} ${owner.name} ${owner.id}`;
  return `${number} ${nsid} ${pids?.join(',')} ${processes} ${whose} ${loOnly} ${lingering} ${linksState}`;
}
