/**
 * Mounts and unmounts elsewhere in the same mount namespace, by c/mounter.c, as on a machine on
 * which containers start and stop.
 */
import { mkdirSync } from 'node:fs';
import { Peer } from './peer.js';
import { acting } from './processors.js';
import { program } from './tools.js';

const DIRECTORY = '/run/mounts';

/**
 * Uses the time in which something is mounted or unmounted `rate` times a second.
 * @returns what `use` gives, and the rate that there was
 */
export async function amongMounts(rate, use) {
  mkdirSync(DIRECTORY, { recursive: true });
  const mounter = new Peer(acting([program('mounter'), DIRECTORY, String(rate)]));
  await mounter.ready();
  const result = await use();
  const [, events, microseconds] = /^events (\d+)\nmicroseconds (\d+)$/m.exec(await mounter.stop());
  return { result, rate: (1e6 * events) / microseconds };
}
