/** `serveFleet`: a fleet over HTTP. The server itself is loaded when it is called. */
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { ServeFleetOptions } from './serve-fleet-options.ts';
import type { ServingFleet } from './serving-fleet.ts';

/**
 * Serves what a `FleetWatcher` knows over HTTP: the page, `/v1/hosts`, `/v1/search`, `/v1/events`
 * as a stream, `/sd` for the HTTP service discovery of Prometheus, `/metrics`, `/healthz`,
 * `/readyz`. It is the one consumer of the watcher from then on (`onEvent` is told as well), and
 * stops it at its end. Reads only: there is no request that changes anything.
 *
 * ```ts
 * const watcher = await FleetWatcher.open({ transport });
 * const server = await serveFleet(watcher, { listen: '127.0.0.1:9479' });
 * console.log(server.address);
 * ```
 *
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_TOKEN_REQUIRED` (an address that
 * other machines can reach, without a token) @throws SystemError `EADDRINUSE`, `EADDRNOTAVAIL`,
 * `EACCES` @throws AbortError (`ABORT_ERR`) `signal` was aborted already
 */
export async function serveFleet(
  watcher: FleetWatcher,
  options: ServeFleetOptions = {},
): Promise<ServingFleet> {
  const { open } = await import('./fleet-server.ts');
  return open(watcher, options);
}
