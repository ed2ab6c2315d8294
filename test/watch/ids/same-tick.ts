/**
 * Gives and takes ids with not even a promise job in between: for what happens to be within a
 * system call of somebody else in this process, such as between a question and its answer. Its own
 * sockets; everything is real.
 */
import { closeSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { NETLINK_ROUTE, NETNSA_FD } from '../../../src/netlink/index.ts';
import { NsidDumpRequest } from '../../../src/netlink/nsid-dump.ts';
import { NsidAssignment } from '../../../src/netlink/nsid-query.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import type { SocketLocation, RawSocket } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { DEADLINE } from '../../support/wait.ts';

export class AtOnce {
  readonly #requester: Requester;

  /**
   * In this process's network namespace as of now, or in another one. Closed at the end of the
   * test.
   */
  constructor(t: TestContext, place: SocketLocation = {}) {
    const [socket] = openSockets(netlinkSystem(), NETLINK_ROUTE, place, 1) as [RawSocket];
    this.#requester = new Requester(socket);
    t.after(() => this.#requester.close());
  }

  assign(path: string, nsid: number): void {
    const fd = openSync(path, 'r');
    try {
      now(this.#requester.exchange(new NsidAssignment(NETNSA_FD, fd, nsid, path)));
    } finally {
      closeSync(fd);
    }
  }

  /**
   * Deletes a namespace and waits until its id is free. A question about that id says before that
   * it is not assigned (`get_net_ns_by_id`), so that the list has to be asked, which has it until
   * then.
   */
  destroy(path: string, nsid: number): void {
    deleteNamespace(path);
    const still = new Int32Array(new SharedArrayBuffer(4));
    const end = performance.now() + DEADLINE;
    while (
      now(this.#requester.exchange(new NsidDumpRequest(null))).entries.some((one) => one.nsid === nsid)
    ) {
      if (performance.now() > end) throw new Error(`waited ${DEADLINE} ms in vain for the end of ${nsid}`);
      Atomics.wait(still, 0, 0, 1);
    }
  }
}

/** The kernel answers within send(2). */
function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new Error('the answer was not there at once');
  return answer;
}
