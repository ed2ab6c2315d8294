/** The processes of all namespaces at once: as asking for one after the other. */
import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createNamespace, identify, namespacePids } from '../../../src/index.ts';
import {
  processesByNamespace,
  threadsByNamespace,
} from '../../../src/netns/processes/processes-by-namespace.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { faulty } from '../../support/faults.ts';
import { netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { within } from '../../support/wait.ts';

const thread = new URL('../fixtures/thread.js', import.meta.url);

test('of each namespace the processes that namespacePids finds, with a name or without', async (t) => {
  const directory = netnsDirectory();
  const blue = await createNamespace('blue', { directory });
  const empty = await createNamespace('empty', { directory });
  const [first, second, unnamed] = await Promise.all([
    spawnHolder(t, `${directory}/blue`),
    spawnHolder(t, `${directory}/blue`),
    spawnHolder(t),
  ]);
  await withoutLeak(async () => {
    const { namespaces } = await processesByNamespace();
    const pidsOf = (ino: bigint): number[] | undefined => namespaces.get(ino)?.pids;
    assert.deepEqual(
      pidsOf(blue.ino),
      [first.pid, second.pid].sort((a, b) => a - b),
    );
    assert.equal(pidsOf(empty.ino), undefined);
    const { namespace } = await identify({ pid: unnamed.pid });
    assert.deepEqual(pidsOf(namespace.ino), [unnamed.pid]);
    assert.equal(namespaces.get(blue.ino)?.dev, blue.dev);
    const own = await identify();
    const { pids } = await namespacePids({ path: '/proc/self/ns/net' });
    assert.ok(pids.every((pid) => pidsOf(own.namespace.ino)?.includes(pid)));
  });
});

test('a process that ends meanwhile is left out; one that may not be looked at makes it incomplete', async (t) => {
  const holder = await spawnHolder(t);
  const { namespace } = await identify({ pid: holder.pid });
  const without = async (result: number): Promise<[boolean, boolean]> => {
    const { system } = faulty(linux(), () => undefined);
    const path = `/proc/${holder.pid}/ns/net\0`;
    const stat: typeof system.stat = (file, follow, into) =>
      Buffer.from(file).equals(Buffer.from(path)) ? result : linux().stat(file, follow, into);
    const { namespaces, complete } = await processesByNamespace(
      '/proc',
      Object.assign(Object.create(system), { stat }),
    );
    return [namespaces.has(namespace.ino), complete];
  };
  const { complete } = await processesByNamespace();
  assert.deepEqual(await without(-errno.ENOENT), [false, complete]);
  assert.deepEqual(await without(-errno.ESRCH), [false, complete]);
  assert.deepEqual(await without(-errno.EACCES), [false, false]);
  await assert.rejects(without(-errno.EIO), { code: 'EIO', syscall: 'statx' });
});

test('a namespace that nothing but a thread is in, by its process', async (t) => {
  const directory = netnsDirectory();
  const blue = await createNamespace('blue', { directory });
  const red = await createNamespace('red', { directory });
  const worker = new Worker(thread, { workerData: `${directory}/blue` });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  await spawnHolder(t, `${directory}/red`);
  assert.equal((await processesByNamespace()).namespaces.get(blue.ino), undefined);
  // Main threads are counted by the census itself.
  assert.deepEqual([...(await threadsByNamespace([blue, red]))], [[blue.ino, [process.pid]]]);
  assert.deepEqual([...(await threadsByNamespace([{ ...blue, dev: blue.dev + 1n }]))], []);
});
