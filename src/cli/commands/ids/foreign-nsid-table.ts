/**
 * The table of another network namespace, in the way that takes the least: by its id here, as the
 * kernel offers it to whoever has CAP_NET_ADMIN there (`NETNSA_TARGET_NSID`, Linux 5.0); if it has
 * none, or that right is missing, from a socket inside.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { RTM_GETNSID } from '../../../netlink/constants.ts';
import type { NsidOrError } from '../../../netlink/nsid-by-reference.ts';
import type { NsidListing } from '../../../netlink/nsid-listing.ts';
import { decodeNsidMessage, encodeNsidMessage } from '../../../netlink/nsid-message.ts';
import { encodeName } from '../../../reference/names.ts';
import type { NsidTable, TableSource } from '../shared/nsid-table.ts';
import type { NsidConnection, Io } from '../../host/io.ts';
import { nsidOf, referenceOf } from '../../args/target.ts';
import type { Target } from '../../args/target.ts';

/**
 * Reads the target's table.
 * @throws what took the least right, where it is missing: `EACCES` (CAP_NET_ADMIN), `EPERM`
 *   (CAP_SYS_ADMIN)
 */
export async function readForeignNsidTable(
  io: Io,
  connection: NsidConnection,
  target: Target,
  read: (source: TableSource) => Promise<NsidTable>,
): Promise<NsidTable> {
  for (;;) {
    const id = await nsidOf(connection, target);
    if (id === null) return readInside(io, target, read);
    try {
      const table = await read(throughId(connection, id));
      // Otherwise the target has ended or was replaced, and the id may mean another namespace by
      // now: all over.
      if ((await nsidOf(connection, target)) === id) return table;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EACCES' || code === 'ERR_NLINK_UNSUPPORTED_KERNEL')
        return readInside(io, target, read, error as Error);
      if (code !== 'EINVAL' || (await nsidOf(connection, target)) === id) throw error;
    }
  }
}

/** @param refused why the other way is closed: says what would do, where this one takes more */
async function readInside(
  io: Io,
  target: Target,
  read: (source: TableSource) => Promise<NsidTable>,
  refused?: Error,
): Promise<NsidTable> {
  let inside: NsidConnection;
  try {
    inside = await io.openConnection({ namespace: referenceOf(target) });
  } catch (error) {
    throw refused ?? error;
  }
  try {
    return await read({
      list: async () => {
        const { listing, finish } = await inside.beginListing();
        return { listing: asTheirs(listing), finish: async (assigned) => asTheirs(await finish(assigned)) };
      },
      nsidsOf: (paths) => inside.getNsids(paths.map((path) => ({ path }))),
    });
  } finally {
    inside.close();
  }
}

/** What a namespace calls its own id is the id in there. */
const asTheirs = ({ entries, ...rest }: NsidListing): NsidListing => ({
  ...rest,
  entries: entries.map(({ nsid }) => ({ nsid, current: null })),
});

function throughId(connection: NsidConnection, target: number): TableSource {
  return {
    list: async () => ({
      listing: await connection.listNsids({ target }),
      finish: () => connection.listNsids({ target }),
    }),
    nsidsOf: async (paths) => {
      const nsids: NsidOrError[] = [];
      for (const path of paths) {
        try {
          nsids.push(await nsidIn(connection, target, path));
        } catch (error) {
          nsids.push(error as Exclude<NsidOrError, number | null>);
        }
      }
      return nsids;
    },
  };
}

/** Which id the namespace behind a path has in the table of the target. */
async function nsidIn(connection: NsidConnection, targetNsid: number, path: string): Promise<number | null> {
  const fd = openSync(encodeName(path), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const payload = encodeNsidMessage({ family: 0, fd, targetNsid });
    const [answer] = await connection.request({ type: RTM_GETNSID, payload });
    const { nsid = -1 } = answer === undefined ? {} : decodeNsidMessage(answer.payload);
    return nsid < 0 ? null : nsid;
  } finally {
    closeSync(fd);
  }
}
