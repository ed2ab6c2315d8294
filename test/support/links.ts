/** Network devices over netlink, as something that every network namespace has and that differs between them (rtnetlink(7)). */
import {
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
} from '../../src/netlink/index.ts';
import type { NetlinkMessage, NetlinkSocket } from '../../src/netlink/index.ts';
import { within } from './wait.ts';

// linux/rtnetlink.h, if_link.h
const RTM_NEWLINK = 16;
export const RTM_GETLINK = 18;
const IFINFOMSG_SIZE = 16;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;

export interface Link {
  index: number;
  /** `IFF_*`. */
  flags: number;
  name: string;
  mtu: number;
}

/** A `struct ifinfomsg` that means the device with this number, or all. */
export const ifinfomsg = (index = 0): Uint8Array => new Uint8Array(Int32Array.of(0, index, 0, 0).buffer);

/** The device that an RTM_NEWLINK tells of. */
export function decodeLink({ type, payload }: NetlinkMessage): Link {
  if (type !== RTM_NEWLINK) throw new Error(`message of type ${type} where RTM_NEWLINK was expected`);
  const [, index = 0, flags = 0] = new Int32Array(payload.slice(0, IFINFOMSG_SIZE).buffer);
  const attributes = new Map(
    decodeAttributes(payload.subarray(IFINFOMSG_SIZE)).map(({ type, value }) => [type, Buffer.from(value)]),
  );
  const name = attributes.get(IFLA_IFNAME)?.toString().replace('\0', '') ?? '';
  const [mtu = 0] = new Uint32Array(new Uint8Array(attributes.get(IFLA_MTU) ?? []).buffer);
  return { index, flags, name, mtu };
}

/** The names of all devices that a socket sees, sorted. */
export async function deviceNames(socket: NetlinkSocket): Promise<string[]> {
  const flags = NLM_F_REQUEST | NLM_F_DUMP;
  socket.send(encodeMessage({ type: RTM_GETLINK, flags, sequence: 1, payload: ifinfomsg() }));
  const names: string[] = [];
  for (;;) {
    const datagram = await within('the devices', socket.recv());
    if (datagram === undefined) throw new Error('the socket was closed');
    for (const message of decodeMessages(datagram.bytes)) {
      if (message.type === NLMSG_DONE) return names.sort();
      names.push(decodeLink(message).name);
    }
  }
}
