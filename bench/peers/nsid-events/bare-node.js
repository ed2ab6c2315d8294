/**
 * bare-node.js stamps: what c/nsid-read.c does, in JavaScript with koffi and nothing else, stamped
 * right in the callback: as soon as Node can know at all. Not usable as it is: promise jobs do not
 * run in such a callback.
 */
import koffi from 'koffi';
import { told, watching } from './tally.js';

const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const recv = libc.func('intptr_t recv(int fd, void *buffer, size_t length, int flags)');

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const MSG_DONTWAIT = 0x40;
const RTM_NEWNSID = 88;
/** In an event: where its type and its id stand. */
const TYPE = 4;
const NSID = 24;

const datagram = Buffer.alloc(65536);
const fd = socket(AF_NETLINK, SOCK_RAW, 0);
const address = new Uint32Array([AF_NETLINK, 0, 1 << 27]);
if (bind(fd, address, 12) !== 0) throw new Error('bind');
function read() {
  while (Number(recv(fd, datagram, datagram.length, MSG_DONTWAIT)) > 0)
    told({
      type: datagram.readUInt16LE(TYPE) === RTM_NEWNSID ? 'newNsid' : 'delNsid',
      nsid: datagram.readInt32LE(NSID),
    });
}
// A handle that nobody refers to is collected.
globalThis.handle = koffi.node.poll(fd, { readable: true }, read);
watching();
