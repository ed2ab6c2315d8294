/**
 * netlink.js EACH: the same with the functions of the npm package `netlink`; what it leaves to its
 * user makes the same events.
 */
import { parseMessages } from 'netlink';
import { nsidIn, RTM_NEWNSID } from '../netlink-package.js';
import { turns } from '../turns.js';
import { datagrams, decodeAll } from './datagrams.js';

const decode = (datagram) =>
  parseMessages(datagram).map(({ type, data }) => ({
    type: type === RTM_NEWNSID ? 'newNsid' : 'delNsid',
    nsid: nsidIn(data),
  }));
await turns(
  decodeAll(datagrams(Number(process.argv[2])), (datagram) => {
    let sum = 0;
    for (const event of decode(datagram)) sum += event.nsid;
    return sum;
  }),
);
