/**
 * nlink-batch.js DIRECTORY NAMES: namespaces that are open, 128 at once: what `Connection.getNsids`
 * does but for opening and closing. Not public, hence the inner modules.
 */
import { openSync } from 'node:fs';
import { NETLINK_ROUTE, NETNSA_FD } from '../../../build/src/netlink/constants.js';
import { NsidQueries } from '../../../build/src/netlink/nsid-query.js';
import { openSockets } from '../../../build/src/netlink/raw-socket.js';
import { Requester } from '../../../build/src/netlink/requester.js';
import { netlinkSystem } from '../../../build/src/sys/socket.js';
import { turns } from '../turns.js';

const BATCH = 128;
const [, , directory, names] = process.argv;
const open = Array.from({ length: Number(names) }, (_, index) => openSync(`${directory}/added-${index}`));
const descriptors = Array.from({ length: BATCH }, (_, index) => open[index % open.length]);
const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1);
const requester = new Requester(socket);
await turns(async (times) => {
  let sum = 0;
  for (let asked = 0; asked < times; asked += BATCH) {
    for (const nsid of await requester.exchange(new NsidQueries(NETNSA_FD, descriptors))) sum += nsid;
  }
  return sum;
});
