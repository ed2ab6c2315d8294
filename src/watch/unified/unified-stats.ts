/** The counters of a `UnifiedNamespaceWatcher`. Types only. */
import type { UnseenProcesses } from '../../netns/processes/process-scan.ts';
import type { NamespaceEventSubscriberStats } from '../ids/nsid-events.ts';
import type { NamespaceWatcherStats } from '../names/name-events.ts';

/**
 * Counters of a `UnifiedNamespaceWatcher`: those of names, all directories together, and those of
 * nsids.
 */
export interface UnifiedNamespaceWatcherStats extends NamespaceWatcherStats {
  /** Those of nsids; null: they are not listened to. */
  nsids: Pick<
    NamespaceEventSubscriberStats,
    'datagrams' | 'foreign' | 'overflows' | 'unreadable' | 'resyncs' | 'complete'
  > | null;
  /** Those of deaths; null: they are not watched. */
  deaths: UnifiedNamespaceWatcherStats['nsids'];
  /** Those of looking at processes; null: with `unnamed` only. */
  processes: {
    /** How often they were listed. */
    scans: number;
    /** How many were looked at. */
    looks: number;
    /** What the last look did not see. */
    unseen: UnseenProcesses;
    /** Whether the kernel tells of each process that is started (the process connector). */
    hints: boolean;
  } | null;
  /** Those of links; null: with `links` only. */
  links: {
    /** Events of links that were received. */
    datagrams: number;
    /** How often the kernel's receive buffer was full. */
    overflows: number;
    /** Single links that were asked for. */
    asked: number;
    /** How often all links of a namespace were read. */
    listed: number;
    /** Whether events are lost again and again, so that links are read at intervals instead. */
    approximate: boolean;
  } | null;
  /** Names that were asked for their nsids. */
  asked: number;
}
