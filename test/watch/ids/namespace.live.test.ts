/**
 * Listening in another network namespace: its ids are told, by whatever that namespace is meant,
 * and this process stays in its own. What is no namespace says so, and nothing is left open.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Connection } from '../../../src/netlink/index.ts';
import type { NamespaceReference } from '../../../src/netlink/index.ts';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import { openDescriptors, openedSince, withoutLeak } from '../../support/descriptors.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  netnsDirectory,
  spawnHolder,
} from '../../support/netns.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { freshTable, makeNamespace, makeNamespaces } from '../../support/nsids.ts';

const own = (): string => readlinkSync('/proc/thread-self/ns/net');

interface Place {
  namespace: NamespaceReference;
  directory?: string;
}

/** The ways in which a namespace can be meant, each with one of its own. */
const places: Record<string, (t: TestContext) => Promise<Place>> = {
  'a name': async (t) => {
    freshRun(t);
    ip('netns', 'add', 'a');
    return { namespace: 'a' };
  },
  'a name in another directory': async () => {
    const directory = netnsDirectory();
    addNamespace(`${directory}/ü\udcff`);
    return { namespace: 'ü\udcff', directory };
  },
  'a path': async () => ({ namespace: { path: makeNamespace() } }),
  'a process': async (t) => ({ namespace: { pid: (await spawnHolder(t)).pid } }),
  'a descriptor': async (t) => {
    const fd = openSync(makeNamespace(), 'r');
    t.after(() => closeSync(fd));
    return { namespace: { fd } };
  },
};

for (const [what, place] of Object.entries(places)) {
  // Fails if the sockets are made here, or if the process, or its thread, stays there.
  test(`${what}: reports the nsids of that namespace, and none of its own`, async (t) => {
    freshTable(t);
    const before = own();
    const options = await place(t);
    const [a = '', b = '', c = ''] = makeNamespaces(3);
    await using there = await Connection.open(options);
    await there.setNsid({ path: a }, 7);
    const here = await NsidReplay.open(t);
    const replay = await NsidReplay.open(t, options);
    assert.equal(own(), before);
    assert.deepEqual(replay.snapshot, [7]);
    await here.assign(a, 3);
    await replay.assign(b, 5);
    await here.assign(c, 6);
    assert.deepEqual(await replay.settleAt(5, 7), ['new 5']);
    assert.deepEqual(await here.settleAt(3, 6), ['new 3', 'new 6']);
    // It has an id in both.
    deleteNamespace(a);
    assert.deepEqual(await replay.until('del 7'), ['del 7']);
    assert.deepEqual(await here.until('del 3'), ['del 3']);
    assert.equal(own(), before);
  });
}

test('the own namespace by its path', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, { namespace: { path: '/proc/thread-self/ns/net' } });
  await replay.assign(makeNamespace(), 5);
  assert.deepEqual(await replay.settleAt(5), ['new 5']);
});

// Its sockets hold it, as any socket would: a subscriber in another namespace does keep that one
// alive. Its name may go.
test('the name goes while it listens: it goes on until it is stopped', async (t) => {
  freshTable(t);
  const here = await NsidReplay.open(t);
  const path = makeNamespace();
  await here.assign(path, 4);
  const subscriber = await NamespaceEventSubscriber.open({ namespace: { path } });
  deleteNamespace(path);
  assert.deepEqual(await here.barrier(), ['new 4']);
  await subscriber.stop();
  assert.deepEqual(await here.until('del 4'), ['del 4']);
});

// Fails if the namespace's own file is left open beside the sockets, or a descriptor that was given
// is closed.
test('nothing but two sockets is open, and nothing after stop', async (t) => {
  freshTable(t);
  const path = makeNamespace();
  const fd = openSync(path, 'r');
  t.after(() => closeSync(fd));
  await (await NamespaceEventSubscriber.open({ namespace: { path } })).stop();
  for (const namespace of [{ path }, { pid: process.pid }, { fd }]) {
    await withoutLeak(async () => {
      const before = openDescriptors();
      const subscriber = await NamespaceEventSubscriber.open({ namespace });
      assert.match(
        openedSince(before)
          .map(([, target]) => target)
          .join(' '),
        /^socket:\[\d+\] socket:\[\d+\]$/,
      );
      await subscriber.stop();
    });
  }
});

/** What is refused, and by which error. */
const refused: Record<string, (t: TestContext) => Promise<[Place['namespace'], object]>> = {
  'a name that is missing': async (t) => {
    freshRun(t);
    return ['a', { code: 'ENOENT', syscall: 'open', path: '/var/run/netns/a', message: /nlink list/ }];
  },
  'a path that is missing': async () => {
    const path = `${netnsDirectory()}/a`;
    return [{ path }, { code: 'ENOENT', syscall: 'open', path }];
  },
  'a process that has ended': async () => {
    const child = spawn('true');
    await once(child, 'exit');
    const pid = child.pid as number;
    return [{ pid }, { code: 'ENOENT', syscall: 'open', message: new RegExp(`no process ${pid}`) }];
  },
  // Its number is the next that is given to whatever is opened on the way.
  'a descriptor that is closed': async () => {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return [{ fd }, { code: 'EBADF', syscall: 'setns' }];
  },
  'a stale name': async () => {
    const path = `${netnsDirectory()}/stale`;
    writeFileSync(path, '', { mode: 0o444 });
    return [{ path }, { name: 'NlinkError', code: 'ERR_NLINK_NOT_A_NAMESPACE', message: new RegExp(path) }];
  },
  'a namespace of another kind': async () => [
    { path: '/proc/self/ns/uts' },
    { name: 'NlinkError', code: 'ERR_NLINK_NOT_A_NAMESPACE' },
  ],
  'no file of a namespace': async () => [
    { path: '/dev/null' },
    { name: 'NlinkError', code: 'ERR_NLINK_NOT_A_NAMESPACE' },
  ],
  'a directory': async () => [
    { path: netnsDirectory() },
    { name: 'NlinkError', code: 'ERR_NLINK_NOT_A_NAMESPACE' },
  ],
  'a name that none can have': async () => ['a/b', { name: 'NlinkError', code: 'ERR_NLINK_INVALID_NAME' }],
};

for (const [what, place] of Object.entries(refused)) {
  test(`refused, with nothing left open: ${what}`, async (t) => {
    freshTable(t);
    await (await NamespaceEventSubscriber.open()).stop();
    const before = own();
    const [namespace, expected] = await place(t);
    await withoutLeak(async () => {
      await assert.rejects(async () => (await NamespaceEventSubscriber.open({ namespace })).stop(), expected);
    });
    assert.equal(own(), before);
  });
}
