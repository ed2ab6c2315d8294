/** Nsids by numbers of processes: what an assignment says, and what the processes have then. */
import { NETLINK_ROUTE, NETNSA_PID } from '../../src/netlink/constants.ts';
import { NsidAssignments } from '../../src/netlink/nsid-assignments.ts';
import { NsidQueries } from '../../src/netlink/nsid-query.ts';
import { openSockets } from '../../src/netlink/raw-socket.ts';
import { Requester } from '../../src/netlink/requester.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';

export interface Numbered {
  /** Of the assignment: 0, or the number of the error. */
  errors: number[];
  /** Afterwards: null for none, or the code of the error. */
  nsids: (number | string | null)[];
}

/** @param place of the table: `NEW_NAMESPACE`, or `{}` for one's own */
export function numberByPid(
  place: Parameters<typeof openSockets>[2],
  pids: readonly number[],
  first: number,
): Numbered {
  const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, place, 1);
  if (socket === undefined) throw new Error('no socket');
  const requester = new Requester(socket);
  try {
    const errors = requester.exchange(new NsidAssignments(pids, first, NETNSA_PID));
    const answers = requester.exchange(new NsidQueries(NETNSA_PID, pids));
    // The kernel answers at once, unless something else is asked meanwhile.
    if (errors instanceof Promise || answers instanceof Promise) throw new Error('no answer yet');
    const nsids = answers.map((answer) => (answer instanceof Error ? answer.code : answer));
    return { errors, nsids };
  } finally {
    requester.close();
  }
}
