/**
 * Mounts as the kernel lists them (mount-table.ts): moved within, into and out of the directory,
 * which is a mount of its own or not; a directory of another mount namespace, which cannot be
 * listed; and what an unmount costs among thousands of names.
 */
import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { cPath } from '../../../src/reference/names.ts';
import { check, errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { NamespaceWatcher, realIo } from '../../../src/watch/names/namespace-watcher.ts';
import { otherMounts } from '../../support/mount-namespace.ts';
import { addAlias, addNamespace, netnsDirectory, unmountNamespace } from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';
import { within } from '../../support/wait.ts';

const MS_BIND = 0x1000;
const MS_MOVE = 0x2000;
const MNT_DETACH = 2;

/** Linux 6.8 lists mounts, where no seccomp filter is older. */
const listed = ![-errno.ENOSYS, -errno.EPERM].includes(linux().listMounts(0, 0, new Uint32Array(2)));
const skip = listed ? false : 'before Linux 6.8 there is no listmount(2)';

const mount = (source: string, target: string, flags: number): number =>
  check(linux().mount(cPath(source), cPath(target), flags), 'mount', target);
const addFile = (path: string): void => writeFileSync(path, '', { mode: 0, flag: 'wx' });

/** What a `System` is called for, by the names of its calls. */
function counted(): { system: System; calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const wrap = ([name, call]: [string, unknown]): [string, unknown] => {
    if (typeof call !== 'function') return [name, call];
    const count = (...args: unknown[]): unknown => {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return (call as (...args: unknown[]) => unknown)(...args);
    };
    return [name, count];
  };
  const { system } = realIo();
  return { system: Object.fromEntries(Object.entries(system).map(wrap)) as unknown as System, calls };
}

/** The calls by which `unmounted` of one among so many names is found out. */
async function callsOfUnmount(t: TestContext, names: number): Promise<Map<string, number>> {
  const directory = netnsDirectory();
  // The list of such a directory has its own names alone.
  mount(directory, directory, MS_BIND);
  addNamespace(`${directory}/0`);
  for (let name = 1; name < names; name++) addAlias(`${directory}/0`, `${directory}/${name}`);
  const { system, calls } = counted();
  const { namespaces, watcher } = await NamespaceWatcher.listAndWatch({ directory }, { ...realIo(), system });
  t.after(() => watcher.stop());
  assert.equal(namespaces.filter(({ ready }) => ready).length, names);
  // What the start has left to do is done by then: a round of the same before it counts.
  const unmount = async (name: number): Promise<void> => {
    const told = watcher.recv();
    unmountNamespace(`${directory}/${name}`);
    const event = await within('unmounted', told);
    assert(event?.type === 'unmounted' && event.name === String(name));
  };
  await unmount(1);
  calls.clear();
  await unmount(names >> 1);
  const result = new Map(calls);
  await watcher.stop();
  check(linux().umount(cPath(directory), MNT_DETACH), 'umount2', directory);
  return result;
}

// Fails if all names are looked at when mounts change: 5,000 looks then.
test('finds an unmounted name among 5,000 by as many calls as among 50', { skip }, async (t) => {
  const few = await callsOfUnmount(t, 50);
  const many = await callsOfUnmount(t, 5000);
  t.diagnostic(`50 names: ${JSON.stringify([...few])}; 5,000: ${JSON.stringify([...many])}`);
  const sum = (calls: Map<string, number>): number => [...calls.values()].reduce((a, b) => a + b, 0);
  // A list is read anew for each wake-up, of which there may be one more.
  assert(sum(many) <= sum(few) + 5, `${sum(few)} calls, ${sum(many)} calls`);
});

for (const kind of ['a mount of its own', 'no mount of its own']) {
  test(`follows mounts that are moved, in a directory that is ${kind}`, async (t) => {
    const directory = netnsDirectory();
    const elsewhere = netnsDirectory();
    if (kind === 'a mount of its own') mount(directory, directory, MS_BIND);
    const [a, b, away] = [`${directory}/a`, `${directory}/b`, `${elsewhere}/a`] as const;
    addNamespace(a);
    addFile(b);
    addFile(away);
    const replay = await Replay.open(t, { directory });
    mount(a, b, MS_MOVE);
    assert.deepEqual((await replay.settle()).sort(), ['mounted b', 'unmounted a']);
    mount(b, away, MS_MOVE);
    assert.deepEqual(await replay.settle(), ['unmounted b']);
    mount(away, a, MS_MOVE);
    assert.deepEqual(await replay.settle(), ['mounted a']);
    // To a name of the same spelling elsewhere, and back before the watcher has looked.
    mount(a, away, MS_MOVE);
    mount(away, a, MS_MOVE);
    assert.deepEqual(await replay.settle(), []);
    // Out of it while another one takes its place.
    mount(a, away, MS_MOVE);
    addAlias(away, `${directory}/c`);
    assert.deepEqual((await replay.settle()).sort(), ['created c', 'unmounted a']);
    unmountNamespace(away);
    assert.deepEqual(await replay.settle(), []);
  });
}

// listmount(2) does not know the mounts of another mount namespace: ENOENT. So names are looked at.
test('follows names that are mounted in another mount namespace', async (t) => {
  const { directory, run } = await otherMounts(t, netnsDirectory());
  run('touch a && mount --bind /proc/self/ns/net a');
  const replay = await Replay.open(t, { directory });
  assert.deepEqual(
    replay.snapshot.map(({ name, ready }) => [name, ready]),
    [['a', true]],
  );
  run('touch b && mount --bind /proc/self/ns/net b');
  assert.deepEqual(await replay.settle(), ['created b']);
  run('umount a b && rm a b');
  assert.deepEqual((await replay.settle()).sort(), ['deleted a', 'deleted b']);
});
