/** Lists nsids while they change: what the list shows, and what is left to be read after it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NsidGroupReader } from '../../../src/netlink/nsid-group-reader.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import type { RawSocket } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { listSettled } from '../../../src/watch/ids/nsid-snapshot.ts';
import { SimulatedNetlink } from '../support/simulated-netlink.ts';

/** `+7 -7`: nsid 7 is assigned, then removed. NsidGroupReader are sent at once, unless held back. */
function act(kernel: SimulatedNetlink, changes: string, sends = true): void {
  for (const change of changes.split(' ').filter(Boolean)) {
    const nsid = Number(change.slice(1));
    if (change.startsWith('+')) kernel.assign(nsid);
    else kernel.remove(nsid);
    if (sends) kernel.send(kernel.underWay.length - 1);
  }
}

interface Case {
  what: string;
  /** Before the socket joins the group; before the list; and before which system call of it. */
  before?: string;
  joined?: string;
  during?: [call: number, changes: string];
  queueLimit?: number;
  byNsid?: boolean;
  nsids: number[];
}

const cases: Case[] = [
  { what: 'nothing', nsids: [] },
  { what: 'what is assigned', before: '+1 +2', nsids: [1, 2] },
  { what: 'notifications before the list', joined: '+1 +2', nsids: [1, 2] },
  { what: 'removed before the list', before: '+1 +2', joined: '-1', nsids: [2] },
  { what: 'assigned before the dump', before: '+1', during: [0, '+2'], nsids: [1, 2] },
  { what: 'assigned after the dump', before: '+1', during: [4, '+2'], nsids: [1, 2] },
  { what: 'removed after the dump', before: '+1 +2', during: [4, '-2'], nsids: [1] },
  { what: 'changes hands after the dump', before: '+1', during: [4, '-1 +1'], nsids: [1] },
  { what: 'comes and goes after the dump', before: '+1', during: [4, '+2 -2'], nsids: [1] },
  { what: 'the kernel cannot tell: it is believed', before: '+1', joined: '-1', byNsid: false, nsids: [] },
  { what: 'a loss: listed again', joined: '+1 +2 +3 +4', queueLimit: 2, nsids: [1, 2, 3, 4] },
];

for (const { what, before = '', joined = '', during, queueLimit = 64, byNsid = true, nsids } of cases)
  test(what, async () => {
    const kernel = new SimulatedNetlink({ queueLimit, byNsid, prompt: true });
    act(kernel, before);
    const place = { namespace: undefined, directory: undefined };
    const [requests, events] = openSockets(kernel.system, 0, place, 2) as [RawSocket, RawSocket];
    const notifications = new NsidGroupReader(events, 4096, false);
    const requester = new Requester(requests);
    act(kernel, joined);
    let calls = 0;
    kernel.between = () => {
      if (calls++ === during?.[0]) act(kernel, during[1]);
    };
    const list = await listSettled(requester, notifications, []);
    assert.deepEqual(
      [...list.nsids].sort((a, b) => a - b),
      nsids,
    );
    assert.equal(list.complete, true);
    assert.ok(during === undefined || calls > during[0], 'it happened');
    assert.equal(notifications.takeLoss(), null);
    // What the list shows must not be emitted after it.
    assert.equal(notifications.next(), null);
  });

test('notifications are lost during each of five lists: the loss is left to the caller', async () => {
  const kernel = new SimulatedNetlink({ queueLimit: 2, byNsid: true, prompt: true });
  const { system } = kernel;
  let dumps = 0;
  const disturbed: NetlinkSystem = {
    ...system,
    send(fd, bytes, length) {
      // NLM_F_DUMP, in the header's flags.
      if (((bytes[7] ?? 0) & 3) === 3) {
        dumps++;
        act(kernel, kernel.table.has(1) ? '-1 +1 -1' : '+1 -1 +1');
      }
      return system.send(fd, bytes, length);
    },
  };
  const place = { namespace: undefined, directory: undefined };
  const [requests, events] = openSockets(disturbed, 0, place, 2) as [RawSocket, RawSocket];
  const notifications = new NsidGroupReader(events, 4096, false);
  const list = await listSettled(new Requester(requests), notifications, []);
  assert.deepEqual([[...list.nsids], dumps], [[1], 5]);
  assert.equal(notifications.takeLoss(), 'overflow');
});
