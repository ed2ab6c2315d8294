/** Opens a watcher and serves it. */
import { checkServeOptions } from '../../serve/serve-options.ts';
import { serve } from '../../serve/serve.ts';
import { UnifiedNamespaceWatcher } from '../../watch/unified/unified-namespace-watcher.ts';
import type { Serve } from './serve.ts';

export const serveWatcher: Serve = async (watch, options) => {
  // Before anything is watched.
  checkServeOptions(options);
  const watcher = await UnifiedNamespaceWatcher.open(watch);
  try {
    const server = await serve(watcher, options);
    const { processes } = watcher.stats();
    return {
      server,
      linksFault: watcher.linksError,
      unnamedFault: watcher.isWatchingDeaths ? null : watcher.deathsError,
      unseen: processes?.unseen ?? null,
    };
  } catch (error) {
    await watcher.stop();
    throw error;
  }
};
