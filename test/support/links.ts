/**
 * Network devices over netlink, as something that every network namespace has and that differs
 * between them (rtnetlink(7)).
 */
import { closeSync, openSync } from 'node:fs';
import {
  decodeAttributes,
  decodeMessages,
  encodeAttributes,
  encodeMessage,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  NLMSG_DONE,
} from '../../src/netlink/index.ts';
import type { Connection, NetlinkMessage, NetlinkSocket } from '../../src/netlink/index.ts';
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

const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_FD = 28;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;

/**
 * Makes a pair of devices with one end here and the other one in the namespace of a path (veth(4)),
 * by which each gets an id for the other.
 */
export async function addVeth(connection: Connection, path: string): Promise<void> {
  const fd = openSync(path, 'r');
  try {
    const inside = encodeAttributes([
      { type: IFLA_NET_NS_FD, value: new Uint8Array(Int32Array.of(fd).buffer) },
    ]);
    const peer = encodeAttributes([{ type: VETH_INFO_PEER, value: Buffer.concat([ifinfomsg(), inside]) }]);
    const info = encodeAttributes([
      { type: IFLA_INFO_KIND, value: Buffer.from('veth') },
      { type: IFLA_INFO_DATA, value: peer },
    ]);
    const payload = Buffer.concat([ifinfomsg(), encodeAttributes([{ type: IFLA_LINKINFO, value: info }])]);
    await connection.request({ type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL, payload });
  } finally {
    closeSync(fd);
  }
}
