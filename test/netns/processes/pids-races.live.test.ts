/**
 * What goes on while processes are looked for: they end, start, are hidden; the name goes;
 * thousands of them take several turns.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { findPids } from '../../../src/netns/processes/pids.ts';
import { namespacePids } from '../../../src/index.ts';
import { procfsAt } from '../../../src/netns/processes/procfs.ts';
import { cPath, decodeName } from '../../../src/reference/names.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { faulty } from '../../support/faults.ts';
import { addNamespace, deleteNamespace, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { waitFor, within } from '../../support/wait.ts';

const real = linux();
const outside = procfsAt('/proc').initial !== true;

/**
 * What is found where nothing is hidden but what may be outside of the PID namespace of the tests.
 */
const found = (pids: unknown[], denied = 0): object => ({
  pids,
  complete: denied === 0 && !outside,
  unseen: { processes: denied, hidden: false, outside },
});

interface Changes {
  /** The processes that /proc lists beside the first. */
  listed: number[];
  /** After they have been listed. */
  change?: () => void;
  /** What looking at a path gives, instead of what it does. */
  look?: (path: string) => number | undefined;
}

/**
 * A /proc with these processes alone. Its process 1 is this one: the real one may be closed to root
 * as well.
 */
function withProcesses({ listed, change, look }: Changes): System {
  return {
    ...real,
    readDirectory(path) {
      if (text(path) !== '/proc') return real.readDirectory(path);
      const names = ['self', '1', ...listed.map(String), 'sys'].map((name) => Buffer.from(name));
      change?.();
      return names;
    },
    stat(path, follow, into) {
      const moved = text(path).replace(/^\/proc\/1(?=\/)/, `/proc/${process.pid}`);
      return look?.(text(path)) ?? real.stat(cPath(moved), follow, into);
    },
  };
}

const text = (path: Uint8Array): string => decodeName(path.subarray(0, path.indexOf(0)));

/** A namespace with a process in it. */
async function held(t: TestContext): Promise<{ path: string; pid: number }> {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  return { path, pid: (await spawnHolder(t, path)).pid };
}

/** A number that no process has any more, and hardly one has again soon. */
const endedPid = (): number => spawnSync('true').pid;

for (const threads of [false, true]) {
  test(`processes that end after they were listed are left out, threads ${threads}`, async (t) => {
    const { path, pid } = await held(t);
    const listed = [pid, endedPid(), endedPid()];
    assert.deepEqual(await findPids(withProcesses({ listed }), { path }, threads), found([pid]));
  });

  test(`what may not be looked at: not complete if it is still there, threads ${threads}`, async (t) => {
    const { path, pid } = await held(t);
    const ended = endedPid();
    const other = await spawnHolder(t);
    for (const [number, denied] of [
      [other.pid, 1],
      // What the kernel says of a process that ends between the lookup of its directory and of its
      // namespace.
      [ended, 0],
    ] as const) {
      for (const code of [errno.EACCES, errno.EPERM]) {
        const look = (at: string): number | undefined =>
          at === `/proc/${number}/ns/net` ? -code : undefined;
        const system = withProcesses({ listed: [ended, other.pid, pid], look });
        assert.deepEqual(await findPids(system, { path }, threads), found([pid], denied));
      }
    }
  });
}

test('a process that ended and waits for its parent is in no namespace', async (t) => {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  // The shell becomes a program that waits for no child, and only then the child is ended.
  const script = 'setpriv --pdeathsig KILL sleep infinity & echo $!; exec tail -f /dev/null';
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', `--net=${path}`, 'sh', '-c', script]);
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [output] = (await within('the number of the child', once(child.stdout, 'data'))) as [Buffer];
  const ended = Number(output.toString());
  const status = (pid: number): string => readFileSync(`/proc/${pid}/status`, 'utf8');
  await waitFor('the new program', () => /^Name:\s*tail$/m.test(status(child.pid as number)));
  process.kill(ended, 'SIGKILL');
  await waitFor('the end of the child', () => /^State:\s*Z/m.test(status(ended)));
  const listed = [child.pid as number, ended];
  for (const threads of [false, true]) {
    assert.deepEqual(await findPids(withProcesses({ listed }), { path }, threads), found([child.pid]));
  }
  assert.deepEqual((await namespacePids({ path })).pids, [child.pid]);
  await assert.rejects(namespacePids({ pid: ended }), { code: 'ENOENT', message: /it has ended/ });
});

test('an inode of the same number on another device is not the namespace', async (t) => {
  const { path, pid } = await held(t);
  const sandbox = withProcesses({ listed: [pid] });
  const system: System = {
    ...sandbox,
    stat(at, follow, into) {
      const result = sandbox.stat(at, follow, into);
      if (text(at) === `/proc/${pid}/ns/net`) {
        const { dev, ino, mode, size, mtime, mountId } = into;
        into.set({ dev: dev + 1n, ino, mode, size, mtime, mountId });
      }
      return result;
    },
  };
  assert.deepEqual(await findPids(sandbox, { path }, false), found([pid]));
  assert.deepEqual(await findPids(system, { path }, false), found([]));
});

test('processes that start and end all the time', async (t) => {
  const { path, pid } = await held(t);
  const script = 'echo inside; while :; do env true; done';
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', `--net=${path}`, 'sh', '-c', script]);
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await within('the first process', once(child.stdout, 'data'));
  for (let round = 0; round < 100; round++) {
    const { pids } = await namespacePids({ path }, { threads: round % 2 === 1 });
    assert.ok(pids.includes(pid) && pids.includes(child.pid as number), `round ${round}`);
  }
});

test('the name goes, or the descriptor is closed, while processes are looked at: as if not', async (t) => {
  const { path, pid } = await held(t);
  const fd = openSync(path, 'r');
  await withoutLeak(async () => {
    const closing = withProcesses({ listed: [pid], change: () => closeSync(fd) });
    assert.deepEqual((await findPids(closing, { fd }, false)).pids, [pid]);
  });
  const deleting = withProcesses({ listed: [pid], change: () => deleteNamespace(path) });
  assert.deepEqual((await findPids(deleting, { path }, false)).pids, [pid]);
});

test('another file takes the place of the name before it is opened', async () => {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  await withoutLeak(async () => {
    const { system } = faulty(real, (call) => {
      if (call === 'open') real.umount(cPath(path), 2);
      return undefined;
    });
    await assert.rejects(findPids(system, { path }, false), { code: 'ERR_NLINK_NOT_A_NAMESPACE' });
  });
});

test('a failing call is reported, and nothing stays open', async () => {
  const target = { pid: process.pid };
  await withoutLeak(async () => {
    const look = (path: string): number | undefined => (path.startsWith('/proc/7/') ? -errno.EIO : undefined);
    const broken = withProcesses({ listed: [7], look });
    await assert.rejects(findPids(broken, target, false), { code: 'EIO', path: '/proc/7/ns/net' });
    const unlisted = faulty(real, (call) => (call === 'readDirectory' ? -errno.EMFILE : undefined)).system;
    await assert.rejects(findPids(unlisted, target, false), { code: 'EMFILE', path: '/proc' });
    const full = faulty(real, (call) => (call === 'open' ? -errno.EMFILE : undefined)).system;
    await assert.rejects(findPids(full, target, false), { code: 'EMFILE', syscall: 'open' });
  });
});

test('thousands of processes: one stat each, and turns of the event loop between', async () => {
  const missing = 2 ** 22;
  const listed = Array.from({ length: 3000 }, (_, i) => missing + 1 + i);
  const { system, calls } = faulty(withProcesses({ listed }), () => undefined);
  let turns = 0;
  const count = (): void => {
    turns++;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  const all = await findPids(system, { pid: process.pid }, false);
  clearImmediate(next);
  assert.deepEqual(all, found([1]));
  assert.ok(turns >= 10, `${turns} turns`);
  const listing = calls.indexOf('readDirectory');
  assert.deepEqual(calls.slice(listing), ['readDirectory', ...Array(3001).fill('stat'), 'close']);
  assert.ok(listing < 10);
});
