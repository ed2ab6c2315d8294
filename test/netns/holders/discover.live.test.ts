/**
 * A namespace of which only the inode is known is found by whatever leads to it; and whose it is.
 */
import { strict as assert } from 'node:assert';
import { readlinkSync } from 'node:fs';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { namespaceHolders } from '../../../src/index.ts';
import type { NamespaceId } from '../../../src/index.ts';
import { discover } from '../../../src/netns/holders/discover.ts';
import { ownerOf } from '../../../src/netns/identity/owner.ts';
import { inspectionSystem } from '../../../src/sys/inspection.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { start } from '../../support/starting.ts';
import { within } from '../../support/wait.ts';

const hold = fileURLToPath(new URL('../fixtures/hold.js', import.meta.url));
const thread = new URL('../fixtures/thread.js', import.meta.url);
const system = inspectionSystem();
const inode = (link: string): bigint => BigInt(readlinkSync(link).replace(/\D/g, ''));

/**
 * By which path it is found; null: by none. No namespace is asked about twice. Others that run
 * beside this test may have its inode number when it is gone; the kernel's own id tells them apart.
 */
async function leadTo({ id, ino }: NamespaceId, ...directories: string[]): Promise<string | null> {
  const asked: bigint[] = [];
  const found = await discover(system, directories, async ({ namespace }) => {
    asked.push(namespace.ino);
    return namespace.ino === ino && namespace.id === id;
  });
  assert.equal(new Set(asked).size, asked.length);
  return found?.path ?? null;
}

/** Ways to keep a namespace that leave one lead to it, and what that looks like. */
const leads: [how: string, begin: (t: TestContext, path: string) => Promise<() => unknown>, lead: RegExp][] =
  [
    [
      'a process',
      async (t, path) => {
        const holder = await spawnHolder(t, path);
        return () => holder.end();
      },
      /^\/proc\/\d+\/task\/\d+\/ns\/net$/,
    ],
    [
      'a thread',
      async (t, path) => {
        const worker = new Worker(thread, { workerData: path });
        t.after(() => worker.terminate());
        await within('the thread in its namespace', once(worker, 'message'));
        return () => worker.terminate();
      },
      /^\/proc\/\d+\/task\/\d+\/ns\/net$/,
    ],
    [
      'a descriptor',
      async (t, path) => (await start(t, [process.execPath, hold, 'descriptor', path])).end,
      /\/fd\/\d+$/,
    ],
    [
      'O_PATH',
      async (t, path) => (await start(t, [process.execPath, hold, 'O_PATH descriptor', path])).end,
      /\/fd\/\d+$/,
    ],
    [
      'a mount elsewhere',
      async (t) => {
        const apart = ['unshare', '--mount', '--propagation', 'private'];
        return (await start(t, [...apart, 'sh', '-c', 'echo apart; exec sleep infinity'])).end;
      },
      /^\/proc\/\d+\/root\/run\/netns-\w+\/a$/,
    ],
    [
      'a socket',
      async (t, path) => (await start(t, [process.execPath, hold, 'socket', path])).end,
      /^\/proc\/self\/fd\/\d+$/,
    ],
    [
      'a descriptor of a process whose main thread has ended',
      async (t, path) => (await start(t, [process.execPath, fileURLToPath(thread), path, 'descriptor'])).end,
      /\/task\/\d+\/fd\/\d+$/,
    ],
    [
      'a descriptor in flight',
      async (t, path) => (await start(t, [process.execPath, hold, 'descriptor in flight', path])).end,
      /^\/proc\/self\/fd\/\d+$/,
    ],
  ];

for (const [how, begin, lead] of leads) {
  test(`${how} leads to it, and nothing when that is gone`, async (t) => {
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    addNamespace(path);
    const { namespace } = await namespaceHolders({ path });
    assert.equal(await leadTo(namespace, directory), path);
    const end = await begin(t, path);
    // Removed, it would be gone in other mount namespaces as well.
    if (how === 'a mount elsewhere') unmountNamespace(path);
    else deleteNamespace(path);
    await withoutLeak(async () => assert.match((await leadTo(namespace, directory)) ?? '', lead));
    await end();
    const after = await leadTo(namespace, directory, '/nothing', '/dev/null');
    // Without the kernel's own id, before Linux 6.18, it may be another one by now that has the
    // inode number.
    if (namespace.id === null && after !== null) t.diagnostic(`found again: ${after}`);
    else assert.equal(after, null);
  });
}

test('whose it is: the user namespace, and the user who made that', async (t) => {
  const own = ownerOf(system, '/proc/self/ns/net');
  assert.equal(own?.userNamespace, inode('/proc/self/ns/user'));
  const { pid } = await start(t, ['unshare', '-Urn', 'sh', '-c', 'echo inside; exec sleep infinity']);
  const owner = ownerOf(system, `/proc/${pid}/ns/net`);
  assert.deepEqual(owner, { userNamespace: inode(`/proc/${pid}/ns/user`), uid: process.geteuid?.() });
  assert.notEqual(owner?.userNamespace, own?.userNamespace);
  await withoutLeak(() => {
    assert.equal(ownerOf(system, '/nothing'), null);
    assert.equal(ownerOf(system, '/dev/null'), null);
    ownerOf(system, '/proc/self/ns/net');
  });
});
