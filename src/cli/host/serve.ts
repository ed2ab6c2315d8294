/** What `nlink serve` asks of the library. */
import type { UnseenProcesses } from '../../netns/processes/process-scan.ts';
import type { ServeOptions } from '../../serve/serve-options.ts';
import type { Serving } from '../../serve/serving.ts';
import type { UnifiedNamespaceWatcherOptions } from '../../watch/unified/unified-events.ts';

export interface Served {
  server: Pick<Serving, 'address' | 'ended' | 'stop'>;
  /** Why links cannot be seen; null: they can. */
  linksFault: Error | null;
  /** Why namespaces without a name are not found; null: they are. */
  unnamedFault: Error | null;
  /** What a look at all processes did not see; null: nobody looked. */
  unseen: UnseenProcesses | null;
}

/** A watcher of all namespaces and links, and a server of what it knows. */
export type Serve = (watch: UnifiedNamespaceWatcherOptions, options: ServeOptions) => Promise<Served>;
