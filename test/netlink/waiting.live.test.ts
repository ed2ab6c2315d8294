/**
 * Answers that are not there at once. The kernel's always are, so the first attempts to receive
 * find nothing here; the answers themselves are the kernel's.
 */
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Connection } from '../../src/netlink/index.ts';
import { errno } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { faulty } from '../support/faults.ts';
import { atPaths, connect, freshTable, makeNamespaces } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

const RECEIVING = new Set<string>(['receive', 'receiveMany']);

/** A connection that finds nothing to receive `late` times after each request. */
async function openLate(late: number): Promise<Connection> {
  let left = 0;
  const { system } = faulty(netlinkSystem(), (call) => {
    if (call === 'send') left = late;
    return RECEIVING.has(call) && left-- > 0 ? -errno.EAGAIN : undefined;
  });
  return Connection.open({}, system);
}

/** Two namespaces with the ids 3 and 4, and one without. */
async function threePaths(t: TestContext): Promise<[string, string, string]> {
  freshTable(t);
  const paths = makeNamespaces(3) as [string, string, string];
  const connection = await connect(t);
  await connection.setNsid({ path: paths[0] }, 3);
  await connection.setNsid({ path: paths[1] }, 4);
  return paths;
}

for (const late of [1, 2, 5]) {
  test(`${late} times nothing: the answers come all the same, one exchange after the other`, async (t) => {
    const [three, four, none] = await threePaths(t);
    await using connection = await openLate(late);
    const told: string[] = [];
    const tell = async (name: string, answer: Promise<unknown>): Promise<void> => {
      told.push(`${name} ${JSON.stringify(await answer)}`);
    };
    const fd = openSync(four, 'r');
    const answers = Promise.all([
      tell('path', connection.getNsid({ path: three })),
      tell('fd', connection.getNsid({ fd })),
      tell('pid', connection.getNsid({ pid: process.pid })),
      tell('paths', connection.getNsids(atPaths([four, none, three]))),
      tell('set', connection.setNsid({ path: none }, 'auto')),
      tell('fd', connection.getNsid({ fd })),
    ]);
    await within('the answers', answers);
    closeSync(fd);
    // Assigning takes two exchanges, and the second one is in line behind what came meanwhile.
    assert.deepEqual(told, ['path 3', 'fd 4', 'pid null', 'paths [4,null,3]', 'fd 4', 'set 0']);
    const { entries, complete } = await within('the list', connection.listNsids());
    assert.deepEqual([entries.map(({ nsid }) => nsid), complete], [[0, 3, 4], true]);
  });
}

// Fails if a refusal that was waited for is thrown where nobody catches it.
test('a refusal that comes late rejects, and what is in line behind it goes on', async (t) => {
  const [three] = await threePaths(t);
  await using connection = await openLate(1);
  for (let round = 0; round < 3; round++) {
    const refused = connection.getNsid({ path: '/dev/null' });
    const given = connection.getNsid({ path: three });
    await assert.rejects(within('the refusal', refused), { name: 'NetlinkError', code: 'EINVAL' });
    assert.equal(await within('the answer', given), 3);
  }
});

test('a failure of recv(2) while waiting rejects, and the next exchange is not disturbed', async (t) => {
  const [three] = await threePaths(t);
  let failures = 0;
  const { system } = faulty(netlinkSystem(), (call) => {
    if (call !== 'receive') return undefined;
    failures++;
    // Nothing at first; then the failure; then what was left is read to its end, and thrown away.
    return failures === 1 ? -errno.EAGAIN : failures === 2 ? -errno.ENOBUFS : undefined;
  });
  await using connection = await Connection.open({}, system);
  await assert.rejects(within('the failure', connection.getNsid({ path: three })), {
    code: 'ENOBUFS',
    syscall: 'recv',
  });
  assert.equal(await within('the answer', connection.getNsid({ path: three })), 3);
});

test('closed while it waits: that and all in line are rejected, and nothing stays open', async () => {
  const warm = await openLate(1);
  await warm.getNsid({ pid: process.pid });
  warm.close();
  const closed = { name: 'NlinkError', code: 'ERR_NLINK_CLOSED' };
  await withoutLeak(async () => {
    const connection = await openLate(1_000_000);
    const waiting: Promise<unknown>[] = [
      connection.getNsid({ path: '/proc/self/ns/net' }),
      connection.getNsids(atPaths(['/proc/self/ns/net', '/missing'])),
      connection.setNsid({ pid: process.pid }, 1),
      connection.listNsids(),
    ];
    await setImmediate();
    connection.close();
    for (const answer of waiting) await assert.rejects(within('the end', answer), closed);
    await assert.rejects(connection.getNsid({ pid: process.pid }), closed);
    connection.close();
  });
});
