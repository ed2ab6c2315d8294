/**
 * Notifications as the kernel sends them, 28 bytes each: RTM_NEWNSID and RTM_DELNSID in turn, with
 * different ids. `datagrams(n)` puts n into each datagram; the kernel itself sends one a datagram.
 */
import { encodeMessage, encodeNsidMessage, RTM_DELNSID, RTM_NEWNSID } from '../../../dist/netlink/index.js';

/** Messages in all: more than a processor can remember the outcome of. */
export const MESSAGES = 4096;

export function datagrams(each) {
  const messages = Array.from({ length: MESSAGES }, (_, index) =>
    encodeMessage({
      type: index % 2 === 0 ? RTM_NEWNSID : RTM_DELNSID,
      payload: encodeNsidMessage({ family: 0, nsid: index }),
    }),
  );
  return Array.from({ length: MESSAGES / each }, (_, at) =>
    Buffer.concat(messages.slice(at * each, (at + 1) * each)),
  );
}

/**
 * Work for `turns`: decodes all datagrams `times` times; `decode` gives the sum of the ids in one.
 */
export function decodeAll(all, decode) {
  return (times) => {
    let sum = 0;
    for (let time = 0; time < times; time++) for (const datagram of all) sum += decode(datagram);
    return sum;
  };
}
