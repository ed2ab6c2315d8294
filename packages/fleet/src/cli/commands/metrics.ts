/** `nlink-fleet metrics`: what `/metrics` of `nlink-fleet serve` says, once. */
import { ownVersion, render } from '../../core.ts';
import { FleetCounts } from '../../serve/fleet-counts.ts';
import { fleetFamilies } from '../../serve/fleet-metrics.ts';
import { openSource } from '../connection.ts';
import { print } from '../output/print.ts';
import type { Run } from '../command-run.ts';

export const metrics: Run = async ({ options }, io) => {
  const { watcher } = await openSource(options, io, { heads: true });
  try {
    const families = fleetFamilies({
      source: watcher,
      counts: new FleetCounts(),
      clients: () => 0,
      hostMetrics: options.has('host-metrics'),
      version: ownVersion(),
    });
    return await print(render(families, 'text'), io);
  } finally {
    await watcher.stop();
  }
};
