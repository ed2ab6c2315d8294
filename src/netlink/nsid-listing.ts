/**
 * All nsids of a namespace, and whether these are really all. The kernel's dump cannot be relied
 * on: since Linux 6.10 (commit 1514b06aff16) it ends after one datagram, with no sign that nsids
 * are missing. So a dump that filled its datagram is doubted, and what may be missing is asked for
 * one by one: nsids that are known from elsewhere, and those that follow, since the kernel assigns
 * the lowest free nsid.
 */
import { NlinkError } from '../errors.ts';
import { INT_MAX } from '../sys/limits.ts';
import { NsidDumpRequest } from './nsid-dump.ts';
import type { DumpedNsid, NsidDump } from './nsid-dump.ts';
import { NsidStates } from './nsid-query.ts';
import type { Requester } from './requester.ts';

/** An nsid of a listing. */
export interface NsidEntry {
  /** The nsid, in the table of the namespace that was asked for. */
  nsid: number;
  /**
   * The nsid that the same namespace has in the namespace that asks; null: none. The same as `nsid`
   * unless a `target` was given.
   */
  current: number | null;
}

/** Why a listing may lack nsids. */
export type IncompleteReason =
  /** The dump filled the one datagram that the kernel sends, and it may have been cut off there. */
  | 'dump-truncated'
  /** Nsids came and went during each of several dumps. */
  | 'dump-interrupted';

/** Nsids of a namespace, ascending. */
export interface NsidListing {
  /** One for each nsid. */
  entries: NsidEntry[];
  /** Whether these are all. */
  complete: boolean;
  /** Why they may not be; only where `complete` is false. */
  reason?: IncompleteReason;
}

/** How often an interrupted dump is made again. */
const ATTEMPTS = 5;
/**
 * How often a dump is made that would have filled the small buffer the kernel falls back to when
 * memory is short.
 */
const SMALL_ATTEMPTS = 3;
/** An entry: header, struct rtgenmsg, NETNSA_NSID; with a target also NETNSA_CURRENT_NSID. */
const ENTRY = 28;
const ENTRY_WITH_CURRENT = 36;
/**
 * What the kernel's buffers for a dump hold: 32 kB, or NLMSG_GOODSIZE, a page of 4 kB or 8 kB; less
 * `struct skb_shared_info`, 320 bytes on x86_64, which differs by architecture and configuration.
 */
const LARGE = 32 * 1024;
const SMALL = [4096, 8192] as const;
const LEAST_OVERHEAD = 192;
const MOST_OVERHEAD = 640;
/** The search for more nsids ends after so many in a row that are not assigned. */
const SEARCH_GAP = 1024;

/**
 * Lists nsids.
 * @param target an nsid here whose namespace's nsids are wanted; null: those of this namespace
 * @param known nsids that may be assigned, found even if the dump lacks them
 * @throws NetlinkError `EINVAL` (no such target), `EACCES` (no right to ask it)
 */
export async function listNsids(
  requester: Requester,
  target: number | null,
  known: Iterable<number> = [],
): Promise<NsidListing> {
  const dumped = await dumpNsids(requester, target);
  if (dumped.complete || target !== null) return listingOf(dumped);
  // Before the known ones are found: they may lie far beyond those that follow.
  const last = greatest(dumped.found);
  await askForAll(
    requester,
    dumped.found,
    [...new Set(known)].filter((nsid) => !dumped.found.has(nsid)),
  );
  await search(requester, dumped.found, last);
  return listingOf(dumped);
}

/** What the kernel's dump gave, and whether that is all. */
export interface DumpedNsids {
  readonly complete: boolean;
  readonly reason: IncompleteReason | null;
  readonly found: Map<number, DumpedNsid>;
}

/**
 * The first half of {@link listNsids}, for whoever learns meanwhile what is assigned besides: the
 * kernel goes through its whole table for each nsid that it is asked for.
 */
export async function dumpNsids(requester: Requester, target: number | null): Promise<DumpedNsids> {
  if (target !== null && !requester.socket.strict) {
    throw new NlinkError(
      'ERR_NLINK_UNSUPPORTED_KERNEL',
      'this kernel ignores the target and lists the nsids of this namespace: a target needs Linux 5.0 or later',
    );
  }
  // The kernel makes a dump's datagram no larger than the largest buffer that was received into
  // before: one small answer.
  await areAssigned(requester, [0]);
  let dump = await dumpOnce(requester, target);
  for (let attempt = 1; attempt < ATTEMPTS && dump.interrupted; attempt++)
    dump = await dumpOnce(requester, target);
  // A buffer of 32 kB needs memory in one piece; without, the kernel takes a small one. It will
  // hardly do so each time.
  const size = target === null ? ENTRY : ENTRY_WITH_CURRENT;
  for (let attempt = 1; attempt < SMALL_ATTEMPTS && fills(dump, size, SMALL); attempt++) {
    const again = await dumpOnce(requester, target);
    if (again.entries.length > dump.entries.length) dump = again;
  }
  const found = new Map<number, DumpedNsid>();
  // Whatever the target calls them, in one's own namespace an nsid is its own.
  for (const { nsid, current } of dump.entries)
    found.set(nsid, { nsid, current: target === null ? nsid : current });
  const truncated = fills(dump, size, [LARGE]);
  const reason = truncated ? 'dump-truncated' : dump.interrupted ? 'dump-interrupted' : null;
  return { complete: reason === null, reason, found };
}

/**
 * The second half, where the dump of this namespace was not complete.
 * @param assigned nsids that the kernel said are assigned, since the dump
 */
export async function finishListing(
  requester: Requester,
  dumped: DumpedNsids,
  assigned: Iterable<number>,
): Promise<NsidListing> {
  const last = greatest(dumped.found);
  for (const nsid of assigned) if (!dumped.found.has(nsid)) dumped.found.set(nsid, { nsid, current: nsid });
  await search(requester, dumped.found, last);
  return listingOf(dumped);
}

/** As far as it has been found. */
export function listingOf({ complete, reason, found }: DumpedNsids): NsidListing {
  const entries = [...found.values()].sort((a, b) => a.nsid - b.nsid);
  return reason === null ? { entries, complete } : { entries, complete, reason };
}

const dumpOnce = async (requester: Requester, target: number | null): Promise<NsidDump> =>
  requester.exchange(new NsidDumpRequest(target));

/**
 * Whether all of the dump came in one datagram that had no room for one entry more, in a buffer of
 * one of these sizes.
 */
function fills({ datagrams }: NsidDump, entry: number, buffers: readonly number[]): boolean {
  const [bytes = 0, ...more] = datagrams;
  if (more.length > 0) return false;
  return buffers.some((buffer) => bytes + entry > buffer - MOST_OVERHEAD && bytes <= buffer - LEAST_OVERHEAD);
}

function greatest(nsids: ReadonlyMap<number, unknown>): number {
  let last = -1;
  for (const nsid of nsids.keys()) last = Math.max(last, nsid);
  return last;
}

/** Asks for single nsids, on from the last of the dump; those that were found need no question. */
async function search(requester: Requester, found: Map<number, DumpedNsid>, dumped: number): Promise<void> {
  let last = dumped;
  for (let next = last + 1; next - last <= SEARCH_GAP && next <= INT_MAX; next += requester.batch) {
    const count = Math.min(requester.batch, INT_MAX - next + 1);
    const ids = Array.from({ length: count }, (_, index) => next + index);
    await askForAll(
      requester,
      found,
      ids.filter((nsid) => !found.has(nsid)),
    );
    for (const nsid of ids) if (found.has(nsid)) last = nsid;
  }
}

/** Adds those that are assigned. */
async function askForAll(
  requester: Requester,
  found: Map<number, DumpedNsid>,
  nsids: readonly number[],
): Promise<void> {
  for (let at = 0; at < nsids.length; at += requester.batch) {
    const ids = nsids.slice(at, at + requester.batch);
    const states = await areAssigned(requester, ids);
    for (const [index, nsid] of ids.entries())
      if (states[index] === true) found.set(nsid, { nsid, current: nsid });
  }
}

/**
 * Whether nsids are assigned at this moment; null where the kernel cannot say (before Linux 5.0).
 * @param nsids no more than the requester's batch
 */
export function areAssigned(
  requester: Requester,
  ids: readonly number[],
): (boolean | null)[] | Promise<(boolean | null)[]> {
  return requester.exchange(new NsidStates(ids));
}
