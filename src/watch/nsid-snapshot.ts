/**
 * All ids at one moment, with the notifications up to that moment taken in: those that tell of what the listing has seen already must
 * not be told after it.
 */
import type { Notifications } from '../netlink/notifications.ts';
import { areAssigned, listNsids } from '../netlink/nsid-listing.ts';
import type { Requester } from '../netlink/requester.ts';
import type { SystemError } from '../sys/errno.ts';

/** How often it is done again because notifications were lost meanwhile; after that, the loss is the reader's. */
const ATTEMPTS = 5;
/** Notifications that are taken in at most; those that come after them are told. */
const MOST = 32_768;

/**
 * Lists ids, and takes in the notifications that wait.
 * @param known ids that may be assigned
 */
export async function listSettled(
  requester: Requester,
  notifications: Notifications,
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

async function takeIn(requester: Requester, notifications: Notifications, ids: Set<number>): Promise<void> {
  /** Ids whose end was told, and whether a beginning came after it, which counts where the kernel cannot be asked. */
  const ended = new Map<number, boolean>();
  for (let taken = 0; taken < MOST; taken++) {
    const event = notifications.next();
    if (event === null) break;
    const { type, nsid, origin } = event;
    if (origin !== undefined) continue;
    if (type === 'newNsId') ids.add(nsid);
    if (type === 'delNsId' || ended.has(nsid)) ended.set(nsid, type === 'newNsId');
  }
  // Some of them belong to somebody else by now.
  const doubtful = [...ended];
  for (let at = 0; at < doubtful.length; at += requester.batch) {
    const batch = doubtful.slice(at, at + requester.batch);
    const states = await areAssigned(
      requester,
      batch.map(([nsid]) => nsid),
    );
    for (const [index, [nsid, begunAgain]] of batch.entries()) {
      if (states[index] ?? begunAgain) ids.add(nsid);
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
