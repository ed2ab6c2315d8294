/**
 * Sockets in a network namespace of nlink's own, the scratch namespace: made by this thread where
 * it may (unshare(2), CAP_SYS_ADMIN), else by a child in a user namespace, which hands the sockets
 * over and ends. The owner of a user namespace has every right over it from outside, with no
 * process in it (`cap_capable` in security/commoncap.c), so that he may number and listen there.
 *
 * | here                                  | in a user namespace            | then         |
 * | ------------------------------------- | ------------------------------ | ------------ |
 * | made, and may number                  | -                              | these        |
 * | `EPERM`, `ERR_NLINK_NO_RETURN`        | handed over, and may number    | those        |
 * | the same                              | anything else                  | error (1)    |
 * | the same                              | a shortage of the parent's own | error of it  |
 * | any other error                       | not tried                      | that error   |
 *
 * (1) `ERR_NLINK_NO_USER_NAMESPACE`, with both reasons.
 */
import { abortError, NlinkError } from '../errors.ts';
import type { ReceivedMessage } from '../sys/descriptor-passing.ts';
import { errno, systemError } from '../sys/errno.ts';
import type { SystemError } from '../sys/errno.ts';
import { refusal } from '../sys/permission.ts';
import type { NetlinkSystem } from '../sys/socket.ts';
import { whyNoUserNamespace } from '../sys/user-namespaces.ts';
import { NETLINK_ROUTE } from './constants.ts';
import { requireNumbering } from './numbering-right.ts';
import { NEW_NAMESPACE, openSockets, takeOverSockets } from './raw-socket.ts';
import type { RawSocket } from './raw-socket.ts';
import { Requester } from './requester.ts';
import { runScratchChild } from './run-scratch-child.ts';
import type { RunScratchChild } from './run-scratch-child.ts';

/** What it works with. */
export interface ScratchIo {
  system: NetlinkSystem;
  /** Default: the real one. */
  runScratchChild?: RunScratchChild | undefined;
}

/** What says that this thread may not, and nothing else. */
const MAY_NOT: ReadonlySet<unknown> = new Set(['EPERM', 'ERR_NLINK_NO_RETURN']);
/** So much of what a child says is said in an error. */
const MOST_SAID = 500;
/** More than the socket holds. */
const MOST_MESSAGES = 1000;
/** What may pass, whether a child is allowed or not. */
const SHORTAGES: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

/**
 * Opens `count` sockets of NETLINK_ROUTE there, in which nsids may be given.
 * @throws NlinkError `ERR_NLINK_NO_USER_NAMESPACE`, `ERR_NLINK_NETLINK_UNAVAILABLE`,
 *   `ERR_NLINK_UNSUPPORTED_KERNEL`
 * @throws SystemError `ENOSPC` (user.max_net_namespaces), `EMFILE`, …
 * @throws AbortError while there was a child
 */
export async function openScratchSockets(
  io: ScratchIo,
  count: number,
  signal?: AbortSignal,
): Promise<RawSocket[]> {
  try {
    // One more, for the proof: what is not answered at once would leave a listener behind.
    return await proven(openSockets(io.system, NETLINK_ROUTE, NEW_NAMESPACE, count + 1));
  } catch (here) {
    if (!MAY_NOT.has((here as SystemError).code)) throw here;
    return openByChild(io, count, here as Error, signal);
  }
}

async function openByChild(
  { system, runScratchChild: run = runScratchChild }: ScratchIo,
  count: number,
  here: Error,
  signal: AbortSignal | undefined,
): Promise<RawSocket[]> {
  const { how, descriptors } = await handedOver(system, run, count + 1, signal);
  try {
    if (descriptors.length === 0) throw new Error(how);
    const sockets = takeOverSockets(system, descriptors);
    if (sockets.length === count + 1) return await proven(sockets);
    for (const socket of sockets) socket.close();
    throw new Error(`the child sent ${sockets.length} sockets in place of ${count + 1}`);
  } catch (error) {
    if (signal?.aborted === true) throw abortError(signal);
    throw neither(here, error as Error);
  }
}

/**
 * What a child sent, and how it ended.
 * @throws SystemError a shortage
 */
async function handedOver(
  system: NetlinkSystem,
  run: RunScratchChild,
  count: number,
  signal: AbortSignal | undefined,
): Promise<{ how: string; descriptors: readonly number[] }> {
  const pair = system.socketPair();
  if (typeof pair === 'number') throw systemError(-pair, 'socketpair');
  const [ours, theirs] = pair;
  try {
    const how = await endOf(() => run(theirs, count, signal)).finally(() => system.close(theirs));
    const { descriptors, text } = receiveAll(system, ours);
    const said = inOneLine(text);
    return { how: said === '' ? how : `${how}: ${said}`, descriptors };
  } finally {
    system.close(ours);
  }
}

/** What a child says may be anything; unshare(1) that is tried twice may say the same twice. */
function inOneLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replaceAll(/[\p{C}\s]+/gu, ' ').trim());
  return [...new Set(lines)].filter((line) => line !== '').join(', ');
}

/** How the child ended, or why there was none. @throws SystemError a shortage */
async function endOf(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (SHORTAGES.has((error as SystemError).code)) throw error;
    return refusal(error) ?? (error as Error).message;
  }
}

/** What waits to be received, of a child that has ended. @throws SystemError a shortage */
function receiveAll(system: NetlinkSystem, from: number): ReceivedMessage {
  const descriptors: number[] = [];
  let text = '';
  for (let messages = 0; messages < MOST_MESSAGES; messages++) {
    const message = system.receiveMessage(from);
    if (typeof message !== 'number') {
      if (message.descriptors.length === 0 && message.text === '') break;
      descriptors.push(...message.descriptors);
      text = `${text}${message.text}`.slice(0, MOST_SAID);
      continue;
    }
    // Somebody has the other end still, who is no child of ours.
    if (message === -errno.EAGAIN) break;
    for (const fd of descriptors) system.close(fd);
    throw systemError(-message, 'recvmsg');
  }
  return { descriptors, text };
}

/** All but the first, which served for the proof; none is left open when it throws. */
async function proven([first, ...sockets]: RawSocket[]): Promise<RawSocket[]> {
  const requester = new Requester(first as RawSocket);
  try {
    await requireNumbering(requester);
    return sockets;
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  } finally {
    requester.close();
  }
}

function neither(here: Error, there: Error): NlinkError {
  const { message, code } = there as SystemError;
  // What the kernel refused, by unshare(1) or afterwards; anything else has its own reason.
  const isRefused = code === 'EPERM' || /\bunshare: /.test(message);
  const why = isRefused ? `${message}; ${whyNoUserNamespace(message)}` : message;
  return new NlinkError(
    'ERR_NLINK_NO_USER_NAMESPACE',
    `a network namespace of nlink's own can be made neither by this process (${here.message}) nor in a user namespace of its own: ${why}`,
    { cause: here },
  );
}
