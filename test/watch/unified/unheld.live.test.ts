/**
 * Namespaces that no name and no descriptor holds, but their processes alone: the time of their
 * inode is another at each look. The watcher's own is mostly one; so is what a symbolic link to
 * `/proc/PID/ns/net` leads to. With the kernel's id and, as before Linux 6.18, without.
 */
import '../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { symlinkSync, unlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { identify, listNamespaces } from '../../../src/index.ts';
import { sameLiving, sameNamespace } from '../../../src/netns/identity/identity.ts';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { noDiagnosis } from '../support/fast-clock.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import {
  addAlias,
  addNamespace,
  deleteNamespace,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import type { UnifiedNamespaceWatcherOptions } from '../../../src/watch/unified/unified-events.ts';

/** Each look is made a while after the one before, so that a time that differs does. */
const still = new Int32Array(new SharedArrayBuffer(4));
const slowly = (real: NetlinkSystem): NetlinkSystem => ({
  ...real,
  stat(path, follow, into) {
    Atomics.wait(still, 0, 0, 5);
    return real.stat(path, follow, into);
  },
});

const KERNELS: Record<string, NetlinkSystem> = {
  'Linux 6.18': slowly(netlinkSystem()),
  'before Linux 6.18': slowly({ ...netlinkSystem(), namespaceHandle: () => -errno.EOPNOTSUPP }),
};

function watch(
  t: TestContext,
  system: NetlinkSystem,
  options: UnifiedNamespaceWatcherOptions,
): Promise<UnifiedReplay> {
  const io = { system, clock: systemClock, diagnosis: noDiagnosis };
  return UnifiedReplay.open(t, options, io, io);
}

/** `own: name name`, an entry each. */
const shown = (replay: UnifiedReplay): string[] =>
  replay.watcher.namespaces().map(
    ({ own, nsid, names }) =>
      `${own ? 'own ' : ''}#${nsid}: ${names
        .map(({ name }) => name)
        .sort()
        .join(' ')}`,
  );

for (const [kernel, system] of Object.entries(KERNELS)) {
  // Fails if `since` of a namespace is compared that only a process holds.
  test(`${kernel}: the id of a name that is a link to the namespace of a process`, async (t) => {
    freshTable(t);
    const directory = netnsDirectory();
    const holder = await spawnHolder(t);
    const link = `/proc/${holder.pid}/ns/net`;
    symlinkSync(link, `${directory}/before`);
    const replay = await watch(t, system, { directory });
    symlinkSync(link, `${directory}/pod`);
    await replay.until('created pod');
    await replay.connection.setNsid({ path: `${directory}/pod` }, 18);
    assert.deepEqual(await replay.until('assigned #18 before pod'), ['assigned #18 before pod']);
    assert.deepEqual(shown(replay), ['#18: before pod']);
    await withoutLeak(async () => void (await replay.settle()));
    unlinkSync(`${directory}/before`);
    await replay.tells('deleted before alive');
    unlinkSync(`${directory}/pod`);
    await replay.tells('deleted pod alive');
    await holder.end();
    await replay.tells('destroyed #18 pod');
  });

  test(`${kernel}: a link to the namespace of a process, and a mount of it beside that: one namespace`, async (t) => {
    freshTable(t);
    const directory = netnsDirectory();
    const holder = await spawnHolder(t);
    const link = `/proc/${holder.pid}/ns/net`;
    symlinkSync(link, `${directory}/link`);
    const replay = await watch(t, system, { directory });
    addAlias(link, `${directory}/mounted`);
    await replay.tells('created mounted');
    await replay.connection.setNsid({ path: link }, 5);
    await replay.tells('assigned #5 link mounted');
    await holder.end();
    // The link leads nowhere; a bind mount holds the namespace.
    await replay.until('unmounted link alive');
    assert.deepEqual(shown(replay), ['#5: mounted', '#null: link']);
    deleteNamespace(`${directory}/mounted`);
    assert.deepEqual(await replay.until('destroyed #5 mounted'), [
      'deleted mounted dead',
      'destroyed #5 mounted',
    ]);
  });

  test(`${kernel}: the own namespace by a link and by a mount, there and later: one entry`, async (t) => {
    freshTable(t);
    const directory = netnsDirectory();
    const own = `/proc/${process.pid}/ns/net`;
    symlinkSync(own, `${directory}/link`);
    const replay = await watch(t, system, { directory });
    assert.deepEqual(shown(replay), ['own #null: link']);
    addAlias(own, `${directory}/mounted`);
    await replay.tells('created mounted');
    await replay.connection.setNsid({ path: own }, 7);
    await replay.tells('assigned #7 link mounted');
    assert.deepEqual(shown(replay), ['own #7: link mounted']);
    unmountNamespace(`${directory}/mounted`);
    await replay.tells('unmounted mounted alive');
    unlinkSync(`${directory}/mounted`);
    unlinkSync(`${directory}/link`);
    await replay.until('deleted link alive');
    await replay.settle();
    assert.deepEqual(shown(replay), ['own #7: ']);
    const told = replay.events.flatMap((event) =>
      'namespace' in event && event.namespace !== null ? [event.namespace.since] : [],
    );
    assert(told.length >= 4);
    assert.equal(new Set(told).size, 1, 'its time is the same in each event');
  });

  test(`${kernel}: an id for the own namespace, which has no name: own, at the start and later`, async (t) => {
    freshTable(t);
    const directory = netnsDirectory();
    const replay = await watch(t, system, { directory });
    await replay.connection.setNsid({ pid: process.pid }, 7);
    await replay.tells('assigned #7');
    const [event] = replay.events.slice(-1);
    assert(event?.type === 'nsidAssigned' && event.namespace !== null, 'it is known which one it is');
    assert.deepEqual(shown(replay), ['own #7: ']);
    const later = await watch(t, system, { directory });
    assert.deepEqual(shown(later), ['own #7: ']);
  });

  test(`${kernel}: assignNsids gives the own namespace no id, whatever its names`, async (t) => {
    freshTable(t);
    const directory = netnsDirectory();
    addAlias('/proc/self/ns/net', `${directory}/mounted`);
    addNamespace(`${directory}/other`);
    const replay = await watch(t, system, { directory, assignNsids: true });
    assert.deepEqual(shown(replay).sort(), ['#0: other', 'own #null: mounted']);
    symlinkSync(`/proc/${process.pid}/ns/net`, `${directory}/link`);
    addNamespace(`${directory}/new`);
    await replay.until('assigned #1 new');
    await replay.settle();
    assert.equal(await replay.connection.getNsid({ pid: process.pid }), null);
    deleteNamespace(`${directory}/new`);
    deleteNamespace(`${directory}/other`);
    deleteNamespace(`${directory}/mounted`);
    unlinkSync(`${directory}/link`);
    await replay.settleAt();
  });
}

test('after an end was emitted, a name that was unmounted is deleted', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  const holder = await spawnHolder(t, path);
  const replay = await UnifiedReplay.open(t, { directory });
  await replay.connection.setNsid({ path }, 5);
  await replay.tells('assigned #5 a');
  unmountNamespace(path);
  await replay.tells('unmounted a alive');
  await holder.end();
  await replay.tells('destroyed #5 a');
  unlinkSync(path);
  await replay.tells('deleted a dead');
});

test('list and identify: the own namespace is the same by a link, by a mount, and by the process', async () => {
  const directory = netnsDirectory();
  symlinkSync('/proc/self/ns/net', `${directory}/link`);
  addAlias('/proc/self/ns/net', `${directory}/mounted`);
  const { names, namespace } = await identify(undefined, { directory });
  assert.deepEqual(names.map(({ name }) => name).sort(), ['link', 'mounted']);
  for (const entry of await listNamespaces({ directory }))
    assert(entry.ready && sameNamespace(entry.namespace, namespace));
  deleteNamespace(`${directory}/mounted`);
  const later = await identify(undefined, { directory });
  assert(sameLiving({ ...later.namespace, id: null }, namespace));
});
