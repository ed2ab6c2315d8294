/**
 * Where netlink is kept from the process, or the kernel lacks a part of it: said so, with nothing
 * left open.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  Connection,
  NETLINK_ADD_MEMBERSHIP,
  NetlinkSocket,
  RTNLGRP_NSID,
  SOL_NETLINK,
} from '../../src/netlink/index.ts';
import { errno, errnoName } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { atPaths, connect, freshTable, makeNamespace, makeNamespaces } from '../support/nsids.ts';
import { canRefuseNetlink } from '../support/seccomp.ts';

const real = netlinkSystem();

/** The system calls of a kernel that says this of socket(2), from the given socket on. */
function refusing(number: number, from = 1): NetlinkSystem {
  let count = 0;
  return { ...real, netlinkSocket: (protocol) => (++count >= from ? -number : real.netlinkSocket(protocol)) };
}

/** The system calls of a kernel that refuses these options. */
const without = (...options: number[]): NetlinkSystem => ({
  ...real,
  setOption: (fd, level, option, value) =>
    level === SOL_NETLINK && options.includes(option)
      ? -errno.ENOPROTOOPT
      : real.setOption(fd, level, option, value),
});

const skip = canRefuseNetlink ? false : `the number of socket(2) on ${process.arch} is not known here`;

for (const number of [errno.EPERM, errno.EAFNOSUPPORT, errno.EACCES]) {
  test(`a seccomp filter that answers ${errnoName(number)}`, { skip }, () => {
    const program = fileURLToPath(new URL('fixtures/confined.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, String(number)], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const outcomes = stdout.trim().split('\n');
    assert.equal(outcomes.length, 2);
    for (const outcome of outcomes) {
      const { name, code, message } = JSON.parse(outcome) as Record<string, string>;
      assert.deepEqual([name, code], ['NlinkError', 'ERR_NLINK_NETLINK_UNAVAILABLE']);
      assert.match(message ?? '', new RegExp(`socket: ${errnoName(number)}.*seccomp.*AF_NETLINK`));
    }
  });
}

test('what else socket(2) says where netlink is missing; and what it says for other reasons', async () => {
  for (const number of [errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT]) {
    const unavailable = {
      name: 'NlinkError',
      code: 'ERR_NLINK_NETLINK_UNAVAILABLE',
      message: new RegExp(errnoName(number)),
    };
    await assert.rejects(Connection.open({}, refusing(number)), (error: Error) => {
      assert.equal((error.cause as NodeJS.ErrnoException).code, errnoName(number));
      assert.equal((error.cause as NodeJS.ErrnoException).syscall, 'socket');
      return true;
    });
    await assert.rejects(Connection.open({}, refusing(number)), unavailable);
    await assert.rejects(NetlinkSocket.open({}, refusing(number)), unavailable);
  }
  const namespace = { path: makeNamespace() };
  for (const number of [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINVAL]) {
    const failed = { code: errnoName(number), syscall: 'socket' };
    await assert.rejects(Connection.open({}, refusing(number)), failed);
    await assert.rejects(Connection.open({ namespace }, refusing(number)), failed);
    await assert.rejects(NetlinkSocket.open({}, refusing(number)), failed);
  }
});

test('the second socket of a connection is refused: the first one is closed', async () => {
  const path = makeNamespace();
  await withoutLeak(async () => {
    for (const namespace of [undefined, { path }]) {
      const opening = Connection.open({ namespace }, refusing(errno.EPERM, 2));
      await assert.rejects(opening, { code: 'ERR_NLINK_NETLINK_UNAVAILABLE' });
    }
  });
});

test('no group of namespace ids: ERR_NLINK_UNSUPPORTED_KERNEL, and asking works all the same', async (t) => {
  freshTable(t);
  const system: NetlinkSystem = {
    ...real,
    setOption: (fd, level, option, value) =>
      level === SOL_NETLINK && option === NETLINK_ADD_MEMBERSHIP
        ? -errno.EINVAL
        : real.setOption(fd, level, option, value),
  };
  const unsupported = {
    name: 'NlinkError',
    code: 'ERR_NLINK_UNSUPPORTED_KERNEL',
    message: /RTNLGRP_NSID.*Linux 4\.1/,
  };
  await withoutLeak(async () => {
    await using connection = await Connection.open({}, system);
    await assert.rejects(connection.subscribeNamespaceEvents(), unsupported);
    assert.equal(await connection.setNsid({ path: makeNamespace() }, 'auto'), 0);
    await using socket = await NetlinkSocket.open({}, system);
    assert.throws(() => socket.addMembership(RTNLGRP_NSID), unsupported);
    // Of other groups that is said in the kernel's own words.
    assert.throws(() => socket.addMembership(5), { code: 'EINVAL', syscall: 'setsockopt' });
  });
});

// Linux before 4.20, 4.12 and 4.3: NETLINK_GET_STRICT_CHK, NETLINK_EXT_ACK, NETLINK_CAP_ACK.
test('a kernel without strict checking: its own ids are listed, no target is', async (t) => {
  freshTable(t);
  const connection = await Connection.open({}, without(12));
  t.after(() => connection.close());
  await connection.setNsid({ path: makeNamespace() }, 5);
  assert.deepEqual(await connection.listNsids(), { entries: [{ nsid: 5, current: 5 }], complete: true });
  await assert.rejects(connection.listNsids({ target: 5 }), {
    name: 'NlinkError',
    code: 'ERR_NLINK_UNSUPPORTED_KERNEL',
    message: /Linux 5\.0/,
  });
});

test('a kernel without words for its errors, or that repeats the request in them', async (t) => {
  freshTable(t);
  await (await connect(t)).setNsid({ pid: process.pid }, 7);
  const [path] = makeNamespaces(1) as [string];
  for (const [options, text] of [
    [[11], null],
    [[10], 'The specified nsid is already used'],
    [[10, 11, 12], null],
  ] as const) {
    await using connection = await Connection.open({}, without(...options));
    const expected = { name: 'NetlinkError', code: 'EEXIST', text };
    await assert.rejects(connection.setNsid({ path }, 7), expected);
    await assert.rejects(connection.getNsid({ path: '/dev/null' }), { code: 'EINVAL' });
    const answers = await connection.getNsids(
      atPaths(Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? '/dev/null' : path))),
    );
    assert.ok(answers.every((answer, i) => (i % 2 === 0 ? answer instanceof Error : answer === null)));
    assert.equal(await connection.getNsid({ pid: process.pid }), 7);
  }
});
