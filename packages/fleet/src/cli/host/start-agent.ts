/** Opens a watcher of this host, and publishes what it tells. */
import { FleetAgent } from '../../agent/fleet-agent.ts';
import { UnifiedNamespaceWatcher } from '../../core.ts';
import type { Io } from './io.ts';

export const startAgent: Io['startAgent'] = async ({ directories, links, ...options }) => {
  const watcher = await UnifiedNamespaceWatcher.open({
    unnamed: true,
    links,
    bufferSize: 1000,
    ...(directories !== null && { directories }),
  });
  try {
    const directory = directories?.[0];
    return await FleetAgent.start({ ...options, ...(directory !== undefined && { directory }), watcher });
  } catch (error) {
    await watcher.stop();
    throw error;
  }
};
