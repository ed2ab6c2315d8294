/**
 * The ways in which a watcher starts and ends: whichever it is, everything is freed, whoever waits is told once, and nothing comes
 * after the end. A rejection that nobody takes fails the test in which it happens. How programs end by themselves: ending.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { NamespaceEvent } from '../../src/watch/events.ts';
import { NamespaceWatcher } from '../../src/watch/namespace-watcher.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../support/netns.ts';
import { brief, Replay } from '../support/replay.ts';
import { within } from '../support/wait.ts';

const aborted = { name: 'AbortError', code: 'ABORT_ERR' };

/** Opens and stops once, so that what is opened once for all (koffi, epoll of the process) is open. */
async function warmUp(): Promise<void> {
  const watcher = await NamespaceWatcher.open({ directory: netnsDirectory() });
  await watcher.stop();
}

/** Enough turns of the event loop for anything that is still under way. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await setTimeout(2);
}

test('two watchers on one directory: each is told all, and one goes on without the other', async (t) => {
  const directory = netnsDirectory();
  const one = await Replay.open(t, { directory });
  const two = await Replay.open(t, { directory, bufferSize: 1 });
  addNamespace(`${directory}/a`);
  assert.deepEqual(await one.settle(), ['created a']);
  assert.deepEqual(await two.settle(), ['created a']);
  await one.watcher.stop();
  deleteNamespace(`${directory}/a`);
  addNamespace(`${directory}/b`);
  assert.deepEqual(await two.settle(), ['deleted a', 'created b']);
  assert.equal(await one.watcher.recv(), undefined);
});

// Fails if stop leaves a descriptor open, or if a watcher sees what another was opened for.
test('a hundred opened and stopped in a row, each with an event', async () => {
  await warmUp();
  const directory = netnsDirectory();
  await withoutLeak(async () => {
    for (let round = 0; round < 100; round++) {
      const { namespaces, watcher } = await NamespaceWatcher.listAndWatch({ directory });
      assert.equal(namespaces.length, 0);
      addNamespace(`${directory}/a`);
      assert.equal((await within('created', watcher.recv()))?.type, 'created');
      deleteNamespace(`${directory}/a`);
      assert.equal((await within('deleted', watcher.recv()))?.type, 'deleted');
      await watcher.stop();
    }
  });
});

test('twenty open at once', async () => {
  await warmUp();
  const directory = netnsDirectory();
  await withoutLeak(async () => {
    const watchers = await Promise.all(
      Array.from({ length: 20 }, () => NamespaceWatcher.open({ directory })),
    );
    addNamespace(`${directory}/a`);
    for (const watcher of watchers) {
      assert.equal((await within('created', watcher.recv()))?.type, 'created');
      assert.equal(watcher.tryRecv(), undefined);
    }
    await Promise.all(watchers.map((watcher) => watcher.stop()));
  });
  deleteNamespace(`${directory}/a`);
});

test('break, return and an exception in a loop free everything', async () => {
  await warmUp();
  const directory = netnsDirectory();
  const ways: ((event: NamespaceEvent) => 'break' | 'return')[] = [
    () => 'break',
    () => 'return',
    () => {
      throw new Error('thrown in the loop');
    },
  ];
  const consume = async (watcher: NamespaceWatcher, way: (typeof ways)[0]): Promise<void> => {
    for await (const event of watcher) {
      if (way(event) === 'return') return;
      break;
    }
  };
  for (const [round, way] of ways.entries()) {
    await withoutLeak(async () => {
      const watcher = await NamespaceWatcher.open({ directory });
      addNamespace(`${directory}/${round}`);
      const consumed = within('the loop', consume(watcher, way));
      if (round === 2) await assert.rejects(consumed, /thrown in the loop/);
      else await consumed;
      assert.equal(watcher.isWatchingNetns, false);
      assert.equal(await watcher.recv(), undefined);
    });
  }
});

test('await using frees everything', async () => {
  await warmUp();
  const directory = netnsDirectory();
  let kept: NamespaceWatcher | undefined;
  await withoutLeak(async () => {
    await using watcher = await NamespaceWatcher.open({ directory });
    kept = watcher;
    assert.equal(watcher.isWatchingNetns, true);
  });
  assert.equal(kept?.isWatchingNetns, false);
});

test('abort while recv waits: it rejects, and those after it end', async () => {
  await warmUp();
  await withoutLeak(async () => {
    const controller = new AbortController();
    const watcher = await NamespaceWatcher.open({ directory: netnsDirectory(), signal: controller.signal });
    const [first, second] = [watcher.recv(), watcher.recv()];
    controller.abort(new Error('enough'));
    await assert.rejects(first, { ...aborted, cause: new Error('enough') });
    assert.equal(await second, undefined);
    assert.equal(await watcher.recv(), undefined);
    assert.equal(watcher.isWatchingNetns, false);
  });
});

test('abort while a loop waits: the loop rejects', async () => {
  await warmUp();
  await withoutLeak(async () => {
    const controller = new AbortController();
    const watcher = await NamespaceWatcher.open({ directory: netnsDirectory(), signal: controller.signal });
    const loop = (async () => {
      for await (const event of watcher) assert.fail(brief(event));
    })();
    await someTurns();
    controller.abort();
    await assert.rejects(within('the loop', loop), aborted);
  });
});

// Events that still wait are dropped, as the program asked for an end.
test('abort while nobody waits: the next recv rejects, once', async () => {
  const directory = netnsDirectory();
  const controller = new AbortController();
  const watcher = await NamespaceWatcher.open({ directory, signal: controller.signal });
  addNamespace(`${directory}/a`);
  while (watcher.stats().buffered === 0) await someTurns();
  controller.abort();
  assert.equal(watcher.tryRecv(), undefined);
  await assert.rejects(watcher.recv(), aborted);
  assert.equal(await watcher.recv(), undefined);
});

test('a signal that was aborted before: opening rejects, and nothing is opened', async () => {
  await warmUp();
  await withoutLeak(async () => {
    const options = { directory: netnsDirectory(), signal: AbortSignal.abort('reason') };
    await assert.rejects(NamespaceWatcher.open(options), { ...aborted, cause: 'reason' });
    await assert.rejects(NamespaceWatcher.listAndWatch(options), aborted);
  });
});

// Fails if each watcher leaves a listener on a signal that outlives it.
test('a signal is let go of when the watcher has stopped', async () => {
  await warmUp();
  const { signal } = new AbortController();
  const watcher = await NamespaceWatcher.open({ directory: netnsDirectory(), signal });
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  await watcher.stop();
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('stop while recv waits: all end with undefined, and it can be called again', async () => {
  await warmUp();
  await withoutLeak(async () => {
    const watcher = await NamespaceWatcher.open({ directory: netnsDirectory() });
    const waiting = [watcher.recv(), watcher.recv(), watcher.recv()];
    await watcher.stop();
    assert.deepEqual(await within('the end', Promise.all(waiting)), [undefined, undefined, undefined]);
    await watcher.stop();
    await watcher[Symbol.asyncDispose]();
    watcher.ref();
    watcher.unref();
    assert.equal(watcher.isWatchingNetns, false);
    assert.equal(watcher.tryRecv(), undefined);
    assert.equal(watcher.stats().buffered, 0);
  });
});

// Fails if a wake that is under way reaches a watcher that has stopped: its descriptor is closed, or somebody else's by now.
test('stop in the middle of a storm: nothing comes after', async () => {
  await warmUp();
  const directory = netnsDirectory();
  const script = 'while :; do : > storm; rm storm; : > other; rm other; done';
  const storm = spawn('setpriv', ['--pdeathsig', 'KILL', 'sh', '-c', script], {
    cwd: directory,
    stdio: 'ignore',
  });
  try {
    await withoutLeak(async () => {
      for (let round = 0; round < 20; round++) {
        const watcher = await NamespaceWatcher.open({
          directory,
          readyTimeout: round % 2,
          bufferSize: 1 + round,
        });
        for (let taken = 0; taken < 10 * round; taken++) await within('an event', watcher.recv());
        const { events } = watcher.stats();
        await watcher.stop();
        await someTurns();
        assert.equal(watcher.tryRecv(), undefined);
        assert.equal(watcher.stats().events, events);
      }
    });
  } finally {
    storm.kill('SIGKILL');
    await once(storm, 'exit');
  }
});

test('calls of recv are served in order', async (t) => {
  const directory = netnsDirectory();
  const watcher = await NamespaceWatcher.open({ directory, bufferSize: 1 });
  t.after(() => watcher.stop());
  const calls = Array.from({ length: 20 }, () => watcher.recv());
  const names = calls.map((_, index) => `n${index}`);
  for (const name of names) addNamespace(`${directory}/${name}`);
  const events = await within('twenty events', Promise.all(calls));
  assert.deepEqual(
    events.map((event) => event && brief(event)),
    names.map((name) => `created ${name}`),
  );
});

test('a second consumer is refused', async (t) => {
  const watcher = await NamespaceWatcher.open({ directory: netnsDirectory() });
  t.after(() => watcher.stop());
  watcher[Symbol.asyncIterator]();
  assert.throws(() => watcher[Symbol.asyncIterator](), { name: 'NlinkError', code: 'ERR_NLINK_CONSUMER' });
  const loop = (async () => {
    for await (const event of watcher) assert.fail(brief(event));
  })();
  await assert.rejects(loop, { code: 'ERR_NLINK_CONSUMER' });
  // The first one is served as before.
  assert.equal(watcher.isWatchingNetns, true);
});
