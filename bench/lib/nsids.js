/**
 * Network namespaces with ids, for the figures about them. An id belongs to the pair of two
 * namespaces and is never taken back, so whoever assigns ids in a fresh network namespace (an
 * observer) finds none assigned, whatever was done elsewhere.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from './peer.js';
import { nsidSockets } from './process-info.js';
import { program } from './tools.js';

/**
 * The kernel frees namespaces on its own time, and is busy with it meanwhile; milliseconds for
 * each.
 */
const CLEANUP = 2;

/**
 * Makes `count` namespaces with names in `directory`, uses them, and removes them. `use` gets the
 * process that holds them.
 */
export async function withNamespaces(directory, count, use) {
  const adder = new Peer([program('adder'), directory, String(count), '0', '0']);
  await adder.ready();
  try {
    return await use(adder);
  } finally {
    await adder.finish();
    await sleep(count * CLEANUP);
  }
}

/** Makes a network namespace, uses its path, and ends it. */
export async function withObserver(use) {
  const holder = new Peer(['unshare', '--net', 'sh', '-c', 'echo ready; exec cat']);
  await holder.ready();
  try {
    return await use(networkOf(holder));
  } finally {
    await holder.finish();
  }
}

/** The network namespace that a peer is in. */
export const networkOf = (peer) => `/proc/${peer.pid}/ns/net`;

/** The command that runs in the network namespace behind a path. */
export const inNetwork = (path, command) => ['nsenter', `--net=${path}`, ...command];

/**
 * Assigns `count` ids, from `first`, in the network namespace behind a path, each to the namespace
 * in `directory` with that number.
 * @param gap microseconds to wait after each; @param through makes the command one that runs where
 *   it is to run
 * @returns the nanosecond at which each was asked for
 */
export async function assignIds(
  network,
  directory,
  count,
  { first = 0, gap = 0, through = (command) => command } = {},
) {
  const args = [network, directory, String(first), String(count), String(gap)];
  const assigner = new Peer(through([program('nsid-assign'), ...args]));
  const stamps = await assigner.ready();
  await assigner.finish();
  return stamps.trimEnd().split('\n').map(Number);
}

/**
 * Waits until somebody in the peer's network namespace is subscribed: for programs that say nothing
 * of themselves.
 */
export async function subscribed(peer) {
  while (nsidSockets(peer.pid).length === 0) await sleep(5);
}

/**
 * Notifications that the kernel could not give to the subscribers in the peer's network namespace.
 */
export const drops = (peer) => nsidSockets(peer.pid).reduce((sum, socket) => sum + socket.drops, 0);
