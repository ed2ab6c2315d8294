/** What `nlink watch` prints a line of: an event, or what was there at the start. */
import type { Link, LinkEvent, LinkNamespace } from '../watch/links/link-types.ts';
import type { NamespaceId } from '../netns/identity/identity.ts';
import type { NotReadyReason } from '../netns/identity/observe.ts';
import type { NameVerdict } from '../netns/diagnosis/verdict.ts';
import type {
  DeathsUnavailableEvent,
  InventoryEntry,
  LinksUnavailableEvent,
  LocatedName,
  NamespaceInhabitants,
  NsidsUnavailableEvent,
  UnifiedEvent,
} from '../watch/unified/unified-events.ts';

/** A name that was there at the start, with what is known of its namespace. */
type PresentName = LocatedName &
  Partial<NamespaceInhabitants> & {
    type: 'present';
    nsid: number | null;
    /** Whether it is the namespace that the watcher is in. */
    own: boolean;
  } & (
    | { ready: true; namespace: NamespaceId }
    | { ready: false; namespace: null; reason: NotReadyReason; verdict?: NameVerdict }
  );

/** A namespace that has an id or processes, and no name in the directories. */
interface PresentNameless extends Partial<NamespaceInhabitants> {
  type: 'present';
  name: null;
  nsid: number | null;
  own: boolean;
  /** Null: of one that has an id more is not known, or its processes may not be looked at. */
  namespace: NamespaceId | null;
}

export type Present = PresentName | PresentNameless;
/** A link that was there at the start. */
interface LinkPresent {
  type: 'linkPresent';
  netns: LinkNamespace;
  link: Link;
}

/** An event of a link, with what the event itself does not say. */
export type LinkOutputEvent = (LinkPresent | LinkEvent) & {
  /** Where it is now, or was last. */
  netns: LinkNamespace;
  /** Null: it has no master, or that has not been reported. */
  masterName: string | null;
  /** What it was called before; null: not known. */
  formerName: string | null;
};

/** What nlink lacks, which is no event of the host. */
export type LackEvent = NsidsUnavailableEvent | DeathsUnavailableEvent | LinksUnavailableEvent;

/** What is told of names and nsids. */
export type NamespaceEvent = Exclude<UnifiedEvent, LinkEvent>;
export type OutputEvent = NamespaceEvent | Present | LinkOutputEvent;

export const isLinkOutput = (event: OutputEvent): event is LinkOutputEvent => 'link' in event;

/** One for each name; one for a namespace without any. */
export function presentOf({ namespace, nsid, names, own, ...rest }: InventoryEntry): Present[] {
  const type = 'present';
  const { number, pids, owner, loOnly } = rest;
  const inhabitants = pids === undefined ? {} : ({ number, pids, owner, loOnly } as NamespaceInhabitants);
  if (names.length === 0) return [{ type, name: null, nsid, own, namespace, ...inhabitants }];
  return names.map(({ name, path, directory, ...state }): Present => {
    const located = { type, name, path, directory, nsid, own } as const;
    if (!state.ready) return { ...located, namespace: null, ...state };
    // Whatever is ready has one.
    return { ...located, ready: true, namespace: namespace as NamespaceId, ...inhabitants };
  });
}
