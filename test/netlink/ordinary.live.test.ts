/**
 * What an ordinary user may and may not: asking, listing and listening as root does; refused, with
 * what to do about it, where the kernel wants privilege. And root of a further user namespace, who
 * is an ordinary user outside of it.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Asker } from './ask.ts';
import type { PlainError } from './ask.ts';
import { deleteNamespace, freshRun, ip, netnsDirectory, spawnHolder } from '../support/netns.ts';
import { connect, freshTable, makeNamespace } from '../support/nsids.ts';
import { spawnOrdinary } from '../support/ordinary.ts';
import { follow } from '../support/watching.ts';

const listen = fileURLToPath(new URL('fixtures/listen.js', import.meta.url));

/** Those who have no privilege over this network namespace. */
const strangers: Record<
  string,
  { ask: (t: TestContext) => Promise<Asker>; listen: () => ChildProcessWithoutNullStreams }
> = {
  'an ordinary user': { ask: (t) => Asker.ordinary(t), listen: () => spawnOrdinary(listen) },
  'root of a further user namespace': {
    ask: (t) => Asker.start(t, 'unshare', '-Ur'),
    listen: () => spawn('unshare', ['-Ur', process.execPath, listen]),
  },
};

for (const [who, { ask, listen }] of Object.entries(strangers)) {
  test(`${who} asks and lists as root does`, async (t) => {
    freshTable(t);
    freshRun(t);
    for (const name of ['a', 'b']) ip('netns', 'add', name);
    ip('netns', 'set', 'a', '5');
    const holder = await spawnHolder(t, '/run/netns/a');
    const asker = await ask(t);
    assert.equal(await asker.value('getNsid', ['a']), 5);
    assert.equal(await asker.value('getNsid', ['b']), null);
    assert.equal(await asker.value('getNsid', [{ path: '/proc/self/ns/net' }]), null);
    // Of any process, whosever it is and whatever ptrace(2) would say.
    assert.equal(await asker.value('getNsid', [{ pid: holder.pid }]), 5);
    assert.equal(await asker.value('getNsid', [{ pid: process.pid }]), null);
    assert.deepEqual(await asker.value('getNsids', [['a', { path: '/run/netns/b' }]]), [5, null]);
    assert.deepEqual(await asker.value('listNsids'), { entries: [{ nsid: 5, current: 5 }], complete: true });
    const refusal = await asker.refusal('getNsid', [{ path: '/dev/null' }]);
    assert.deepEqual(
      [refusal.code, refusal.offset, refusal.text],
      ['EINVAL', 20, 'Peer netns reference is invalid'],
    );
  });

  test(`${who} receives nsid events`, async (t) => {
    freshTable(t);
    const connection = await connect(t);
    const next = follow(t, listen());
    assert.equal((await next()).type, 'open');
    const path = makeNamespace();
    await connection.setNsid({ path }, 12);
    assert.deepEqual(await next(), { type: 'newNsid', nsid: 12 });
    deleteNamespace(path);
    assert.deepEqual(await next(), { type: 'delNsid', nsid: 12 });
  });

  test(`${who} assigns no id: EPERM`, async (t) => {
    freshTable(t);
    const path = makeNamespace();
    const asker = await ask(t);
    for (const nsid of [5, 'auto']) {
      const { name, message, ...refusal } = await asker.refusal('setNsid', [{ path }, nsid]);
      assert.deepEqual(refusal, {
        code: 'EPERM',
        errno: -1,
        syscall: 'RTM_NEWNSID',
        text: null,
        offset: null,
        path,
      });
      assert.match(message, /CAP_NET_ADMIN .*: run as root, or inside `unshare -Urn`/);
      assert.equal(name, 'NetlinkError');
    }
    assert.equal(await (await connect(t)).getNsid({ path }), null);
  });

  test(`${who} does not list the ids of another namespace: EACCES`, async (t) => {
    freshTable(t);
    const connection = await connect(t);
    await connection.setNsid({ path: makeNamespace() }, 5);
    const asker = await ask(t);
    const refusal = await asker.refusal('listNsids', [{ target: 5 }]);
    assert.deepEqual([refusal.code, refusal.syscall], ['EACCES', 'RTM_GETNSID']);
    assert.match(refusal.message, /CAP_NET_ADMIN in the user namespace that owns it/);
    assert.deepEqual(await connection.listNsids({ target: 5 }), { entries: [], complete: true });
  });

  test(`${who} does not listen to all namespaces: EPERM`, async (t) => {
    const asker = await ask(t);
    const of = 'NetlinkSocket';
    const refusal = await asker.refusal('listenAllNamespaces', [], { of });
    assert.deepEqual([refusal.code, refusal.syscall], ['EPERM', 'setsockopt']);
    assert.match(refusal.message, /CAP_NET_BROADCAST/);
    assert.equal(await asker.value('addMembership', [28], { of }), null);
  });
}

test('files that this user may not open: EACCES, and why that may be', async (t) => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stale`, '', { mode: 0 });
  const asker = await Asker.ordinary(t);
  const cases: [string, RegExp][] = [
    [`${directory}/stale`, /may be stale/],
    [`/proc/${process.pid}/ns/net`, /needs the right to trace that process|not dumpable/],
  ];
  for (const [path, reason] of cases) {
    const refusal = await asker.refusal('getNsid', [{ path }]);
    assert.deepEqual([refusal.code, refusal.syscall, refusal.path], ['EACCES', 'open', path]);
    assert.match(refusal.message, reason);
    const [inList] = (await asker.value('getNsids', [[{ path }]])) as [PlainError];
    assert.deepEqual([inList.code, inList.path], ['EACCES', path]);
  }
});

test('root of a user and a network namespace: assigns, to whomever it can name, and listens to all', async (t) => {
  const foreign = makeNamespace();
  const asker = await Asker.start(t, 'unshare', '-Urn');
  assert.equal(await asker.value('setNsid', [{ path: foreign }, 8]), 8);
  assert.equal(await asker.value('getNsid', [{ path: foreign }]), 8);
  assert.deepEqual(await asker.value('listNsids'), { entries: [{ nsid: 8, current: 8 }], complete: true });
  assert.equal(await asker.value('listenAllNamespaces', [], { of: 'NetlinkSocket' }), null);
  // But has no say over a namespace that belongs to others.
  assert.equal((await asker.refusal('listNsids', [{ target: 8 }])).code, 'EACCES');
  assert.equal(await (await connect(t)).getNsid({ path: foreign }), null);
});
