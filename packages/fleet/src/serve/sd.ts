/**
 * Hosts as Prometheus discovers them over HTTP (Prometheus documentation, "HTTP SD endpoint
 * format"): an array of target groups, of which labels are texts. A host without a target is left
 * out, and so is what is no `HOST:PORT`: Prometheus would ask for it as an address.
 *
 * Lone surrogates, of which no label may be made, stand as in `/metrics` (core, label-value.ts).
 * Where an agent says that it is scraped is its word alone: docs/fleet.md says what follows.
 */
import { isIPv6 } from 'node:net';
import { labelValue } from '../core.ts';
import type { FleetHost } from '../reader/fleet-types.ts';

export interface TargetGroup {
  targets: readonly [string];
  labels: Readonly<Record<string, string>>;
}

export const targetGroups = (hosts: readonly FleetHost[]): TargetGroup[] =>
  hosts.flatMap((host) => (host.target === null || !isTarget(host.target) ? [] : groupOf(host, host.target)));

const groupOf = (host: FleetHost, target: string): TargetGroup => ({
  targets: [target],
  labels: {
    __meta_nlink_host: labelValue(host.name),
    __meta_nlink_id: host.id,
    __meta_nlink_key: host.key,
    __meta_nlink_state: host.state,
    __meta_nlink_shard: host.shard,
    __meta_nlink_duplicate: String(host.duplicate),
    __meta_nlink_version: labelValue(host.versions.nlink),
    __meta_nlink_kernel: labelValue(host.versions.kernel),
  },
});

/** A name or an address, and a port: nothing else that a URL may have. */
export function isTarget(text: string): boolean {
  const [, inBrackets, name, digits] = /^(?:\[([^\]]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port === 0 || port > 65_535) return false;
  return inBrackets === undefined ? name !== undefined : isIPv6(inBrackets);
}
