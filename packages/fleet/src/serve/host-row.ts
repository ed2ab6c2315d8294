/** A host as JSON: times instead of ages, which would be wrong by the time somebody reads them. */
import type { FleetHost } from '../reader/fleet-types.ts';

export interface HostRow extends Omit<FleetHost, 'since' | 'heard'> {
  /** Since when it is in its state, by the clock here: ISO 8601. */
  since: string;
  /** When its last head came, by the clock here: ISO 8601. */
  heard: string;
}

/** @param now milliseconds since 1970 */
export const hostRow = (host: FleetHost, now: number): HostRow => ({
  id: host.id,
  key: host.key,
  epoch: host.epoch,
  name: host.name,
  state: host.state,
  since: new Date(host.since).toISOString(),
  heard: new Date(now - host.heard).toISOString(),
  interval: host.interval,
  shard: host.shard,
  seq: host.seq,
  counts: host.counts,
  versions: host.versions,
  target: host.target,
  unavailable: host.unavailable,
  skew: host.skew,
  duplicate: host.duplicate,
  picture: host.picture,
  malformed: host.malformed,
});

/** Of what does not change with each head: the same for two that look the same to people. */
export function looksOf(host: FleetHost): string {
  const { counts, versions, skew, unavailable } = host;
  const parts: readonly unknown[] = [
    host.epoch,
    host.name,
    host.state,
    host.since,
    host.interval,
    host.shard,
    counts.namespaces,
    counts.names,
    counts.links,
    versions.nlink,
    versions.node,
    versions.kernel,
    host.target,
    unavailable.join(),
    // A clock that is a little off differs with each head.
    skew === null ? null : Math.round(skew / 5000),
    host.duplicate,
    host.picture,
    host.malformed,
  ];
  return parts.join('\n');
}
