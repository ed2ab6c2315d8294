/**
 * nlink-fleet: the network namespaces of many hosts. A transport (NATS, or servers of single hosts)
 * tells what is there, {@link FleetWatcher} makes a fleet of it.
 */
export { FleetError } from './errors.ts';
export type { FleetErrorCode } from './errors.ts';
export { FleetWatcher } from './fleet-watcher.ts';
export type * from './reader/fleet-types.ts';
export type { ConnectionState, FleetTransport, TransportTarget } from './transport/transport.ts';
export type { Delta } from './wire/delta.ts';
export type { Head, HeadCounts } from './wire/head.ts';
export type { ResyncReason, Snapshot } from './wire/snapshot.ts';
export { serveFleet } from './serve/serve-fleet.ts';
export type { ServeFleetOptions } from './serve/serve-fleet-options.ts';
export type { ServingFleet } from './serve/serving-fleet.ts';
