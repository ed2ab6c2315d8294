/** Waiting for one name: whenever it comes or goes, and nothing is left open. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { waitForNamespace } from '../../../src/index.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  ipAsync,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../../support/netns.ts';
import { within } from '../../support/wait.ts';

/** Fails if it settles within some turns of the event loop. */
async function stillWaits(waiting: Promise<unknown>, milliseconds = 30): Promise<void> {
  const settled = waiting.then(
    () => 'resolved',
    () => 'rejected',
  );
  assert.equal(await Promise.race([settled, setTimeout(milliseconds, 'waiting')]), 'waiting');
}

test('at once, if it can be entered or is gone already', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const { ino } = statSync(`${directory}/a`, { bigint: true });
  await withoutLeak(async () => {
    for (const [target, options] of [
      ['a', { directory }],
      [{ path: `${directory}/a` }, {}],
    ] as const) {
      const entry = await within('the wait', waitForNamespace(target, options));
      assert.deepEqual(
        [entry.name, entry.path, entry.ready, entry.namespace.ino],
        ['a', `${directory}/a`, true, ino],
      );
      assert.equal(await within('the wait', waitForNamespace('b', { directory, gone: true })), undefined);
    }
  });
});

test('when it is made, before there is a directory; and when it goes', async (t) => {
  freshRun(t);
  await withoutLeak(async () => {
    const coming = waitForNamespace('blue');
    await stillWaits(coming);
    ip('netns', 'add', 'red');
    await stillWaits(coming);
    ip('netns', 'add', 'blue');
    assert.equal((await within('the wait', coming)).path, '/var/run/netns/blue');
    const going = waitForNamespace('blue', { gone: true });
    ip('netns', 'del', 'red');
    await stillWaits(going);
    ip('netns', 'del', 'blue');
    await within('the end', going);
  });
});

// Fails if it takes `created` alone for the answer: such a name becomes ready by `mounted`.
test('a name that is mounted late, after its event as not ready', async () => {
  const directory = netnsDirectory();
  const path = `${directory}/late`;
  writeFileSync(path, '');
  const there = waitForNamespace('late', { directory });
  await stillWaits(there);
  const coming = waitForNamespace('later', { directory });
  writeFileSync(`${directory}/later`, '');
  await stillWaits(coming, 1100);
  for (const name of ['late', 'later']) mountNamespace(`${directory}/${name}`);
  assert.equal((await within('the wait', there)).ready, true);
  assert.equal((await within('the wait', coming)).ready, true);
});

test('unmounted, it waits for the next one; a stale name is not gone', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  unmountNamespace(`${directory}/a`);
  const coming = waitForNamespace('a', { directory });
  const going = waitForNamespace('a', { directory, gone: true });
  await stillWaits(coming);
  await stillWaits(going);
  unlinkSync(`${directory}/a`);
  await within('the end', going);
  await stillWaits(coming);
  addNamespace(`${directory}/a`);
  await within('the wait', coming);
});

test('a name that looks like a glob, or is not UTF-8: it alone', async () => {
  const directory = netnsDirectory();
  for (const [name, other] of [
    ['*', 'x'],
    ['a?', 'ab'],
    ['[a]', 'a'],
    ['[!a]', 'x'],
    ['\\a', 'a'],
    ['\udcff', '\udcfe'],
  ] as const) {
    const coming = waitForNamespace(name, { directory });
    addNamespace(`${directory}/${other}`);
    await stillWaits(coming, 20);
    addNamespace(`${directory}/${name}`);
    assert.equal((await within('the wait', coming)).name, name);
    const going = waitForNamespace(name, { directory, gone: true });
    deleteNamespace(`${directory}/${other}`);
    await stillWaits(going, 20);
    deleteNamespace(`${directory}/${name}`);
    await within('the end', going);
  }
});

test('a file that is only being made is not gone', async () => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/a`, '');
  const going = waitForNamespace('a', { directory, gone: true });
  await stillWaits(going);
  unlinkSync(`${directory}/a`);
  await within('the end', going);
});

test('the directory is replaced, removed, a link', async () => {
  const parent = mkdtempSync('/run/wait-');
  const directory = `${parent}/netns`;
  symlinkSync(`${parent}/first`, directory);
  mkdirSync(`${parent}/second`);
  addNamespace(`${parent}/second/a`);
  const coming = waitForNamespace('a', { directory });
  await stillWaits(coming);
  symlinkSync('second', `${parent}/new`);
  renameSync(`${parent}/new`, directory);
  await within('the wait', coming);
  const going = waitForNamespace('a', { directory, gone: true });
  await stillWaits(going);
  unlinkSync(directory);
  await within('the end', going);
  deleteNamespace(`${parent}/second/a`);
  rmSync(parent, { recursive: true });
});

test('200 races with ip netns add and del', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  const batch = spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  t.after(() => batch.kill());
  const write = (line: string): void => void batch.stdin.write(`${line}\n`);
  await withoutLeak(async () => {
    for (let round = 0; round < 200; round++) {
      const name = `n${round}`;
      // Before, at the same time, and after; by up to 3 milliseconds, which is as long as each takes.
      const lead = (round % 7) - 3;
      const first = lead < 0;
      let coming = first ? waitForNamespace(name) : undefined;
      if (lead !== 0) await setTimeout(Math.abs(lead));
      write(`netns add ${name}`);
      if (!first && round % 2 === 0) await setTimeout(lead);
      coming ??= waitForNamespace(name);
      const { path } = await within('the wait', coming);
      // Can be entered now.
      execFileSync('nsenter', [`--net=${path}`, 'true']);
      let going = first ? waitForNamespace(name, { gone: true }) : undefined;
      if (lead !== 0) await setTimeout(Math.abs(lead));
      write(`netns del ${name}`);
      going ??= waitForNamespace(name, { gone: true });
      await within('the end', going);
      assert.throws(() => statSync(path), { code: 'ENOENT' });
    }
  });
  batch.stdin.end();
  await once(batch, 'exit');
});

test('names that come and go in a storm around it; an abort is heard in it', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  const script = 'cd /run/netns; while :; do for i in {1..500}; do : > x$i; done; rm -f x*; done';
  const storm = spawn('bash', ['-c', script]);
  t.after(() => storm.kill());
  const stop = new AbortController();
  const aborted = waitForNamespace('never', { signal: stop.signal });
  const coming = waitForNamespace('blue');
  await stillWaits(coming, 300);
  stop.abort('enough');
  await within(
    'the abort',
    assert.rejects(aborted, (reason) => reason === 'enough'),
  );
  await ipAsync('netns', 'add', 'blue');
  await within('the wait', coming);
});

// The event loop stands still meanwhile, so nothing is read.
test('an overflow of the queue is made good', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/b`);
  const limit = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  const coming = waitForNamespace('a', { directory });
  const going = waitForNamespace('b', { directory, gone: true });
  await stillWaits(coming);
  for (let made = 0; made <= limit / 2; made++) {
    writeFileSync(`${directory}/x${made}`, '');
    unlinkSync(`${directory}/x${made}`);
  }
  addNamespace(`${directory}/a`);
  deleteNamespace(`${directory}/b`);
  await within('the wait', coming);
  await within('the end', going);
});

test('an abort: before, at once after, later; rejects with its reason, and leaves nothing', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  for (const options of [
    { directory },
    { directory, gone: true as const },
    { directory: `${directory}/missing` },
  ]) {
    const name = 'gone' in options ? 'a' : 'b';
    await withoutLeak(async () => {
      const reason = new Error('reason');
      // Even where there is nothing to wait for.
      const before = waitForNamespace('gone' in options ? 'b' : 'a', {
        ...options,
        signal: AbortSignal.abort(reason),
      });
      await assert.rejects(before, (thrown) => thrown === reason);
      for (const turns of [0, 1, 2, 20]) {
        const stop = new AbortController();
        const waiting = waitForNamespace(name, { ...options, signal: stop.signal });
        const rejected = assert.rejects(waiting, (thrown) => thrown === reason);
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        stop.abort(reason);
        await within('the abort', rejected);
      }
      const late = waitForNamespace(name, { ...options, signal: AbortSignal.timeout(20) });
      await within('the timeout', assert.rejects(late, { name: 'TimeoutError' }));
      await assert.rejects(waitForNamespace(name, { ...options, signal: AbortSignal.abort() }), {
        name: 'AbortError',
      });
    });
  }
});

test('an abort after the end changes nothing, and no listener is left', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const stop = new AbortController();
  let listeners = 0;
  const { signal } = stop;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  await waitForNamespace('a', { directory, signal });
  assert.equal(listeners, 0);
  stop.abort();
});

test('what cannot be waited for is refused, and nothing stays open', async () => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/file`, '');
  const invalid = 'ERR_NLINK_INVALID_ARGUMENT';
  const noName = /^target must be a name or \{ path \} \(a process or descriptor has no name\), got /;
  await withoutLeak(async () => {
    for (const target of [{ pid: 1 }, { fd: 0 }, 5, null, undefined, [], {}])
      await assert.rejects(waitForNamespace(target as never), { code: invalid, message: noName });
    for (const name of ['', '..', 'a/b', 'a\0'])
      await assert.rejects(waitForNamespace(name), { code: 'ERR_NLINK_INVALID_NAME' });
    await assert.rejects(waitForNamespace({ path: `${directory}/` }), { code: 'ERR_NLINK_INVALID_NAME' });
    for (const [options, message] of [
      [null, /^options must be an object, got null$/],
      [{ signal: 5 }, /^signal must be an AbortSignal/],
      [{ gone: 1 }, /^gone must be true or false, got 1$/],
      [{ directory: '' }, /^directory must be a path/],
    ] as const)
      await assert.rejects(waitForNamespace('a', options as never), { code: invalid, message });
    const inFile = waitForNamespace('a', { directory: `${directory}/file` });
    await assert.rejects(inFile, { code: 'ENOTDIR', syscall: 'inotify_add_watch' });
  });
});
