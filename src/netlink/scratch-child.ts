/**
 * The program of the child that opens sockets in a network namespace of its own, for a parent who
 * may not make one: hands them over by the socket that is its descriptor 3, and ends. It waits for
 * nothing, so that it ends whatever becomes of the parent. An entry of its own in the package
 * (scripts/bundle.js). Argument: how many.
 */
import { writeSync } from 'node:fs';
import { descriptorPassing } from '../sys/descriptor-passing.ts';
import { check } from '../sys/errno.ts';
import { bindOnce } from '../sys/library.ts';
import { bindNetlinkSocket } from '../sys/netlink-socket.ts';
import { NETLINK_ROUTE } from './constants.ts';
import { makeDescriptors } from './raw-socket.ts';

/** Where the parent put the socket, which is its stderr as well. */
const PARENT = 3;

try {
  // No more than this is bound: whoever waits for the child waits for that as well.
  const calls = { netlinkSocket: bindNetlinkSocket(), close: bindOnce('int close(int fd)') };
  const descriptors = makeDescriptors(calls, NETLINK_ROUTE, Number(process.argv[2]));
  check(descriptorPassing.sendDescriptors(PARENT, descriptors), 'sendmsg');
} catch (error) {
  writeSync(2, `nlink: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
