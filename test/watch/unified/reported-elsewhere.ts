/** A second observer of the same deaths: tells when the kernel has reported them. */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { NETLINK_ROUTE } from '../../../src/netlink/index.ts';
import { NsidAssignments } from '../../../src/netlink/nsid-assignments.ts';
import { NsidGroupReader, RECEIVE_BUFFER } from '../../../src/netlink/nsid-group-reader.ts';
import { NEW_NAMESPACE, openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';

/**
 * Gives ids to namespaces in a table of its own, and listens there.
 * @returns how many of them the kernel has freed and reported since the last call
 */
export function reportedElsewhere(t: TestContext, paths: readonly string[]): () => number {
  const [socket, events] = openSockets(netlinkSystem(), NETLINK_ROUTE, NEW_NAMESPACE, 2);
  assert(socket !== undefined && events !== undefined);
  const reader = new NsidGroupReader(events, RECEIVE_BUFFER, false);
  const requester = new Requester(socket);
  t.after(() => {
    requester.close();
    reader.close();
  });
  const opened = paths.map((path) => openSync(path, 'r'));
  const given = requester.exchange(new NsidAssignments(opened, 0));
  assert.deepEqual(
    given,
    opened.map(() => 0),
  );
  for (const fd of opened) closeSync(fd);
  return () => {
    let freed = 0;
    for (let event = reader.next(); event !== null; event = reader.next())
      if (event.type === 'delNsid') freed++;
    return freed;
  };
}
