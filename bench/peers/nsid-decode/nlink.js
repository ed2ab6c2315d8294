/** nlink.js EACH: `decodeNsidEvents` of datagrams with EACH messages. */
import { decodeNsidEvents } from '../../../dist/netlink/index.js';
import { turns } from '../turns.js';
import { datagrams, decodeAll } from './datagrams.js';

await turns(
  decodeAll(datagrams(Number(process.argv[2])), (datagram) => {
    let sum = 0;
    for (const event of decodeNsidEvents(datagram)) sum += event.nsid;
    return sum;
  }),
);
