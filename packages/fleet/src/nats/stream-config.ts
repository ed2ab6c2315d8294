/** The streams that are wanted, and in what one that is there differs. */
import type { StreamConfig } from '@nats-io/jetstream';
import { PART_BYTES } from '../wire/snapshot.ts';
import { deltasLane, HEADS, SNAPSHOTS, streamOf, subjectsOf } from '../wire/subjects.ts';
import type { StreamSettings } from './stream-options.ts';

const MIB = 1024 * 1024;
const SECOND = 1e9;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** Of heads: as much as a reader takes. */
const MOST_HEAD = 16_384;

export interface Wanted {
  config: Partial<StreamConfig> & { name: string };
  /** What the admin has not chosen: a stream that is there may have it otherwise. */
  free: ReadonlySet<string>;
}

export interface Difference {
  /** As the server calls it. */
  option: string;
  wanted: string;
  found: string;
}

export function wantedStreams(settings: StreamSettings): Wanted[] {
  const { shards, maxBytes } = settings;
  const state = { max_msgs_per_subject: 1, max_age: 30 * DAY, discard: 'new' } as const;
  const heads = { ...state, max_msg_size: MOST_HEAD };
  const snapshots = { ...state, max_msg_size: PART_BYTES + 1024 };
  const deltas = {
    max_msgs_per_subject: -1,
    max_age: 10 * MINUTE,
    discard: 'old',
    max_msg_size: MIB,
  } as const;
  return [
    wanted(HEADS, heads, maxBytes.heads, 64 * MIB, settings),
    wanted(SNAPSHOTS, snapshots, maxBytes.snapshots, 512 * MIB, settings),
    ...shards.map((shard) => wanted(deltasLane(shard), deltas, maxBytes.deltas, 256 * MIB, settings)),
  ];
}

function wanted(
  lane: string,
  kept: Partial<StreamConfig>,
  maxBytes: number | null,
  usualBytes: number,
  { replicas, storage }: StreamSettings,
): Wanted {
  const config = {
    name: streamOf(lane),
    subjects: subjectsOf(lane),
    retention: 'limits',
    storage: storage ?? 'file',
    num_replicas: replicas ?? 1,
    max_bytes: maxBytes ?? usualBytes,
    max_msgs: -1,
    max_consumers: -1,
    no_ack: false,
    allow_rollup_hdrs: false,
    allow_direct: false,
    deny_delete: false,
    deny_purge: false,
    ...kept,
  } as Wanted['config'];
  const free = new Set<string>();
  if (storage === null) free.add('storage');
  if (replicas === null) free.add('num_replicas');
  if (maxBytes === null) free.add('max_bytes');
  return { config, free };
}

/** What a stream of ours never has; a server that does not know of one does not tell it either. */
const NEVER = [
  'sealed',
  'mirror',
  'sources',
  'republish',
  'subject_transform',
  'discard_new_per_subject',
  'allow_msg_ttl',
  'allow_msg_schedules',
  'allow_msg_counter',
  'allow_atomic',
  'allow_batched',
];

/** @param found as the server tells it */
export function differences(
  { config, free }: Wanted,
  found: Readonly<Record<string, unknown>>,
): Difference[] {
  const all = Object.entries(config).flatMap(([option, value]) => {
    if (free.has(option)) return [];
    const [is, should] = [textOf(found[option] ?? zeroOf(value)), textOf(value)];
    return is === should ? [] : [{ option, wanted: should, found: is }];
  });
  const more = NEVER.flatMap((option) => {
    const value = found[option];
    const isUnset = value === undefined || value === null || value === false || textOf(value) === '';
    return isUnset ? [] : [{ option, wanted: 'not set', found: textOf(value) }];
  });
  return [...all, ...more];
}

/** What the server leaves out is false or 0. */
const zeroOf = (value: unknown): unknown =>
  typeof value === 'boolean' ? false : typeof value === 'number' ? 0 : '';

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).sort().join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
