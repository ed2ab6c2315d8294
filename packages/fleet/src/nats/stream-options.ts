/** How the streams are to be made, checked. */
import { integer, invalidArgument, requireOptions } from '../core.ts';
import { DEFAULT_SHARD, isShard } from '../wire/subjects.ts';

/** What an admin may choose; what is not given is not compared with a stream that is there. */
export interface StreamOptions {
  /** One stream of deltas for each: 1-32 letters (a-z) and digits. Default `['0']`. */
  shards?: readonly string[] | undefined;
  /** How many servers of a cluster keep each message: 1, 3 or 5. Default 1. */
  replicas?: number | undefined;
  /** Default `file`. In `memory`, all is gone after a restart, and agents send it again. */
  storage?: 'file' | 'memory' | undefined;
  /** Of each stream; the server sets so much aside. Default 64, 256 (a shard) and 512 MiB. */
  maxBytes?:
    { heads?: number | undefined; deltas?: number | undefined; snapshots?: number | undefined } | undefined;
}

export interface StreamSettings {
  shards: readonly string[];
  replicas: number | null;
  storage: 'file' | 'memory' | null;
  maxBytes: { heads: number | null; deltas: number | null; snapshots: number | null };
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkStreamOptions(options: StreamOptions): StreamSettings {
  requireOptions(options);
  const { shards = [DEFAULT_SHARD], replicas, storage, maxBytes = {} } = options;
  checkShards(shards);
  if (replicas !== undefined && ![1, 3, 5].includes(replicas))
    throw invalidArgument('replicas', '1, 3 or 5', replicas);
  if (storage !== undefined && storage !== 'file' && storage !== 'memory')
    throw invalidArgument('storage', 'file or memory', storage);
  if (typeof maxBytes !== 'object' || maxBytes === null)
    throw invalidArgument('maxBytes', '{ heads?, deltas?, snapshots? }', maxBytes);
  return {
    shards,
    replicas: replicas ?? null,
    storage: storage ?? null,
    maxBytes: {
      heads: bytesOf('heads', maxBytes.heads),
      deltas: bytesOf('deltas', maxBytes.deltas),
      snapshots: bytesOf('snapshots', maxBytes.snapshots),
    },
  };
}

/** @throws NlinkError `ERR_NLINK_INVALID_ARGUMENT` */
export function checkShards(shards: readonly string[]): void {
  const isRight =
    Array.isArray(shards) &&
    shards.length > 0 &&
    shards.every((shard) => typeof shard === 'string' && isShard(shard)) &&
    new Set(shards).size === shards.length;
  if (!isRight) throw invalidArgument('shards', 'different words of 1-32 letters a-z and digits', shards);
}

const bytesOf = (name: string, value: number | undefined): number | null =>
  value === undefined ? null : integer(`maxBytes.${name}`, value, 0, 64 * 1024, Number.MAX_SAFE_INTEGER);
