/**
 * Datagrams as Linux 6.18 gave and took them, field by field: struct nlmsghdr (length, type, flags,
 * sequence, port), then struct rtgenmsg and attributes (length, type, value), or an error number
 * and the header of the request (netlink(7)).
 */
import { native } from './native.ts';

const NOTATION = {
  /** `ip netns set a 7`: the sequence number and the port are those of ip(8). */
  newNsidBySet: '0000001c 0058 0000 6b05a0e3 00001a2b  00 000000  0008 0001 00000007',
  /**
   * One end of a veth pair was moved into another namespace, which the kernel gave an id of its own
   * accord.
   */
  newNsidByKernel: '0000001c 0058 0000 00000000 00000000  00 000000  0008 0001 00000000',
  /** The namespace was destroyed. */
  delNsid: '0000001c 0059 0000 00000000 00000000  00 000000  0008 0001 00000000',

  /** Which id has the namespace that descriptor 23 is open on? */
  getByFd: '0000001c 005a 0001 00000065 00000000  00 000000  0008 0003 00000017',
  /** The one of process 1? */
  getByPid: '0000001c 005a 0001 00000067 00000000  00 000000  0008 0002 00000001',
  /** Is 7 assigned? */
  getByNsid: '0000001c 005a 0001 00000068 00000000  00 000000  0008 0001 00000007',
  /** Which id has descriptor 23 in the namespace that is 7 here? */
  getInTarget: '00000024 005a 0001 00000069 00000000  00 000000  0008 0003 00000017  0008 0004 00000007',
  /** `ip netns set` of 7, acknowledged. */
  setNsid: '00000024 0058 0005 00000075 00000000  00 000000  0008 0001 00000007  0008 0003 00000018',
  /** All ids. */
  dump: '00000014 005a 0301 0000006c 00000000  00 000000',

  replyWithNsid: '0000001c 0058 0000 00000065 ee40f905  00 000000  0008 0001 00000007',
  replyWithoutNsid: '0000001c 0058 0000 00000066 ee40f905  00 000000  0008 0001 ffffffff',
  /** To a request with NETNSA_TARGET_NSID: the id there, NETNSA_CURRENT_NSID here. */
  replyFromTarget: '00000024 0058 0000 00000069 ee40f905  00 000000  0008 0001 ffffffff  0008 0005 00000007',
  /** Two ids, and the end in the same datagram. */
  dumped: `0000001c 0058 0002 0000006c ee40f905  00 000000  0008 0001 00000000
     0000001c 0058 0002 0000006c ee40f905  00 000000  0008 0001 00000007
     00000014 0003 0002 0000006c ee40f905  00000000`,
  /** The namespace with the id 0 there has none here. */
  dumpedFromTarget: `00000024 0058 0002 0000006d ee40f905  00 000000  0008 0001 00000000  0008 0005 ffffffff
     00000014 0003 0002 0000006d ee40f905  00000000`,
  /** A dump that the kernel refused: the error stands in its end. */
  dumpRefused: `00000048 0003 0202 0000006e ee40f905  ffffffea
     002a 0001 "Unsupported attribute in dump request" =000000  0008 0002 00000014`,

  /** NETLINK_CAP_ACK: the header of the request alone. */
  acknowledged: '00000024 0002 0100 0000006b ee40f905  00000000  0000001c 005a 0005 0000006b 00000000',
  /** Neither NETLINK_CAP_ACK nor NETLINK_EXT_ACK: the whole request. */
  refusedPlain: `00000030 0002 0000 00000070 9a92e7df  ffffffea
     0000001c 005a 0001 00000070 00000000  00 000000  0008 0003 00000019`,
  /** Both: the header, then what was wrong and where. */
  refusedCapped: `00000050 0002 0300 00000082 ee40f905  ffffffea  0000001c 005a 0001 00000082 00000000
     0024 0001 "Peer netns reference is invalid" =00  0008 0002 00000014`,
  /** Only NETLINK_EXT_ACK: the whole request of 33 bytes, padded, then what was wrong. */
  refusedWhole: `0000005c 0002 0200 0000008a be4f3510  ffffffea
     00000021 0058 0005 0000008a 00000000  00 000000  0008 0001 00000007  0005 004d "A" 000000
     0024 0001 "Peer netns reference is missing" =00`,
  /**
   * An id that is too short: what was expected is told in a nested attribute, NLMSGERR_ATTR_POLICY.
   */
  refusedByPolicy: `00000078 0002 0300 00000085 ee40f905  ffffffde  0000001c 005a 0001 00000085 00000000
     0027 0001 "Attribute failed policy validation" =0000  0008 0002 00000014
     0024 8004  000c 0002 ffffffff80000000  000c 0003 000000007fffffff  0008 0001 00000008`,
} as const;

export type Captured = keyof typeof NOTATION;

/** The names of all. */
export const CAPTURED: readonly Captured[] = Object.keys(NOTATION) as Captured[];

/** The bytes of one. */
export const captured = (name: Captured): Uint8Array => native(NOTATION[name]);
