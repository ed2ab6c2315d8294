/** Making netlink sockets (netlink(7)): all that a program needs which does nothing else. */
import { bind } from './library.ts';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;

/** socket(2): AF_NETLINK, SOCK_RAW, SOCK_CLOEXEC, SOCK_NONBLOCK. */
export function bindNetlinkSocket(): (protocol: number) => number {
  const socket = bind('int socket(int domain, int type, int protocol)');
  return (protocol) => socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}
