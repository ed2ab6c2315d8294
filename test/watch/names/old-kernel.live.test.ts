/**
 * The kernel as it was before some of the calls that nlink prefers: no file handles of namespaces
 * (before Linux 6.18), so that a look opens the file for an instant and identity is dev, ino and
 * time; no question for the kind (before 4.11).
 */
import { strict as assert } from 'node:assert';
import { symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { check, errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import { realIo } from '../../../src/watch/names/namespace-watcher.ts';
import type { WatcherIo } from '../../../src/watch/names/engine-parts.ts';
import { openDescriptors } from '../../support/descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { waitFor } from '../../support/wait.ts';

const MS_BIND = 0x1000;

interface Old {
  io: WatcherIo;
  /** Files opened to look at them. */
  looks: number;
}

/** The real system, without what came later. */
function before(version: '6.18' | '4.11'): Old {
  const system = linux();
  const old: Old = {
    looks: 0,
    io: {
      ...realIo(),
      system: {
        ...system,
        namespaceHandle: () => -errno.EOPNOTSUPP,
        namespaceType(fd) {
          old.looks++;
          return version === '4.11' ? -errno.ENOTTY : system.namespaceType(fd);
        },
      },
    },
  };
  return old;
}

for (const version of ['6.18', '4.11'] as const) {
  test(`before Linux ${version}: follows names, and leaves nothing open`, async (t) => {
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    addNamespace(`${directory}/before`);
    const { io } = before(version);
    const replay = await Replay.open(t, { directory }, io);
    assert.equal(replay.snapshot[0]?.ready, true);
    addNamespace(path);
    assert.deepEqual(await replay.settle(), ['created a']);
    assert.equal(replay.watcher.namespaces().find(({ name }) => name === 'a')?.namespace?.id, null);
    deleteNamespace(path);
    addNamespace(path);
    assert.deepEqual(await replay.settle(), ['deleted a', 'created a']);
    unmountNamespace(path);
    mountNamespace(path);
    assert.deepEqual(await replay.settle(), ['deleted a', 'created a']);
    const held = [...openDescriptors().values()].filter((target) => target.startsWith('net:'));
    assert.deepEqual(held, []);
    deleteNamespace(path);
    assert.deepEqual(await replay.settle(), ['deleted a']);
  });
}

test('before Linux 6.18: reports a namespace of another kind as wrong-type', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory, readyTimeout: 50 }, before('6.18').io);
  writeFileSync(`${directory}/uts`, '');
  check(linux().mount(cPath('/proc/self/ns/uts'), cPath(`${directory}/uts`), MS_BIND), 'mount');
  assert.deepEqual(await replay.settle(), ['created uts (wrong-type)']);
});

// A process's namespace without a name gets a new inode, with a new time, for each look. Fails if
// that alone makes it another.
test('before Linux 6.18: a link to the namespace of a process stays the same', async (t) => {
  const directory = netnsDirectory();
  const holder = await spawnHolder(t);
  symlinkSync(`/proc/${holder.pid}/ns/net`, `${directory}/link`);
  const old = before('6.18');
  const replay = await Replay.open(t, { directory }, old.io);
  await waitFor('three looks', () => old.looks >= 3);
  assert.deepEqual(await replay.settle(), []);
  await holder.end();
  assert.deepEqual(await replay.settle(), ['unmounted link']);
});
