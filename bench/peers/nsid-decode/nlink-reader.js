/**
 * nlink-reader.js: as nlink decodes what it receives: one reader and one cursor for all datagrams,
 * which lie one after the other in the memory that recvmmsg(2) filled. Not public, hence the inner
 * modules.
 */
import { MessageCursor } from '../../../build/src/netlink/message.js';
import { NsidEventReader } from '../../../build/src/netlink/nsid-event.js';
import { turns } from '../turns.js';
import { datagrams, decodeAll } from './datagrams.js';

const SLOT = 512;
const messages = datagrams(1);
const memory = new Uint8Array(messages.length * SLOT);
for (const [index, datagram] of messages.entries()) memory.set(datagram, index * SLOT);
const cursor = new MessageCursor(memory);
const reader = new NsidEventReader();
await turns(
  decodeAll([...messages.keys()], (slot) => {
    let sum = 0;
    cursor.reset(slot * SLOT, messages[slot].length);
    for (let event = reader.next(cursor); event !== null; event = reader.next(cursor)) sum += event.nsid;
    return sum;
  }),
);
