/** nlink.js EACH: `decodeNsIdEvents` of datagrams with EACH messages. */
import { decodeNsIdEvents } from '../../../dist/index.js';
import { turns } from '../turns.js';
import { datagrams, decodeAll } from './datagrams.js';

await turns(
  decodeAll(datagrams(Number(process.argv[2])), (datagram) => {
    let sum = 0;
    for (const event of decodeNsIdEvents(datagram)) sum += event.nsid;
    return sum;
  }),
);
