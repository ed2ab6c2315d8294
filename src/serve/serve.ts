/**
 * `serve`: one watcher over HTTP. The server itself is loaded when it is called, since it needs
 * `node:http`.
 */
import type { Serving } from './serving.ts';
import type { ServeOptions } from './serve-options.ts';
import type { UnifiedNamespaceWatcher } from '../watch/unified/unified-namespace-watcher.ts';

/**
 * Serves what a watcher knows over HTTP: `/metrics` for Prometheus, `/v1/namespaces`, `/v1/links`,
 * `/v1/events` as a stream, `/healthz`, `/readyz`. It is the one consumer of the watcher from then
 * on (`onEvent` is told as well), and stops it at its end. Reads only: there is no request that
 * changes anything.
 *
 * ```ts
 * const watcher = await UnifiedNamespaceWatcher.open({ unnamed: true, links: true });
 * const server = await serve(watcher, { listen: '127.0.0.1:9478' });
 * console.log(server.address);
 * ```
 *
 * @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT`, `ERR_NLINK_TOKEN_REQUIRED` (an address that
 *   other machines can reach, without a token)
 * @throws SystemError `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`
 * @throws AbortError (`ABORT_ERR`) `signal` was aborted already
 */
export async function serve(watcher: UnifiedNamespaceWatcher, options: ServeOptions = {}): Promise<Serving> {
  const { open } = await import('./server.ts');
  return open(watcher, options);
}
