/** What netlink gives here: a question, the group of notifications, the room for them. */
import { INT_MAX } from '../../../sys/limits.ts';
import { Connection } from '../../../netlink/connection.ts';
import { RTM_GETNSID } from '../../../netlink/constants.ts';
import { RECEIVE_BUFFER } from '../../../netlink/nsid-group-reader.ts';
import { encodeNsidMessage } from '../../../netlink/nsid-message.ts';
import { openScratchSockets } from '../../../netlink/scratch-sockets.ts';
import { netlinkSystem } from '../../../sys/socket.ts';
import { faultOf } from './fault.ts';
import type { NetlinkFacts } from './probe.ts';

const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
export async function netlinkFacts(): Promise<NetlinkFacts> {
  const facts: NetlinkFacts = {
    query: null,
    events: null,
    byNumber: null,
    listed: null,
    buffer: null,
    deaths: null,
  };
  let connection: Connection;
  try {
    connection = await Connection.open();
  } catch (error) {
    return { ...facts, query: faultOf(error) };
  }
  try {
    await connection.getNsid({ path: '/proc/self/ns/net' });
    facts.byNumber = await knowsNumbers(connection);
    const { entries, complete } = await connection.listNsids();
    facts.listed = { count: entries.length, complete };
    facts.buffer = receiveBuffer();
    facts.deaths = await deathsFault();
    facts.events = await connection.subscribeNamespaceEvents().then(() => null, faultOf);
  } catch (error) {
    facts.query = faultOf(error);
  } finally {
    connection.close();
  }
  return facts;
}

/** By opening what a watcher would listen by. */
async function deathsFault(): Promise<NetlinkFacts['deaths']> {
  try {
    for (const socket of await openScratchSockets({ system: netlinkSystem() }, 1)) socket.close();
    return null;
  } catch (error) {
    return faultOf(error);
  }
}

async function knowsNumbers(connection: Connection): Promise<boolean> {
  try {
    const payload = encodeNsidMessage({ family: 0, nsid: INT_MAX });
    await connection.request({ type: RTM_GETNSID, payload });
    return true;
  } catch (error) {
    return faultOf(error).code === 'ENOENT';
  }
}

/** On a socket of its own: what a watcher would get. */
function receiveBuffer(): NetlinkFacts['buffer'] {
  const system = netlinkSystem();
  const fd = system.netlinkSocket(NETLINK_ROUTE);
  if (fd < 0) return null;
  const forced = system.setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) >= 0;
  if (!forced) system.setOption(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
  // The kernel doubles it for its own bookkeeping.
  const granted = system.getOption(fd, SOL_SOCKET, SO_RCVBUF) / 2;
  system.close(fd);
  return { wanted: RECEIVE_BUFFER, granted, forced };
}
