/** Paths and processes of real namespaces, numbered together; as root and as an ordinary user. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { commonNumbers } from '../../src/netlink/common-numbers.ts';
import type { Numbered } from '../../src/netlink/common-numbers.ts';
import { errno } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../src/sys/socket.ts';
import { withDescriptorsLeft, withoutLeak } from '../support/descriptors.ts';
import { faulty } from '../support/faults.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  ip,
  netnsDirectory,
  spawnHolder,
} from '../support/netns.ts';

const real = netlinkSystem();
/** As for a process without CAP_SYS_ADMIN: a child makes the table. */
const ordinary: NetlinkSystem = { ...real, setns: () => -errno.EPERM };
const SYSTEMS: Record<string, NetlinkSystem> = { 'made here': real, 'made by a child': ordinary };

// What Node opens once for itself is open from now on.
await commonNumbers({ system: ordinary }, []);

for (const [where, system] of Object.entries(SYSTEMS))
  test(`equal numbers are one namespace; the table is ${where}`, async (t) => {
    const directory = netnsDirectory();
    const [a, b, alias] = [`${directory}/a`, `${directory}/b`, `${directory}/alias`] as const;
    addNamespace(a);
    addNamespace(b);
    addAlias(a, alias);
    const [inA, unnamed, ended] = [await spawnHolder(t, a), await spawnHolder(t), await spawnHolder(t)];
    await ended.end();
    const references: Numbered[] = [
      { pid: inA.pid },
      { path: a },
      { path: b },
      { path: `${directory}/missing` },
      { pid: unnamed.pid },
      { path: alias },
      { pid: ended.pid },
      { path: '/dev/null' },
      { pid: unnamed.pid },
    ];
    await withoutLeak(async () => {
      const numbers = await commonNumbers({ system }, references);
      const [first, , other, missing, apart, , gone, none, again] = numbers;
      assert.deepEqual(numbers.slice(0, 2).concat(numbers[5] ?? null), [first, first, first]);
      assert.equal(new Set([first, other, apart]).size, 3);
      assert.ok([first, other, apart].every((number) => typeof number === 'number'));
      assert.deepEqual([missing, gone, none, again], [null, null, null, apart]);
    });
    // In nobody's own table is anything of it.
    assert.equal(ip('netns', 'list-id'), '');
    for (const path of [a, b, alias]) deleteNamespace(path);
  });

test('more than fit into one batch, and few descriptors', async (t) => {
  const directory = netnsDirectory();
  const paths = Array.from({ length: 150 }, (_, index) => `${directory}/${index}`);
  for (const path of paths) addNamespace(path);
  t.after(() => paths.forEach(deleteNamespace));
  const holder = await spawnHolder(t, paths[149]);
  const references = [...paths.map((path) => ({ path })), { pid: holder.pid }];
  await withDescriptorsLeft(20, async () => {
    const numbers = await commonNumbers({ system: real }, references);
    assert.equal(new Set(numbers).size, 150);
    assert.ok(numbers.every((number) => number !== null));
    assert.equal(numbers[150], numbers[149]);
  });
});

test('calls that fail: said, and nothing is left', async (t) => {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  t.after(() => deleteNamespace(path));
  const references = [{ path }, { pid: process.pid }];
  for (const call of ['netlinkSocket', 'send', 'receiveMany'] as const)
    await withoutLeak(async () => {
      const { system } = faulty(real, (name) => (name === call ? -errno.ENOMEM : undefined));
      await assert.rejects(commonNumbers({ system }, references), { code: 'ENOMEM' }, call);
    });
});
