/**
 * Which of many paths and processes stand for one network namespace, for whoever may not look at
 * all of them: each is numbered in a table of nsids of nlink's own (scratch-sockets.ts), in which a
 * namespace has one number, whatever it was numbered by. A path must be one that may be opened; a
 * process takes no right at all (nsid-assignments.ts). Nothing is kept, neither of the namespaces
 * nor of the table.
 */
import { openNamespace } from '../reference/reference.ts';
import { errno } from '../sys/errno.ts';
import type { SystemError } from '../sys/errno.ts';
import { isShortage } from '../sys/shortage.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { NETNSA_FD, NETNSA_PID } from './constants.ts';
import { NsidAssignments } from './nsid-assignments.ts';
import { NsidQueries } from './nsid-query.ts';
import type { RawSocket } from './raw-socket.ts';
import { Requester } from './requester.ts';
import { openScratchSockets } from './scratch-sockets.ts';
import type { ScratchIo } from './scratch-sockets.ts';

/**
 * The file of a namespace; or a process or thread, by its number in the caller's PID namespace.
 */
export type Numbered = { path: string } | { pid: number };

/**
 * Numbers them.
 * @returns for each a number, equal where the namespace is the same; null: it cannot be opened, has
 *   ended, or something ran out. A process may have moved, and its number may be another one's by
 *   now, and so may a path: to be looked at again by whoever had them from before
 * @throws as {@link openScratchSockets}
 */
export async function commonNumbers(
  io: ScratchIo,
  references: readonly Numbered[],
): Promise<(number | null)[]> {
  const [socket] = await openScratchSockets(io, 1);
  const requester = new Requester(socket as RawSocket);
  const numbers: (number | null)[] = [];
  try {
    while (numbers.length < references.length) await numberBatch(io.system, requester, references, numbers);
    return numbers;
  } finally {
    requester.close();
  }
}

/** As many of the next as may be asked for together, or opened at once. */
async function numberBatch(
  system: NetlinkSystem,
  requester: Requester,
  references: readonly Numbered[],
  numbers: (number | null)[],
): Promise<void> {
  const opened: number[] = [];
  const attributes: number[] = [];
  const values: number[] = [];
  /** Where each number belongs. */
  const places: number[] = [];
  const first = numbers.length;
  try {
    for (let at = first; at < references.length && values.length < requester.batch; at++) {
      const reference = references[at] as Numbered;
      const fd = 'pid' in reference ? null : open(system, reference.path);
      // No descriptor is left: those that are open are numbered first, and then closed.
      if (fd !== null && isShortage(fd) && opened.length > 0) break;
      numbers.push(null);
      if (fd !== null && fd < 0) continue;
      if (fd !== null) opened.push(fd);
      attributes.push(fd === null ? NETNSA_PID : NETNSA_FD);
      values.push(fd ?? (reference as { pid: number }).pid);
      places.push(at);
    }
    const found = await numbersOf(requester, { attributes, values, first });
    for (const [index, at] of places.entries()) numbers[at] = found[index] ?? null;
  } finally {
    for (const fd of opened) system.close(fd);
  }
}

/** @returns the descriptor or `-errno` */
function open(system: NetlinkSystem, path: string): number {
  try {
    return openNamespace(system, path);
  } catch (error) {
    return (error as SystemError).errno;
  }
}

interface Batch {
  attributes: readonly number[];
  values: readonly number[];
  /** The number of the first of them, if it has none yet. */
  first: number;
}

async function numbersOf(
  requester: Requester,
  { attributes, values, first }: Batch,
): Promise<(number | null)[]> {
  if (values.length === 0) return [];
  const errors = await requester.exchange(new NsidAssignments(values, first, attributes));
  const known = errors.flatMap((error, at) => (error === errno.EEXIST ? [at] : []));
  const numbers = errors.map((error, at) => (error === 0 ? first + at : null));
  if (known.length === 0) return numbers;
  const pick = (all: readonly number[]): number[] => known.map((at) => all[at] as number);
  const answers = await requester.exchange(new NsidQueries(pick(attributes), pick(values)));
  for (const [index, at] of known.entries()) {
    const answer = answers[index];
    numbers[at] = typeof answer === 'number' ? answer : null;
  }
  return numbers;
}
