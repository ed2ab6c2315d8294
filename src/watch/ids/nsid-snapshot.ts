/**
 * All ids at one moment, with the notifications up to that moment taken in: those that tell of what
 * the listing has seen already must not be told after it.
 */
import type { NsidGroupReader } from '../../netlink/nsid-group-reader.ts';
import { areAssigned, listNsids } from '../../netlink/nsid-listing.ts';
import type { Requester } from '../../netlink/requester.ts';
import type { SystemError } from '../../sys/errno.ts';

/**
 * How often it is done again because notifications were lost meanwhile; after that, the loss is the
 * reader's.
 */
const ATTEMPTS = 5;
/** Notifications that are taken in at most; those that come after them are told. */
const MOST = 32_768;

/** Lists ids, and takes in the notifications that wait. @param known ids that may be assigned */
export async function listSettled(
  requester: Requester,
  notifications: NsidGroupReader,
  known: Iterable<number>,
): Promise<{ ids: Set<number>; complete: boolean }> {
  const candidates = new Set(known);
  for (let attempt = 1; ; attempt++) {
    const { entries, complete } = await listNsids(requester, null, candidates);
    const ids = new Set(entries.map(({ nsid }) => nsid));
    await takeIn(requester, notifications, ids);
    if (attempt === ATTEMPTS || notifications.takeLoss() === null) return { ids, complete };
    for (const nsid of ids) candidates.add(nsid);
  }
}

/** Until nothing waits any more: what comes while the kernel is asked is part of its answer. */
async function takeIn(requester: Requester, notifications: NsidGroupReader, ids: Set<number>): Promise<void> {
  for (let taken = 0; taken < MOST;) {
    const ended = new Set<number>();
    const before = taken;
    for (let event = notifications.next(); event !== null; event = notifications.next()) {
      taken++;
      if (event.origin === undefined) {
        if (event.type === 'delNsid') ended.add(event.nsid);
        else {
          ids.add(event.nsid);
          ended.delete(event.nsid);
        }
      }
      if (taken >= MOST) break;
    }
    if (taken === before) return;
    await checkEnded(requester, ids, [...ended]);
  }
}

/** Some of those that were said to be removed belong to somebody else by now. */
async function checkEnded(requester: Requester, ids: Set<number>, ended: readonly number[]): Promise<void> {
  for (let at = 0; at < ended.length; at += requester.batch) {
    const batch = ended.slice(at, at + requester.batch);
    const states = await areAssigned(requester, batch);
    for (const [index, nsid] of batch.entries()) {
      if (states[index] === true) ids.add(nsid);
      else ids.delete(nsid);
    }
  }
}

/** The ids in the namespace with this id; null where that cannot be asked, or not completely. */
export async function listOrigin(requester: Requester, origin: number): Promise<ReadonlySet<number> | null> {
  try {
    const { entries, complete } = await listNsids(requester, origin);
    return complete ? new Set(entries.map(({ nsid }) => nsid)) : null;
  } catch (error) {
    const { code } = error as SystemError;
    if (code === 'EACCES' || code === 'EINVAL' || code === 'ERR_NLINK_UNSUPPORTED_KERNEL') return null;
    throw error;
  }
}
