/**
 * What ip-link(8) does, by a message each, in any namespace that a path leads to: thousands of
 * times as quick as the program, which a random test of some ten thousand operations needs. No
 * socket stays: it would keep its namespace alive. rtnetlink(7); linux/if_link.h.
 */
import { closeSync, openSync } from 'node:fs';
import { DumpRequest, GeneralRequest } from '../../../../src/netlink/general-request.ts';
import { encodeAttributes, NETLINK_ROUTE } from '../../../../src/netlink/index.ts';
import type { Attribute } from '../../../../src/netlink/index.ts';
import { openSockets } from '../../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../../src/netlink/requester.ts';
import type { Exchange } from '../../../../src/netlink/requester.ts';
import { netlinkSystem } from '../../../../src/sys/socket.ts';
import { decodeLink, ifinfomsg, RTM_GETLINK } from '../../../support/links.ts';
import type { Link } from '../../../support/links.ts';

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_NEWLINKPROP = 108;
const RTM_DELLINKPROP = 109;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;
const NLM_F_APPEND = 0x800;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_FD = 28;
const IFLA_NEW_IFINDEX = 49;
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFLA_VXLAN_ID = 1;
const IFLA_VXLAN_LINK = 3;
const IFLA_VXLAN_PORT = 15;
const IFLA_VLAN_ID = 1;
const IFF_UP = 1;

const u16 = (value: number): Uint8Array => new Uint8Array(Uint16Array.of(value).buffer);
const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const text = (value: string): Uint8Array => Buffer.from(`${value}\0`, 'latin1');

/** What a link is made of, but for its kind. */
export interface NewEnd {
  name: string;
  /** 0: the kernel chooses. */
  index: number;
  /** The namespace that it is made in; default: that of the request. */
  path?: string | undefined;
}

/** What is particular to a kind. */
export interface KindData {
  peer?: NewEnd;
  /** Of a vxlan or a vlan. */
  id?: number;
  /** The index of the lower device, in the namespace of the request. */
  lower?: number;
}

export interface Move {
  path: string;
  name: string | null;
  index: number | null;
}

/** Asks the kernel, in one namespace. */
export class LinkRequests {
  readonly #requester: Requester;

  private constructor(requester: Requester) {
    this.#requester = requester;
  }

  /** @param path of the namespace; null: that of this thread */
  static inside<T>(path: string | null, use: (requests: LinkRequests) => T): T {
    const place = path === null ? {} : { namespace: { path } };
    const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, place, 1);
    if (socket === undefined) throw new Error('no socket');
    const requester = new Requester(socket);
    try {
      return use(new LinkRequests(requester));
    } finally {
      requester.close();
    }
  }

  list(): Link[] {
    const { messages } = this.exchange(new DumpRequest({ type: RTM_GETLINK, payload: ifinfomsg() }));
    return messages.map(decodeLink);
  }

  add(kind: string, end: NewEnd, data: KindData = {}): void {
    withPaths([end.path, data.peer?.path], ([own, far]) => {
      const attributes = endAttributes(end, own);
      const isLower = data.lower !== undefined && kind !== 'vxlan';
      if (isLower) attributes.push({ type: IFLA_LINK, value: u32(data.lower ?? 0) });
      attributes.push({ type: IFLA_LINKINFO, value: linkInfo(kind, data, far) });
      const flags = NLM_F_CREATE | NLM_F_EXCL;
      this.#send(RTM_NEWLINK, flags, ifinfomsg(end.index), attributes);
    });
  }

  remove(index: number): void {
    this.#send(RTM_DELLINK, 0, ifinfomsg(index), []);
  }

  rename(index: number, name: string): void {
    this.#send(RTM_NEWLINK, 0, ifinfomsg(index), [{ type: IFLA_IFNAME, value: text(name) }]);
  }

  mtu(index: number, mtu: number): void {
    this.#send(RTM_NEWLINK, 0, ifinfomsg(index), [{ type: IFLA_MTU, value: u32(mtu) }]);
  }

  /** @param master an index; 0: none */
  master(index: number, master: number): void {
    this.#send(RTM_NEWLINK, 0, ifinfomsg(index), [{ type: IFLA_MASTER, value: u32(master) }]);
  }

  up(index: number, up: boolean): void {
    const header = Int32Array.of(0, index, up ? IFF_UP : 0, IFF_UP);
    this.#send(RTM_NEWLINK, 0, new Uint8Array(header.buffer), []);
  }

  altName(index: number, name: string, add: boolean): void {
    const names = encodeAttributes([{ type: IFLA_ALT_IFNAME, value: text(name) }]);
    const flags = add ? NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND : 0;
    const list = [{ type: IFLA_PROP_LIST, value: names, nested: true }];
    this.#send(add ? RTM_NEWLINKPROP : RTM_DELLINKPROP, flags, ifinfomsg(index), list);
  }

  move(link: number, { path, name, index }: Move): void {
    withPaths([path], ([fd]) => {
      const attributes: Attribute[] = [{ type: IFLA_NET_NS_FD, value: u32(fd ?? -1) }];
      if (name !== null) attributes.push({ type: IFLA_IFNAME, value: text(name) });
      if (index !== null) attributes.push({ type: IFLA_NEW_IFINDEX, value: u32(index) });
      this.#send(RTM_NEWLINK, 0, ifinfomsg(link), attributes);
    });
  }

  exchange<T>(exchange: Exchange<T>): T {
    const result = this.#requester.exchange(exchange);
    if (result instanceof Promise) throw new Error('the kernel answers at once');
    return result;
  }

  #send(type: number, flags: number, header: Uint8Array, attributes: Attribute[]): void {
    const payload = Buffer.concat([header, encodeAttributes(attributes)]);
    this.exchange(new GeneralRequest({ type, flags, payload }));
  }
}

/** Opens namespaces for the time of a call. None stays open, also where one is gone. */
export function withPaths<T>(
  paths: readonly (string | undefined)[],
  use: (fds: readonly (number | undefined)[]) => T,
): T {
  const fds: (number | undefined)[] = [];
  try {
    for (const path of paths) fds.push(path === undefined ? undefined : openSync(path, 'r'));
    return use(fds);
  } finally {
    for (const fd of fds) if (fd !== undefined) closeSync(fd);
  }
}

function endAttributes({ name }: NewEnd, fd: number | undefined): Attribute[] {
  const attributes: Attribute[] = [{ type: IFLA_IFNAME, value: text(name) }];
  if (fd !== undefined) attributes.push({ type: IFLA_NET_NS_FD, value: u32(fd) });
  return attributes;
}

function linkInfo(kind: string, { peer, id, lower }: KindData, far: number | undefined): Uint8Array {
  const data: Attribute[] = [];
  if (peer !== undefined) {
    const value = Buffer.concat([ifinfomsg(peer.index), encodeAttributes(endAttributes(peer, far))]);
    data.push({ type: VETH_INFO_PEER, value });
  }
  if (kind === 'vxlan') {
    data.push({ type: IFLA_VXLAN_ID, value: u32(id ?? 0) });
    if (lower !== undefined) data.push({ type: IFLA_VXLAN_LINK, value: u32(lower) });
    // In network byte order. Each its own: two with one id and port in a namespace are refused.
    data.push({ type: IFLA_VXLAN_PORT, value: Uint8Array.of(0x20 + ((id ?? 0) >> 8), (id ?? 0) & 0xff) });
  }
  if (kind === 'vlan') data.push({ type: IFLA_VLAN_ID, value: u16(id ?? 0) });
  const attributes: Attribute[] = [{ type: IFLA_INFO_KIND, value: Buffer.from(kind) }];
  if (data.length > 0) attributes.push({ type: IFLA_INFO_DATA, value: encodeAttributes(data) });
  return encodeAttributes(attributes);
}
