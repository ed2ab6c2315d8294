/** `--containers`: directories that come later, over watchers that the test holds. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { GrowingSource } from '../../../../src/cli/commands/watch/growing-source.ts';
import type { ListAndWatch } from '../../../../src/cli/host/io.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import { within } from '../../../support/wait.ts';
import { FakeIo, FakeWatcher } from '../../support/fake-io.ts';
import { at, created, entry } from '../../support/lines.ts';

const LATER = '/run/user/1000/netns';
const turns = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await new Promise(setImmediate);
};

/** A host where each watcher that is opened later is kept. */
class Host extends FakeIo {
  readonly later: FakeWatcher[] = [];
  readonly openings: unknown[] = [];
  override readonly listAndWatch: ListAndWatch = async (options) => {
    const watcher = new FakeWatcher();
    this.later.push(watcher);
    this.openings.push(options.directories, options.netlink, options.assignNsids);
    return { namespaces: this.inventory, watcher };
  };
  readonly source = new GrowingSource(
    this.watcher,
    { directories: ['/run/netns'], assignNsids: true, netlink: 'auto' },
    this,
  );
}

test('nothing new: emits the events of the first watcher in order, and its end', async (t) => {
  const host = new Host();
  t.after(() => host.source.stop());
  host.watcher.push(created('a'), created('b'));
  assert.deepEqual(await host.source.recv(), created('a'));
  assert.deepEqual(host.source.tryRecv(), created('b'));
  assert.equal(host.source.tryRecv(), undefined);
  const next = host.source.recv();
  assert.equal(host.source.tryRecv(), undefined);
  host.watcher.push(created('c'), created('d'));
  assert.deepEqual(await within('the next', next), created('c'));
  assert.deepEqual(await host.source.recv(), created('d'));
  const end = host.source.recv();
  await host.source.stop();
  assert.equal(await within('the end', end), undefined);
  assert.equal(host.timers.size, 0);
});

test('an error of the first watcher is one of the whole', async (t) => {
  const host = new Host();
  t.after(() => host.source.stop());
  const next = host.source.recv();
  host.watcher.fail(systemError(13, 'open', '/run/netns'));
  await assert.rejects(within('the error', next), { code: 'EACCES' });
});

test('a directory that comes: what is in it, then what happens there; gone, and looked for again', async (t) => {
  const host = new Host();
  t.after(() => host.source.stop());
  const { source } = host;
  const next = source.recv();
  host.pass(2000);
  await turns();
  assert.equal(host.later.length, 0);
  host.containers = { watched: [LATER], refused: [] };
  host.inventory = [entry(null, at('old', LATER))];
  host.pass(1999);
  await turns();
  assert.equal(host.later.length, 0);
  host.pass(1);
  assert.deepEqual(await within('the directory', next), { type: 'directoryCreated', path: LATER });
  // It has no ids here, and changes nothing.
  assert.deepEqual(host.openings, [[LATER], 'off', false]);
  const old = await within('the name', source.recv());
  assert.deepEqual(old, { ...created('old'), ...at('old', LATER) });
  const watcher = host.later[0] as FakeWatcher;
  watcher.push({ ...created('new'), ...at('new', LATER) });
  assert.deepEqual(await within('the event', source.recv()), { ...created('new'), ...at('new', LATER) });
  // Those of the first go on beside it.
  host.watcher.push(created('a'));
  assert.deepEqual(await within('the other', source.recv()), created('a'));
  // Known already.
  host.pass(2000);
  await turns();
  assert.equal(host.later.length, 1);
  watcher.push({ type: 'directoryDeleted', path: LATER });
  assert.deepEqual(await within('the end', source.recv()), { type: 'directoryDeleted', path: LATER });
  await turns();
  assert.equal(watcher.stops, 1);
  host.pass(2000);
  await turns();
  assert.equal(host.later.length, 2);
});

test('slow to be taken: no more is taken of the later one', async (t) => {
  const host = new Host();
  t.after(() => host.source.stop());
  host.containers = { watched: [LATER], refused: [] };
  host.pass(2000);
  await turns();
  const watcher = host.later[0] as FakeWatcher;
  for (let count = 0; count < 100; count++) watcher.push(created('n'));
  await turns();
  assert.equal(watcher.taken, 0);
  assert.equal(host.source.tryRecv()?.type, 'directoryCreated');
  await turns();
  assert.equal(watcher.taken, 1);
});

test('what cannot be watched is left out with a note, and ends nothing', async (t) => {
  const host = new Host();
  t.after(() => host.source.stop());
  host.containers = { watched: [LATER], refused: [] };
  Object.assign(host, { listAndWatch: () => Promise.reject(systemError(24, 'inotify_init1')) });
  host.pass(2000);
  await turns();
  assert.match(host.stderr.text, /^nlink: \/run\/user\/1000\/netns is skipped: EMFILE/);
  host.watcher.push(created('a'));
  assert.deepEqual(await host.source.recv(), created('a'));
});

test('one that breaks later: a note too', async (t) => {
  const host = new Host();
  t.after(() => host.source.stop());
  host.containers = { watched: [LATER], refused: [] };
  host.pass(2000);
  await turns();
  host.source.tryRecv();
  host.later[0]?.fail(systemError(13, 'open', LATER));
  await turns();
  assert.match(host.stderr.text, /^nlink: \/run\/user\/1000\/netns is no longer watched: EACCES/);
});
