/**
 * Lists all nsids at one moment, with the notifications up to that moment absorbed: one that
 * reports what the list shows already must not be emitted after it.
 */
import type { NsidGroupReader } from '../../netlink/nsid-group-reader.ts';
import { areAssigned, listNsids } from '../../netlink/nsid-listing.ts';
import type { Requester } from '../../netlink/requester.ts';
import type { SystemError } from '../../sys/errno.ts';

/** Lists again that often if notifications were lost meanwhile; then the loss is the caller's. */
const ATTEMPTS = 5;
/** Absorbs no more notifications than this; later ones are emitted. */
const ABSORB_LIMIT = 32_768;

/** Lists nsids and absorbs the notifications that wait. @param known nsids that may be assigned */
export async function listSettled(
  requester: Requester,
  notifications: NsidGroupReader,
  known: Iterable<number>,
): Promise<{ nsids: Set<number>; complete: boolean }> {
  const candidates = new Set(known);
  for (let attempt = 1; ; attempt++) {
    const { entries, complete } = await listNsids(requester, null, candidates);
    const nsids = new Set(entries.map(({ nsid }) => nsid));
    await absorb(requester, notifications, nsids);
    if (attempt === ATTEMPTS || notifications.takeLoss() === null) return { nsids, complete };
    for (const nsid of nsids) candidates.add(nsid);
  }
}

/** Until nothing waits: what arrives while the kernel is asked is part of its answer. */
async function absorb(
  requester: Requester,
  notifications: NsidGroupReader,
  nsids: Set<number>,
): Promise<void> {
  for (let taken = 0; taken < ABSORB_LIMIT;) {
    const ended = new Set<number>();
    const before = taken;
    for (let event = notifications.next(); event !== null; event = notifications.next()) {
      taken++;
      if (event.origin === undefined) {
        if (event.type === 'delNsid') ended.add(event.nsid);
        else {
          nsids.add(event.nsid);
          ended.delete(event.nsid);
        }
      }
      if (taken >= ABSORB_LIMIT) break;
    }
    if (taken === before) return;
    await checkEnded(requester, nsids, [...ended]);
  }
}

/** Some nsids that were reported as removed belong to somebody else by now. */
async function checkEnded(requester: Requester, nsids: Set<number>, ended: readonly number[]): Promise<void> {
  for (let at = 0; at < ended.length; at += requester.batch) {
    const batch = ended.slice(at, at + requester.batch);
    const states = await areAssigned(requester, batch);
    for (const [index, nsid] of batch.entries()) {
      if (states[index] === true) nsids.add(nsid);
      else nsids.delete(nsid);
    }
  }
}

/**
 * Adds those that are assigned of some that a list may be older than.
 * @param younger may grow meanwhile: then those are asked for, too
 */
export async function addYounger(
  requester: Requester,
  nsids: Set<number>,
  younger: ReadonlySet<number>,
): Promise<void> {
  for (const nsid of younger) {
    const [isThere] = await areAssigned(requester, [nsid]);
    if (isThere !== false) nsids.add(nsid);
  }
}

/** The nsids in the namespace with this nsid; null: it cannot be asked, or not completely. */
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
