/**
 * What cannot be seen of the holders of a namespace is counted; and another place of /proc is
 * looked at in place of /proc.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { namespaceHolders } from '../../../src/index.ts';
import { findHolders } from '../../../src/netns/holders/holders.ts';
import { errno } from '../../../src/sys/errno.ts';
import { inspectionSystem } from '../../../src/sys/inspection.ts';
import type { InspectionSystem } from '../../../src/sys/inspection.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { addNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { keepMountNamespace } from '../support/kept-mount-namespace.ts';
import { start } from '../../support/starting.ts';

const hold = fileURLToPath(new URL('../fixtures/hold.js', import.meta.url));

/** A namespace with a name in a directory of its own. */
function named(): string {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  return path;
}

test('a descriptor in flight behind another is counted as unseen', async (t) => {
  const path = named();
  await start(t, [process.execPath, hold, 'descriptor in flight behind another', path]);
  const { inFlight, unseen } = await namespaceHolders({ path });
  assert.deepEqual(inFlight, []);
  assert.ok(unseen.inFlight >= 1);
  const unasked = await namespaceHolders({ path }, { sockets: false });
  assert.ok(unasked.unseen.inFlight > unseen.inFlight, 'the first one as well');
});

test('descriptors in flight that may not be had are counted as unseen, and nothing stays open', async (t) => {
  const path = named();
  await start(t, [process.execPath, hold, 'descriptor in flight', path]);
  const real = inspectionSystem();
  const faults: Partial<InspectionSystem>[] = [
    { pidfdOpen: () => -errno.ESRCH },
    { pidfdGetfd: () => -errno.EPERM },
    { peekDescriptors: () => -errno.EAGAIN },
  ];
  for (const fault of faults) {
    await withoutLeak(async () => {
      const settings = { directory: undefined, sockets: true, proc: '/proc' };
      const { inFlight, unseen } = await findHolders({ ...real, ...fault }, { path }, settings);
      assert.deepEqual([inFlight, unseen.inFlight >= 1], [[], true]);
    });
  }
});

test('mount namespaces without processes that a mount or a descriptor keeps are counted as unseen', async (t) => {
  const directory = netnsDirectory();
  const unlived = async (): Promise<number> =>
    (await namespaceHolders({ pid: process.pid })).unseen.mountNamespaces;
  // Other tests keep some as well, for a moment.
  const become = async (expected: number): Promise<void> => {
    for (let left = 50; (await unlived()) !== expected; left--) assert.ok(left > 0, `never ${expected}`);
  };
  const before = await unlived();
  execFileSync('mount', ['--bind', '--make-private', directory, directory]);
  t.after(() => execFileSync('umount', ['--lazy', directory]));
  writeFileSync(`${directory}/mounts`, '');
  keepMountNamespace(`${directory}/mounts`, 'true');
  const holder = await start(t, ['unshare', '--mount', 'sh', '-c', 'echo; exec sleep infinity']);
  const fd = openSync(`/proc/${holder.pid}/ns/mnt`, 'r');
  await become(before + 1);
  await holder.end();
  await become(before + 2);
  closeSync(fd);
  execFileSync('umount', [`${directory}/mounts`]);
  await become(before);
});

test('another place of /proc: what it shows, and nothing of /proc itself', async (t) => {
  const path = named();
  const { pid } = await spawnHolder(t, path);
  const socket = await start(t, [process.execPath, hold, 'socket', path]);
  const inFlight = await start(t, [process.execPath, hold, 'descriptor in flight', path]);
  const place = `${netnsDirectory()}-proc`;
  mkdirSync(place);
  execFileSync('mount', ['--bind', '/proc', place]);
  t.after(() => execFileSync('umount', ['--lazy', place]));
  const real = inspectionSystem();
  const isProcess = (bytes: Uint8Array): boolean => /^\/proc\/\d/.test(Buffer.from(bytes).toString());
  const system: InspectionSystem = {
    ...real,
    readDirectory: (bytes) => (isProcess(bytes) ? -errno.ENOENT : real.readDirectory(bytes)),
    stat: (bytes, ...rest) => (isProcess(bytes) ? -errno.ENOENT : real.stat(bytes, ...rest)),
    statKnown: (bytes, into) => (isProcess(bytes) ? -errno.ENOENT : real.statKnown(bytes, into)),
  };
  const settings = { directory: undefined, sockets: true, proc: place };
  const found = await findHolders(system, { path }, settings);
  assert.ok(found.mounts.length > 0);
  const pids = [found.processes, found.sockets, found.inFlight].map((kind) => kind.map((one) => one.pid));
  assert.deepEqual(pids, [[pid], [socket.pid], [inFlight.pid]]);
  assert.equal(found.processes[0]?.comm, 'sleep');
  const byPid = await namespaceHolders({ pid }, { proc: place });
  assert.equal(byPid.namespace.ino, found.namespace.ino);
  const code = 'ERR_NLINK_INVALID_ARGUMENT';
  await assert.rejects(namespaceHolders({ pid }, { proc: '/run' }), { code, message: /^proc must be/ });
});
