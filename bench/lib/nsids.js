/**
 * Network namespaces with ids, for the figures about them. An id belongs to the pair of two namespaces and is never taken back, so
 * whoever assigns ids in a fresh network namespace (an observer) finds none assigned, whatever was done elsewhere.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from './peer.js';
import { program } from './tools.js';

/** RTNLGRP_NSID, group 28, as a bit. */
const GROUP = 1 << 27;
/** The kernel frees namespaces on its own time, and is busy with it meanwhile; milliseconds for each. */
const CLEANUP = 2;

/** Makes `count` namespaces with names in `directory`, uses them, and removes them. */
export async function withNamespaces(directory, count, use) {
  const adder = new Peer([program('adder'), directory, String(count), '0', '0']);
  await adder.ready();
  try {
    return await use();
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
 * Assigns the ids 0 to `count` - 1 in the network namespace behind a path, to the namespaces in `directory`.
 * @param gap microseconds to wait after each
 * @returns the nanosecond at which each was asked for
 */
export async function assignIds(network, directory, count, gap = 0) {
  const assigner = new Peer([program('nsid-assign'), network, directory, String(count), String(gap)]);
  const stamps = await assigner.ready();
  await assigner.finish();
  return stamps.trimEnd().split('\n').map(Number);
}

/** Sockets of the peer's network namespace that are in the group RTNLGRP_NSID: lines of /proc/net/netlink. */
function subscriptions(pid) {
  return readFileSync(`/proc/${pid}/net/netlink`, 'latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, protocol, , groups]) => protocol === '0' && (Number.parseInt(groups, 16) & GROUP) !== 0);
}

/** Waits until somebody in the peer's network namespace is subscribed: for programs that say nothing of themselves. */
export async function subscribed(peer) {
  while (subscriptions(peer.pid).length === 0) await sleep(5);
}

/** Notifications that the kernel could not give to the subscribers in the peer's network namespace. */
export function drops(peer) {
  return subscriptions(peer.pid).reduce((sum, columns) => sum + Number(columns[8]), 0);
}
