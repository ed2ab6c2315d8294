/**
 * The machine has no more to give: no descriptor, no inotify watch, no memory beyond a little; for
 * a moment, or for good. A watcher outlasts the moment, and then tells what it missed; or it ends,
 * and says which limit it was.
 */
import { strict as assert } from 'node:assert';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../../src/watch/stream/clock.ts';
import { NamespaceEventSubscriber } from '../../src/watch/ids/namespace-event-subscriber.ts';
import { NamespaceWatcher, realIo } from '../../src/watch/names/namespace-watcher.ts';
import { UnifiedNamespaceWatcher } from '../../src/watch/unified/unified-namespace-watcher.ts';
import { withDescriptorsLeft, withoutLeak } from '../support/descriptors.ts';
import { hastyClock, noDiagnosis } from './support/fast-clock.ts';
import { addNamespace, netnsDirectory } from '../support/netns.ts';
import { freshTable } from '../support/nsids.ts';
import { Replay } from './support/replay.ts';
import { still } from '../support/sigstop.ts';
import { UnifiedReplay } from './support/unified-replay.ts';
import { waitFor, within } from '../support/wait.ts';
import { follow } from '../support/watching.ts';
import type { Line } from '../support/watching.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.js`, import.meta.url));

/** A directory with a name that will be another directory with another name. */
function place(): { directory: string; replace: () => void } {
  const parent = netnsDirectory();
  const directory = `${parent}/netns`;
  mkdirSync(directory);
  addNamespace(`${directory}/old`);
  mkdirSync(`${parent}/next`);
  addNamespace(`${parent}/next/new`);
  const replace = (): void => {
    renameSync(directory, `${parent}/away`);
    renameSync(`${parent}/next`, directory);
  };
  return { directory, replace };
}

test('opened with any number of descriptors left: EMFILE, or open; nothing is left behind', async (t) => {
  freshTable(t);
  const { directory } = place();
  const openings: Record<string, () => Promise<{ stop(): Promise<void> }>> = {
    names: () => NamespaceWatcher.open({ directory }),
    ids: () => NamespaceEventSubscriber.open(),
    both: () => UnifiedNamespaceWatcher.open({ directory, netlink: 'require' }),
  };
  for (const [what, open] of Object.entries(openings)) {
    await (await open()).stop();
    await withoutLeak(async () => {
      const opened: { stop(): Promise<void> }[] = [];
      let left = 0;
      for (; opened.length === 0; left++) {
        assert(left < 20, `${what}: not even with ${left}`);
        await withDescriptorsLeft(left, async () => {
          try {
            opened.push(await open());
          } catch (error) {
            const { code, message } = error as { code: string; message: string };
            assert.equal(code, 'EMFILE', what);
            assert.match(message, /ulimit -n/, what);
          }
        });
      }
      assert(left > 2, `${what}: it needs some`);
      await opened[0]?.stop();
    });
  }
});

// Fails if what could not be read for want of a descriptor is not read again.
test('the directory is replaced while no descriptor is left: retries, then emits everything', async (t) => {
  const { directory, replace } = place();
  const replay = await Replay.open(t, { directory });
  let refused = 0;
  await withDescriptorsLeft(0, async () => {
    replace();
    await waitFor('the first rest', () => replay.watcher.stats().rewatches > 0 || ++refused > 100);
    await setTimeout(100);
    assert.equal(replay.watcher.namespaces().length, 0);
  });
  assert.deepEqual(await replay.until('created new'), ['deleted old', 'created new']);
  assert.deepEqual(await replay.settle(), []);
});

test('no descriptor is left for good: ends with EMFILE', async (t) => {
  const { directory, replace } = place();
  const io = { ...realIo(), clock: hastyClock, diagnosis: noDiagnosis };
  const { watcher } = await NamespaceWatcher.listAndWatch({ directory }, io);
  t.after(() => watcher.stop());
  await withDescriptorsLeft(0, async () => {
    replace();
    assert.equal((await watcher.recv())?.type, 'deleted');
    await assert.rejects(within('the end', watcher.recv()), {
      code: 'EMFILE',
      syscall: 'scandir',
      path: directory,
    });
  });
});

test('names cannot be opened to be asked for their ids: asked when there are descriptors again', async (t) => {
  freshTable(t);
  const { directory } = place();
  const replay = await UnifiedReplay.open(t, { directory });
  let assigned: Promise<number> | undefined;
  const before = replay.watcher.stats().asked;
  // The descriptor of the question is the last one.
  await withDescriptorsLeft(1, async () => {
    assigned = replay.connection.setNsid({ path: `${directory}/old` }, 5);
    await assigned;
  });
  await withDescriptorsLeft(0, async () => {
    await waitFor('the question', () => replay.watcher.stats().asked > before);
    await setTimeout(100);
  });
  assert.deepEqual(await replay.until('resynced nsids'), ['assigned #5 old', 'resynced nsids']);
  assert.deepEqual(await replay.settle(), []);
});

/** A watching program in a user namespace of its own. */
function limited(
  t: TestContext,
  directory: string,
  clock: string,
): { next: () => Promise<Line>; limit: (line: string) => void } {
  const program = [process.execPath, fixture('watch-limited'), JSON.stringify({ directory }), clock];
  const child = spawn('unshare', ['-Ur', ...program]);
  return { next: follow(t, child), limit: (line) => void child.stdin.write(`${line}\n`) };
}

test('no inotify watch is left when the directory is replaced: retries, then emits everything', async (t) => {
  const { directory, replace } = place();
  const { next, limit } = limited(t, directory, 'real');
  assert.equal((await next()).type, 'open');
  limit('max_inotify_watches 0');
  assert.equal((await next()).type, 'limit');
  await still(replace);
  assert.equal((await next()).type, 'refused');
  limit('max_inotify_watches 1000');
  assert.equal((await next()).type, 'limit');
  const [gone, come] = [await next(), await next()];
  assert.deepEqual([gone.type, gone.name, come.type, come.name], ['deleted', 'old', 'created', 'new']);
  addNamespace(`${directory}/after`);
  assert.equal((await next()).name, 'after');
});

test('no inotify watch is left for good: ends with ENOSPC, and says which sysctl to raise', async (t) => {
  const { directory, replace } = place();
  const { next, limit } = limited(t, directory, 'hasty');
  assert.equal((await next()).type, 'open');
  limit('max_inotify_watches 0');
  assert.equal((await next()).type, 'limit');
  await still(replace);
  assert.equal((await next()).type, 'refused');
  const { type, code, message } = await next();
  assert.deepEqual([type, code], ['error', 'ENOSPC']);
  assert.match(message ?? '', /fs\.inotify\.max_user_watches/);
});

test('no inotify instance is left, and then there is one: refused, and opened the next time', async () => {
  const { directory } = place();
  const { stdout } = await promisify(execFile)('unshare', [
    '-Ur',
    process.execPath,
    fixture('reopen'),
    JSON.stringify({ directory }),
  ]);
  assert.equal(stdout, 'EMFILE\nopen\n');
});

/** Makes and deletes files as fast as a program can. */
const STORM = `
  const { writeFileSync, unlinkSync } = require('node:fs');
  for (let pair = 0; pair < 60000; pair++) {
    const path = process.argv[1] + '/storm-' + pair;
    writeFileSync(path, '');
    unlinkSync(path);
  }`;

// Fails if what nobody takes is kept: 120,000 events of this size are three times the memory that
// there is.
test('a storm, a consumer that takes nothing, and 16 MB of heap: what waits waits in the kernel', async (t) => {
  const directory = netnsDirectory();
  for (const name of ['a', 'b']) addNamespace(`${directory}/${name}`);
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [
    '--max-old-space-size=16',
    fixture('stopped'),
    directory,
  ]);
  child.stderr.pipe(process.stderr);
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.equal((await within('the program', lines.next())).value, '{"type":"open"}');
  const storm = spawn(process.execPath, ['-e', STORM, directory], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(storm, 'exit');
  assert.equal(code, 0);
  child.stdin.end();
  const { value } = await within('what it was told', lines.next());
  assert.deepEqual(JSON.parse(value as string), {
    type: 'told',
    buffered: [100, 100],
    resynced: [1, 1],
    names: [2, 2],
  });
});

test('the time of day jumps back and forth by hours: deadlines are kept, and nothing spins', async (t) => {
  const directory = netnsDirectory();
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  let wakes = 0;
  const clock: typeof systemClock = {
    now: () => systemClock.now(),
    after: (milliseconds, callback) => {
      wakes++;
      return systemClock.after(milliseconds, callback);
    },
  };
  const io = { ...realIo(), clock, diagnosis: noDiagnosis };
  const replay = await Replay.open(t, { directory, readyTimeout: 200 }, io);
  for (const hours of [5, -5, 1000]) {
    const start = performance.now();
    writeFileSync(`${directory}/late${hours}`, '');
    Date.now = () => now() + hours * 3_600_000;
    assert.deepEqual(await replay.until(`created late${hours} (timeout)`), [
      `created late${hours} (timeout)`,
    ]);
    assert(performance.now() - start > 190);
  }
  assert(wakes < 60, `${wakes} timers`);
});

// A clock that counts the time in which the machine slept jumps ahead (clock_gettime(2),
// CLOCK_BOOTTIME).
test('the clock of the watcher jumps ahead by hours: emits late, and does not spin', async (t) => {
  const directory = netnsDirectory();
  let [ahead, wakes] = [0, 0];
  const clock: typeof systemClock = {
    now: () => systemClock.now() + ahead,
    after: (milliseconds, callback) => {
      wakes++;
      return systemClock.after(milliseconds, callback);
    },
  };
  const io = { ...realIo(), clock, diagnosis: noDiagnosis };
  const replay = await Replay.open(t, { directory, readyTimeout: 60_000 }, io);
  writeFileSync(`${directory}/file`, '');
  addNamespace(`${directory}/a`);
  await replay.until('created a');
  ahead = 5 * 3_600_000;
  assert.deepEqual(await replay.until('created file (timeout)'), ['created file (timeout)']);
  addNamespace(`${directory}/b`);
  assert.deepEqual(await replay.settle(), ['created b']);
  assert(wakes < 60, `${wakes} timers`);
});
