/**
 * Tables of namespace ids for live tests: each test gets a network namespace of its own, whose
 * table is empty and which hears nothing of the tests before it; and namespaces that may get an id
 * in it.
 */
import { closeSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { Connection, NetlinkSocket } from '../../src/netlink/index.ts';
import type { ConnectionOptions, NetlinkSocketOptions } from '../../src/netlink/index.ts';
import { check } from '../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../src/sys/flags.ts';
import { linux } from '../../src/sys/system.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from './netns.ts';

/**
 * Until the end of the test this process, and whatever it starts, is in a new network namespace.
 */
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
/** Paths as references. */
export const atPaths = (paths: readonly string[]): { path: string }[] => paths.map((path) => ({ path }));

export const makeNamespace = (): string => makeNamespaces(1)[0] as string;

/** A connection that is closed at the end of the test. */
export async function connect(t: TestContext, options: ConnectionOptions = {}): Promise<Connection> {
  const connection = await Connection.open(options);
  t.after(() => connection.close());
  return connection;
}

/** What is opened beside a connection; the connection is closed at once where that fails. */
export async function closingIfRefused<T>(connection: Connection, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** An id that no test gives to a namespace of its own. */
export const BARRIER: number = 2 ** 31 - 1;

/**
 * Waits until the kernel has freed what nothing holds by now, and has told so: it frees namespaces
 * in batches, one batch after the other (`cleanup_net`, net/core/net_namespace.c), and one that is
 * let go of when the end of another was told is in a later batch than that.
 * @param ended waits until the end of the id {@link BARRIER} has been told
 */
export async function passBatches(connection: Connection, ended: () => Promise<void>): Promise<void> {
  for (let batch = 0; batch < 2; batch++) {
    const path = makeNamespace();
    await connection.setNsid({ path }, BARRIER);
    deleteNamespace(path);
    await ended();
  }
}

/** A socket that is closed at the end of the test. */
export async function openSocket(t: TestContext, options: NetlinkSocketOptions = {}): Promise<NetlinkSocket> {
  const socket = await NetlinkSocket.open(options);
  t.after(() => socket.close());
  return socket;
}
