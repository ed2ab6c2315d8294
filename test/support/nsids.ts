/**
 * Tables of namespace ids for live tests: each test gets a network namespace of its own, whose table is empty and which hears nothing
 * of the tests before it; and namespaces that may get an id in it.
 */
import { closeSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { Connection, NetlinkSocket } from '../../src/netlink/index.ts';
import type { ConnectionOptions, NetlinkSocketOptions } from '../../src/netlink/index.ts';
import { check } from '../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../src/sys/flags.ts';
import { linux } from '../../src/sys/system.ts';
import { addNamespace, netnsDirectory } from './netns.ts';

/** Until the end of the test this process, and whatever it starts, is in a new network namespace. */
export function freshTable(t: TestContext): void {
  const back = openSync('/proc/self/ns/net', 'r');
  check(linux().unshare(CLONE_NEWNET), 'unshare');
  t.after(() => {
    check(linux().setns(back, CLONE_NEWNET), 'setns');
    closeSync(back);
  });
}

/** New namespaces, by their paths. */
export function makeNamespaces(count: number): string[] {
  const directory = netnsDirectory();
  const paths = Array.from({ length: count }, (_, index) => `${directory}/${index}`);
  for (const path of paths) addNamespace(path);
  return paths;
}

/** One new namespace. */
export const makeNamespace = (): string => makeNamespaces(1)[0] as string;

/** A connection that is closed at the end of the test. */
export async function connect(t: TestContext, options: ConnectionOptions = {}): Promise<Connection> {
  const connection = await Connection.open(options);
  t.after(() => connection.close());
  return connection;
}

/** A socket that is closed at the end of the test. */
export async function openSocket(t: TestContext, options: NetlinkSocketOptions = {}): Promise<NetlinkSocket> {
  const socket = await NetlinkSocket.open(options);
  t.after(() => socket.close());
  return socket;
}
