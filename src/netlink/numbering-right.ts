/** Whether one may give nsids in the network namespace of a socket (CAP_NET_ADMIN over it). */
import type { SystemError } from '../sys/errno.ts';
import { RTM_NEWNSID } from './constants.ts';
import { GeneralRequest } from './general-request.ts';
import { encodeNsidMessage } from './nsid-message.ts';
import type { Requester } from './requester.ts';

/**
 * Sends a request that the kernel always refuses: without the privilege, for that reason
 * (`rtnetlink_rcv_msg` checks it first).
 * @throws NetlinkError `EPERM`
 */
export async function requireNumbering(requester: Requester): Promise<void> {
  try {
    await requester.exchange(
      new GeneralRequest({ type: RTM_NEWNSID, payload: encodeNsidMessage({ family: 0 }) }),
    );
  } catch (error) {
    if ((error as SystemError).code === 'EPERM') throw error;
  }
}
