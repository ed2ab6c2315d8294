/**
 * The ways in which a unified watcher starts and ends: whichever it is, everything is freed, and
 * what is refused is refused before anything is opened. What is common to all watchers:
 * lifecycle.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { UnifiedIo } from '../../../src/watch/unified/unified-options.ts';
import type { UnifiedNamespaceWatcherOptions } from '../../../src/watch/unified/unified-events.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { openDescriptors, openedSince, withoutLeak } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import type { Fault } from '../../support/faults.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { connect, freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';
import { within } from '../../support/wait.ts';

const aborted = { name: 'AbortError', code: 'ABORT_ERR' };

/** Opens and stops once, so that what is opened once for all is open. */
async function warmUp(): Promise<void> {
  await (await UnifiedNamespaceWatcher.open({ directory: netnsDirectory() })).stop();
}

test('a hundred opened and stopped in a row, each with events of both kinds', async (t) => {
  freshTable(t);
  await warmUp();
  const directory = netnsDirectory();
  const connection = await connect(t);
  const path = `${directory}/a`;
  await withoutLeak(async () => {
    for (let round = 0; round < 100; round++) {
      const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ directory });
      assert.deepEqual(namespaces, []);
      addNamespace(path);
      await connection.setNsid({ path }, 5);
      deleteNamespace(path);
      for (let last = ''; last !== 'destroyed';)
        last = (await within('destroyed', watcher.recv()))?.type ?? 'end';
      await watcher.stop();
      assert.equal(await watcher.recv(), undefined);
      assert.deepEqual([watcher.isWatchingNetns, watcher.isWatchingNsids], [false, false]);
    }
  });
});

test('break, await using and abort free everything', async () => {
  await warmUp();
  const directory = netnsDirectory();
  await withoutLeak(async () => {
    const watcher = await UnifiedNamespaceWatcher.open({ directory });
    addNamespace(`${directory}/a`);
    for await (const { type } of watcher) {
      assert.equal(type, 'created');
      break;
    }
    assert.throws(() => watcher[Symbol.asyncIterator](), { code: 'ERR_NLINK_CONSUMER' });
  });
  await withoutLeak(async () => {
    await using watcher = await UnifiedNamespaceWatcher.open({ directory });
    assert.equal(watcher.isWatchingNsids, true);
  });
  await withoutLeak(async () => {
    const controller = new AbortController();
    const watcher = await UnifiedNamespaceWatcher.open({ directory, signal: controller.signal });
    const pending = watcher.recv();
    controller.abort();
    await assert.rejects(pending, aborted);
    assert.equal(await watcher.recv(), undefined);
  });
});

test('aborted before and while it is opened: it rejects, with nothing left open', async () => {
  await warmUp();
  const directory = netnsDirectory();
  for (let index = 0; index < 20; index++) addNamespace(`${directory}/n${index}`);
  await withoutLeak(async () => {
    await assert.rejects(UnifiedNamespaceWatcher.open({ directory, signal: AbortSignal.abort() }), aborted);
    const controller = new AbortController();
    const opening = UnifiedNamespaceWatcher.open({ directory, signal: controller.signal });
    controller.abort();
    await assert.rejects(opening, aborted);
  });
});

const io = (fault: Fault): { io: UnifiedIo; calls: string[] } => {
  const { system, calls } = faulty(netlinkSystem(), fault);
  return { io: { system, clock: systemClock, diagnosis: new NameDiagnosis() }, calls };
};

/** Calls that give no number, which therefore cannot fail so. */
const ALWAYS = new Set(['onReadable', 'takeBuffer', 'releaseBuffer']);

// Fails if a failure in the middle of opening leaves anything open; which error it is, is not the
// point.
for (const netlink of ['auto', 'require'] as const) {
  test(`opening fails at each of its system calls in turn, netlink '${netlink}': nothing is left open`, async (t) => {
    freshTable(t);
    await warmUp();
    const directories = [netnsDirectory(), netnsDirectory()];
    for (const directory of directories) addNamespace(`${directory}/a`);
    const { io: counting, calls } = io(() => undefined);
    await (await UnifiedNamespaceWatcher.open({ directories, netlink }, counting)).stop();
    let refused = 0;
    await withoutLeak(async () => {
      for (let position = 1; position <= calls.length; position++) {
        if (ALWAYS.has(calls[position - 1] as string)) continue;
        const before = openDescriptors();
        const { io: failing } = io(failOnce(position, -errno.ENOMEM));
        const what = `call ${position}, ${calls[position - 1]}`;
        try {
          await (await within(what, UnifiedNamespaceWatcher.open({ directories, netlink }, failing))).stop();
        } catch {
          refused++;
        }
        assert.deepEqual(openedSince(before), [], what);
      }
    });
    t.diagnostic(`${calls.length} calls, refused ${refused} times`);
    assert(refused > 0);
  });
}

test('options are refused before anything is opened', async () => {
  const wrong: [UnifiedNamespaceWatcherOptions, RegExp][] = [
    [{ netlink: 'on' as 'off' }, /^netlink must be 'auto', 'require' or 'off'/],
    [{ netlink: 'off', assignNsids: true }, /^netlink must be 'auto' or 'require' where assignNsids is true/],
    [{ assignNsids: 1 as unknown as boolean }, /^assignNsids must be true or false/],
    [{ directories: [] }, /^directories must be an array of at least one path/],
    [{ directories: '/run' as unknown as string[] }, /^directories must be an array/],
    [{ directories: ['/run', ''] }, /^directories\[1\] must be /],
    [{ directories: ['/run'], directory: '/run' }, /^directory must be left out/],
    [{ bufferSize: 0 }, /^bufferSize must be /],
  ];
  await withoutLeak(async () => {
    for (const [options, message] of wrong) {
      const expected = { name: 'NlinkError', code: 'ERR_NLINK_INVALID_ARGUMENT', message };
      await assert.rejects(UnifiedNamespaceWatcher.open(options), expected);
      await assert.rejects(UnifiedNamespaceWatcher.listAndWatch(options), expected);
    }
  });
});

test('several directories, one of which is missing, comes and goes', async (t) => {
  freshTable(t);
  const there = netnsDirectory();
  const missing = `${netnsDirectory()}/netns`;
  const directories = [there, missing];
  const replay = await UnifiedReplay.open(t, { directories, emitDirectoryEvents: true });
  assert.equal(replay.watcher.isWatchingNetns, false);
  addNamespace(`${there}/a`);
  await replay.tells('created a');
  mkdirSync(missing);
  const created = await replay.next();
  assert.deepEqual(created, { type: 'directoryCreated', path: missing });
  assert.equal(replay.watcher.isWatchingNetns, true);
  addNamespace(`${missing}/a`);
  await replay.connection.setNsid({ path: `${missing}/a` }, 5);
  await replay.tells('created a', 'assigned #5 a');
  deleteNamespace(`${missing}/a`);
  rmdirSync(missing);
  const told = await replay.settleAt();
  assert.deepEqual(told.toSorted(), ['deleted a dead', 'destroyed #5 a', 'directoryDeleted']);
  assert.equal(replay.watcher.isWatchingNetns, false);
});

test('watchParent false: a missing one refuses, and the end of the last one ends', async () => {
  const [one, two] = [`${netnsDirectory()}/netns`, `${netnsDirectory()}/netns`];
  mkdirSync(one);
  await warmUp();
  await withoutLeak(async () => {
    const opening = UnifiedNamespaceWatcher.open({ directories: [one, two], watchParent: false });
    await assert.rejects(opening, { code: 'ENOENT', path: two });
  });
  mkdirSync(two);
  // Whether a death is told before the end depends on when the kernel gets round to it.
  const options = { directories: [one, two], watchParent: false, deaths: 'off' } as const;
  const watcher = await UnifiedNamespaceWatcher.open(options);
  rmdirSync(one);
  addNamespace(`${two}/a`);
  assert.equal((await within('created', watcher.recv()))?.type, 'created');
  deleteNamespace(`${two}/a`);
  rmdirSync(two);
  assert.equal((await within('deleted', watcher.recv()))?.type, 'deleted');
  assert.equal(await within('the end', watcher.recv()), undefined);
});

// Fails if the sockets of ids keep the process alive although nobody counts on the watcher, or do
// not although somebody does.
for (const [how, expected] of [
  ['unref', 'open\n'],
  ['ref', 'open\ncreated\n'],
] as const) {
  test(`a program with a watcher that was ${how === 'ref' ? 'not ' : ''}unref'd ends by itself`, async (t) => {
    const directory = netnsDirectory();
    const fixture = fileURLToPath(new URL('../fixtures/ending-unified.js', import.meta.url));
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, fixture, directory, how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const output = text(child.stdout);
    if (how === 'ref') {
      await within('open', once(child.stdout, 'data'));
      addNamespace(`${directory}/a`);
    }
    assert.deepEqual(await within('the end', exited), [0, null]);
    assert.equal(await output, expected);
  });
}
