/** What could not be looked at of holders (netns/holders/), each with what it takes. */
import type { UnseenHolders } from '../../netns/holders/holders-found.ts';
import type { Paint } from './color.ts';

/** None if everything was looked at. */
export function unseenLines(unseen: UnseenHolders, { paint }: { paint: Paint }): string[] {
  const { processes, sockets, inFlight, mounts, mountNamespaces } = unseen;
  const lines = [
    processes > 0 &&
      `${count(processes, 'process', 'processes')} that this user may not inspect: requires CAP_SYS_PTRACE and all their capabilities`,
    sockets > 0 &&
      `the namespaces of ${count(sockets, 'socket', 'sockets')}: requires permission to trace (ptrace(2)), CAP_NET_ADMIN, and the PID namespace of /proc`,
    inFlight > 0 &&
      `${count(inFlight, 'descriptor', 'descriptors')} in flight in Unix sockets, behind others or in sockets that may not be asked`,
    mounts > 0 && `the mounts of ${count(mounts, 'process', 'processes')}`,
    mountNamespaces > 0 &&
      `the mounts of ${count(mountNamespaces, 'mount namespace', 'mount namespaces')} in which no process is seen, and which a mount or descriptor keeps`,
    unseen.hidden && 'processes that /proc hides from this user (hidepid)',
    unseen.outside &&
      "what is outside of this PID namespace: run it on the host, or give the host's /proc (--proc)",
  ].filter((line) => line !== false);
  if (lines.length === 0) return [];
  return [paint('yellow', 'Not inspected, so there may be more:'), ...lines.map((line) => `  ${line}`)];
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

/** Whether there can be nothing beside what was found and what nobody sees. */
export const sawAll = ({ hidden, outside, ...counts }: UnseenHolders): boolean =>
  !hidden && !outside && Object.values(counts).every((count) => count === 0);
