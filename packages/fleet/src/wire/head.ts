/**
 * That a host lives, and how much there is on it. One message a host, each 15 s or so: who has all
 * heads has the list of hosts.
 *
 * `seq` is the number of the last event that was published, and known to be kept, before it: a
 * reader that has less has lost some.
 */
import { count, countOrNull, epochOf, object, text } from './fields.ts';
import { malformed, packed, parsed, unpacked } from './payload.ts';

/** Of messages; one of another version is told as malformed. */
export const VERSION = 1;
const MOST_BYTES = 16_384;
/**
 * The epoch of a host that is known and that nothing was heard of, as one of a list that cannot be
 * reached: its first real epoch takes its place.
 */
export const UNREACHED = '0000000000000000';

/** How much there is on a host. */
export interface HeadCounts {
  /** Named or not. */
  namespaces: number;
  /** Of namespaces that can be entered, and those that stand for none. */
  names: number;
  /** Null: links are not followed. */
  links: number | null;
}

/** That a host lives. */
export interface Head {
  /** Of this start of the agent: 8 hexadecimal digits of the boot, and 8 of the start. */
  epoch: string;
  /** The number of the last event that is kept for sure. */
  seq: number;
  /** Milliseconds until the next one, about. */
  interval: number;
  /** By the clock of the host, ISO 8601. */
  time: string;
  /** What people call it: data, which may be anything, and the same as another's. */
  name: string;
  /** By which its deltas go. */
  shard: string;
  /** How much there is on it. */
  counts: HeadCounts;
  /** Empty texts: not known. */
  versions: { nlink: string; node: string; kernel: string };
  /** Where `nlink serve` of that host is reached for a scrape: `HOST:PORT`. Null: not told. */
  target: string | null;
  /** What it knows nothing of: `nsids`, `links`… */
  unavailable: readonly string[];
  /** It ends now, and says so. */
  bye: boolean;
}

export const encodeHead = (head: Head): Buffer => packed(JSON.stringify({ v: VERSION, ...head }));

/** @throws FleetError `ERR_FLEET_MALFORMED` */
export function decodeHead(bytes: Uint8Array): Head {
  const fields = parsed(unpacked(bytes, MOST_BYTES));
  requireVersion(fields);
  const counts = object(fields, 'counts');
  const versions = object(fields, 'versions');
  const interval = count(fields, 'interval');
  if (interval < 1000 || interval > 3_600_000) throw malformed('interval: milliseconds, at most an hour');
  const unavailable = fields['unavailable'];
  const isList =
    Array.isArray(unavailable) &&
    unavailable.length <= 16 &&
    unavailable.every((part) => typeof part === 'string');
  return {
    epoch: epochOf(fields),
    seq: count(fields, 'seq'),
    interval,
    time: text(fields, 'time', 40),
    name: text(fields, 'name', 255),
    shard: text(fields, 'shard', 32),
    counts: {
      namespaces: count(counts, 'namespaces'),
      names: count(counts, 'names'),
      links: countOrNull(counts, 'links'),
    },
    versions: {
      nlink: text(versions, 'nlink', 40),
      node: text(versions, 'node', 40),
      kernel: text(versions, 'kernel', 128),
    },
    target: fields['target'] === null || fields['target'] === undefined ? null : text(fields, 'target', 300),
    unavailable: isList ? unavailable : [],
    bye: fields['bye'] === true,
  };
}

/** @throws FleetError `ERR_FLEET_MALFORMED` */
export function requireVersion(fields: Readonly<Record<string, unknown>>): void {
  if (fields['v'] !== VERSION) throw malformed(`version ${VERSION} of messages, got ${String(fields['v'])}`);
}
