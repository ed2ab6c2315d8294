/**
 * What a netlink socket may be asked for: a group, a protocol, the size of its buffer; and what is
 * refused.
 */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  decodeMessages,
  encodeMessage,
  NetlinkSocket,
  NLM_F_DUMP,
  NLM_F_REQUEST,
} from '../../src/netlink/index.ts';
import type { NetlinkSocketOptions } from '../../src/netlink/index.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { openSocket } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

test('groups that do not exist: EINVAL from the kernel, and before it what can be none', async (t) => {
  const socket = await openSocket(t);
  for (const group of [100_000, 2 ** 31 - 1]) {
    const expected = { code: 'EINVAL', syscall: 'setsockopt' };
    assert.throws(() => socket.addMembership(group), expected);
    assert.throws(() => socket.dropMembership(group), expected);
  }
  for (const group of [0, -1, 1.5, '28', undefined]) {
    const expected = { code: 'ERR_NLINK_INVALID_ARGUMENT', message: /^group must be/ };
    assert.throws(() => socket.addMembership(group as number), expected);
    assert.throws(() => socket.dropMembership(group as number), expected);
  }
});

test('other protocols than rtnetlink; one that the kernel has not', async (t) => {
  const NETLINK_GENERIC = 16;
  const CTRL_CMD_GETFAMILY = 3;
  const socket = await openSocket(t, { protocol: NETLINK_GENERIC });
  // The list of families, by the family that every kernel has: genl_ctrl, number 16.
  const payload = Uint8Array.of(CTRL_CMD_GETFAMILY, 1, 0, 0);
  socket.send(encodeMessage({ type: 16, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence: 5, payload }));
  const { bytes = new Uint8Array() } = (await within('the families', socket.recv())) ?? {};
  assert.equal(decodeMessages(bytes)[0]?.sequence, 5);
  await assert.rejects(NetlinkSocket.open({ protocol: 31 }), {
    name: 'NlinkError',
    code: 'ERR_NLINK_NETLINK_UNAVAILABLE',
    message: /EPROTONOSUPPORT.*kernel lacks the protocol/,
  });
});

/**
 * CAP_NET_ADMIN in the user namespace that the machine started with: the one that maps every number
 * of a user (user_namespaces(7)).
 */
function isAdminOfHost(): boolean {
  const CAP_NET_ADMIN = 12n;
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const [, , count] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/);
  return count === '4294967295' && ((BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) === 1n;
}

test('the receive buffer: as large as was asked for, as far as this user may', async (t) => {
  const usual = (await openSocket(t)).receiveBufferSize;
  assert.equal((await openSocket(t, { receiveBufferSize: 50_000 })).receiveBufferSize, 100_000);
  assert.equal((await openSocket(t, { receiveBufferSize: undefined })).receiveBufferSize, usual);
  const much = (await openSocket(t, { receiveBufferSize: 2 ** 26 })).receiveBufferSize;
  const more = (await openSocket(t, { receiveBufferSize: 2 ** 27 })).receiveBufferSize;
  if (isAdminOfHost()) {
    assert.deepEqual([much, more], [2 ** 27, 2 ** 28]);
  } else {
    // The sysctl net.core.rmem_max.
    assert.equal(much, more);
    assert.ok(more >= usual);
  }
  const least = (await openSocket(t, { receiveBufferSize: 1 })).receiveBufferSize;
  assert.ok(least > 2 && least <= 8192, String(least));
});

test('what is no option is refused, and nothing stays open', async (t) => {
  await openSocket(t);
  const cases: [unknown, RegExp][] = [
    [null, /^options must be/],
    [5, /^options must be/],
    [{ protocol: -1 }, /^protocol must be/],
    [{ protocol: '0' }, /^protocol must be/],
    [{ receiveBufferSize: 0 }, /^receiveBufferSize must be/],
    [{ receiveBufferSize: 1.5 }, /^receiveBufferSize must be/],
    [{ receiveBufferSize: null }, /^receiveBufferSize must be/],
  ];
  await withoutLeak(async () => {
    for (const [options, message] of cases) {
      const refused = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT', message };
      await assert.rejects(NetlinkSocket.open(options as NetlinkSocketOptions), refused);
    }
  });
});
