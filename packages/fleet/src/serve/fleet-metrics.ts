/**
 * Metrics of the fleet as a whole; with `hostMetrics` also of each host, where a scrape of each is
 * not wanted. Of namespaces and links there are none here: `nlink serve` of each host has them.
 */
import { labels } from '../core.ts';
import type { Family } from '../core.ts';
import type { FleetCounts } from './fleet-counts.ts';
import type { FleetWatcher } from '../fleet-watcher.ts';
import type { FleetHost, HostState } from '../reader/fleet-types.ts';

const STATES: readonly HostState[] = ['live', 'late', 'gone'];
const REASONS: readonly string[] = ['restart', 'lost', 'overflow', 'timeout', 'refused', 'unread'];

export interface FleetMetrics {
  source: FleetWatcher;
  counts: FleetCounts;
  /** How many follow the stream. */
  clients: () => number;
  hostMetrics: boolean;
  version: string;
}

export function fleetFamilies(parts: FleetMetrics): Family[] {
  const { source, counts } = parts;
  const hosts = source.hosts();
  const present = hosts.filter(({ state }) => state !== 'gone');
  const sum = (of: (host: FleetHost) => number): number =>
    present.reduce((total, host) => total + of(host), 0);
  const resyncs = new Map([...REASONS.map((reason) => [reason, 0] as const), ...counts.resyncs]);
  const families: Family[] = [
    gauges(
      'hosts',
      'Hosts that are known, by state.',
      byLabel('state', STATES, (state) => hosts.filter((host) => host.state === state).length),
    ),
    one(
      'hosts_duplicate',
      'Hosts of which two agents speak under one key.',
      hosts.filter(({ duplicate }) => duplicate).length,
    ),
    one(
      'namespaces',
      'Network namespaces of all hosts that are not gone.',
      sum((host) => host.counts.namespaces),
    ),
    one(
      'names',
      'Names of network namespaces of all hosts that are not gone.',
      sum((host) => host.counts.names),
    ),
    one(
      'links',
      'Links of all hosts that are not gone.',
      sum((host) => host.counts.links ?? 0),
    ),
    one(
      'connection_live',
      'Whether the connection is live: what is told is what is so.',
      source.connection === 'live' ? 1 : 0,
    ),
    counter('events', 'Events of hosts that were told.', [{ labels: '', value: counts.events }]),
    {
      ...counter(
        'event_lag_seconds',
        'Seconds of all events from when they happened, by clocks put right, to when they were told here.',
        [{ labels: '', value: counts.lag }],
      ),
      unit: 'seconds',
    },
    counter(
      'resyncs',
      'Losses of events that were made up for, by reason.',
      byLabel('reason', [...resyncs.keys()], (reason) => resyncs.get(reason) ?? 0),
    ),
    counter('malformed_messages', 'Messages that no agent of this version makes.', [
      {
        labels: '',
        value: counts.malformedBefore + hosts.reduce((total, { malformed }) => total + malformed, 0),
      },
    ]),
    one('stream_clients', 'Who follows the stream of events.', parts.clients()),
    {
      name: 'nlink_fleet_build',
      type: 'info',
      help: 'The version of nlink-fleet and of Node.',
      samples: [{ labels: labels({ version: parts.version, node: process.versions.node }), value: 1 }],
    },
  ];
  return parts.hostMetrics ? [...families, ...hostFamilies(hosts)] : families;
}

/** Two hosts may have one name: the id tells them apart. */
const labelsOf = ({ id, name }: FleetHost): string => labels({ host: name, id });

function hostFamilies(hosts: readonly FleetHost[]): Family[] {
  const of = (value: (host: FleetHost) => number | null): Family['samples'] =>
    hosts.flatMap((host) => {
      const number = value(host);
      return number === null ? [] : [{ labels: labelsOf(host), value: number }];
    });
  const info = hosts.map(({ id, name, key, shard, versions }) => ({
    labels: labels({ host: name, id, key, shard, kernel: versions.kernel, version: versions.nlink }),
    value: 1,
  }));
  return [
    { name: 'nlink_fleet_host', type: 'info', help: 'A host: its key, shard and versions.', samples: info },
    gauges(
      'host_live',
      'Whether a host is live.',
      of(({ state }) => (state === 'live' ? 1 : 0)),
    ),
    gauges(
      'host_duplicate',
      'Whether two agents speak under the key of a host.',
      of(({ duplicate }) => (duplicate ? 1 : 0)),
    ),
    {
      ...gauges(
        'host_heard_age_seconds',
        'How long ago a host was heard last.',
        of(({ heard }) => heard / 1000),
      ),
      unit: 'seconds',
    },
    {
      ...gauges(
        'host_clock_skew_seconds',
        'How far the clock of a host is ahead.',
        of(({ skew }) => (skew === null ? null : skew / 1000)),
      ),
      unit: 'seconds',
    },
    gauges(
      'host_namespaces',
      'Network namespaces of a host.',
      of(({ counts }) => counts.namespaces),
    ),
    gauges(
      'host_names',
      'Names of network namespaces of a host.',
      of(({ counts }) => counts.names),
    ),
    gauges(
      'host_links',
      'Links of a host, where they are followed.',
      of(({ counts }) => counts.links),
    ),
    counter(
      'host_malformed_messages',
      'Messages of a host that no agent of this version makes.',
      of(({ malformed }) => malformed),
    ),
  ];
}

const gauges = (name: string, help: string, samples: Family['samples']): Family => ({
  name: `nlink_fleet_${name}`,
  type: 'gauge',
  help,
  samples,
});
const counter = (name: string, help: string, samples: Family['samples']): Family => ({
  name: `nlink_fleet_${name}`,
  type: 'counter',
  help,
  samples,
});
const one = (name: string, help: string, value: number): Family =>
  gauges(name, help, [{ labels: '', value }]);
const byLabel = <T extends string>(
  label: string,
  values: readonly T[],
  of: (value: T) => number,
): Family['samples'] => values.map((value) => ({ labels: labels({ [label]: value }), value: of(value) }));
