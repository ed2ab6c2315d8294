/**
 * A kernel that always tells of an id's new owner before it tells of the old one's end, as it may
 * (nsid-table.ts): what is received together is real, but for the order of the two.
 */
import { NETNSA_NSID, RTM_DELNSID, RTM_NEWNSID } from '../../../src/netlink/index.ts';
import { littleEndian } from '../../../src/sys/endian.ts';
import type { ReceiveBuffer } from '../../../src/sys/receive-buffer.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';

/** A notification: header, struct rtgenmsg, NETNSA_NSID. */
const LENGTH = 28;

/** @returns the system, and how often it changed the order */
export function newOwnersFirst(): { system: NetlinkSystem; count: () => number } {
  const real = netlinkSystem();
  let swapped = 0;
  return {
    count: () => swapped,
    system: {
      ...real,
      receiveMany(fd, inbox, most) {
        const received = real.receiveMany(fd, inbox, most);
        swapped += swap(inbox, received);
        return received;
      },
    },
  };
}

/** Puts each end behind the beginning that comes next for the same id. @returns how many */
function swap(inbox: ReceiveBuffer, received: number): number {
  const view = new DataView(inbox.bytes.buffer, inbox.bytes.byteOffset);
  /** The ends that were met, by their ids. */
  const ends = new Map<number, number>();
  let count = 0;
  for (let slot = 0; slot < received; slot++) {
    const at = inbox.start(slot);
    if (inbox.length(slot) !== LENGTH || view.getUint16(at + 22, littleEndian) !== NETNSA_NSID) continue;
    const type = view.getUint16(at + 4, littleEndian);
    const nsid = view.getInt32(at + 24, littleEndian);
    const end = ends.get(nsid);
    if (type === RTM_DELNSID) ends.set(nsid, at);
    if (type !== RTM_NEWNSID || end === undefined) continue;
    view.setUint16(end + 4, RTM_NEWNSID, littleEndian);
    view.setUint16(at + 4, RTM_DELNSID, littleEndian);
    ends.delete(nsid);
    count++;
  }
  return count;
}
