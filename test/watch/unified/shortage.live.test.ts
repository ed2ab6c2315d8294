/**
 * What the machine lacks while names are asked for their ids: fewer are asked at once, or all of
 * them anew, and none is left out.
 */
import '../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import { Injection } from '../../support/injection.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { hasHandles } from '../../support/old-kernels.ts';
import { assignAll } from '../../support/block-event-loop.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

const NAMES = 20;

/** Files in this directory can be open only so many at once. */
function scarce(directory: string, most: number): NetlinkSystem {
  const real = netlinkSystem();
  const held = new Set<number>();
  return {
    ...real,
    open(path, flags, mode) {
      if (!Buffer.from(path).toString().startsWith(directory)) return real.open(path, flags, mode);
      if (held.size === most) return -errno.EMFILE;
      const fd = real.open(path, flags, mode);
      if (fd >= 0) held.add(fd);
      return fd;
    },
    close(fd) {
      held.delete(fd);
      return real.close(fd);
    },
  };
}

// Fails if a name that could not be opened at once is taken for one without an id, and its id for
// that of nobody.
test('the ids of more names than can be open at once', async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const paths = Array.from({ length: NAMES }, (_, index) => `${directory}/${index}`);
  for (const path of paths) addNamespace(path);
  await assignAll(await connect(t), paths);
  for (const most of [1, 3, NAMES]) {
    const io = {
      system: scarce(directory, most),
      clock: systemClock,
      diagnosis: new NameDiagnosis(),
    };
    const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ directory }, io);
    await watcher.stop();
    const found = namespaces.map(({ nsid, names }) => [names[0]?.name, nsid]);
    const expected = paths.map((_, index) => [String(index), index]);
    assert.deepEqual(
      found.toSorted((a, b) => Number(a[1]) - Number(b[1])),
      expected,
      `${most} at once`,
    );
  }
});

/** A watcher of a directory with a name, whose system calls may fail. */
async function troubled(
  t: TestContext,
): Promise<{ path: string; replay: UnifiedReplay; injection: Injection }> {
  freshTable(t);
  const directory = netnsDirectory();
  const path = `${directory}/a`;
  addNamespace(path);
  const injection = new Injection();
  const io = { system: injection.system, clock: hastyClock, diagnosis: noDiagnosis };
  return { path, replay: await UnifiedReplay.open(t, { directory }, io), injection };
}

for (const [call, code] of [
  ['send', 'ENOMEM'],
  ['open', 'EMFILE'],
] as const) {
  // Fails if an id is nobody's for good because its name could not be asked for a moment.
  test(`${call} fails once with ${code} when a name is asked for its id: asked anew, then resynced`, async (t) => {
    const { path, replay, injection } = await troubled(t);
    injection.arm({ call, nth: 1, code });
    await replay.connection.setNsid({ path }, 5);
    assert.deepEqual(await replay.until('resynced nsids'), ['assigned #5 a', 'resynced nsids']);
    assert(injection.struck);
    assert.deepEqual(await replay.settle(), []);
  });
}

test('names cannot be asked for their ids any more: goes on with names alone, and says why', async (t) => {
  const { path, replay, injection } = await troubled(t);
  injection.arm({ call: 'send', nth: 1, code: 'ENOTCONN' });
  await replay.connection.setNsid({ path }, 5);
  assert.deepEqual(await replay.until('unavailable ENOTCONN'), ['unavailable ENOTCONN']);
  addNamespace(`${path}b`);
  assert.deepEqual(await replay.settle(), ['created ab']);
});

// Fails if a name that could not be given an id for a moment never gets one.
test('no descriptor is left when a name is to be given an id: given when there is one', async (t) => {
  if (!hasHandles(netlinkSystem())) return t.skip('before Linux 6.18 a name cannot be looked at without one');
  freshTable(t);
  const directory = netnsDirectory();
  const real = netlinkSystem();
  let most = NAMES;
  const system: NetlinkSystem = {
    ...real,
    open: (path, flags, mode) => (most === 0 ? -errno.EMFILE : real.open(path, flags, mode)),
  };
  const io = { system, clock: hastyClock, diagnosis: noDiagnosis };
  const replay = await UnifiedReplay.open(t, { directory, assignNsids: true }, io);
  most = 0;
  addNamespace(`${directory}/a`);
  assert.deepEqual(await replay.until('created a'), ['created a']);
  most = NAMES;
  assert.deepEqual(await replay.until('resynced nsids'), ['assigned #0 a', 'resynced nsids']);
  assert.deepEqual(await replay.settle(), []);
});
