/**
 * nlink-fleet: the network namespaces of many hosts. An agent publishes what is on its host; a
 * transport (NATS, or the servers of single hosts) tells what is there, and {@link FleetWatcher}
 * makes a fleet of it.
 */
export { FleetError } from './errors.ts';
export type { FleetErrorCode } from './errors.ts';
export type { Delta } from './wire/delta.ts';
export type { Head, HeadCounts } from './wire/head.ts';
export type { ResyncReason, Snapshot } from './wire/snapshot.ts';
export type { ConnectionState, FleetTransport, TransportTarget } from './transport/transport.ts';
export type { NatsOptions } from './nats/nats-options.ts';
export { FleetAgent } from './agent/fleet-agent.ts';
export type { FleetAgentOptions } from './agent/agent-options.ts';
export type { AgentNotice, AgentState } from './agent/notices.ts';
export type { UplinkState } from './agent/uplink.ts';
export { natsTransport } from './transport/nats/nats-transport.ts';
export type { NatsTransportOptions } from './transport/nats/nats-transport.ts';
export { httpTransport } from './transport/http/http-transport.ts';
export type { HostNote, HttpTransport, HttpTransportOptions } from './transport/http/http-transport.ts';
export type { HttpHost } from './transport/http/http-hosts.ts';
export type { StreamFault } from './transport/http/open-stream.ts';
export type * from './reader/fleet-types.ts';
export { FleetWatcher } from './fleet-watcher.ts';
export { serveFleet } from './serve/serve-fleet.ts';
export type { ServeFleetOptions } from './serve/serve-fleet-options.ts';
export type { ServingFleet } from './serve/serving-fleet.ts';
