/**
 * What docs/choosing.md says of options, and of watchers that are elsewhere than the namespaces.
 */
import { addNamespace, deleteNamespace, freshRun, ip, netnsDirectory } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { Connection } from '../../src/netlink/index.ts';
import { checkSubscriberOptions } from '../../src/watch/ids/nsid-options.ts';
import { checkOptions } from '../../src/watch/names/name-options.ts';
import { checkUnifiedOptions } from '../../src/watch/unified/unified-options.ts';
import { UnifiedNamespaceWatcher } from '../../src/watch/unified/unified-namespace-watcher.ts';
import { freshTable } from '../support/nsids.ts';
import { read } from './tables.ts';

/** The rows of the table of options: option, default, meaning, and which watchers have it. */
const options = read('docs/choosing.md')
  .slice(read('docs/choosing.md').indexOf('## Options'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );

/** The options that an interface declares itself. */
function declared(file: string, name: string): string[] {
  const source = read(`src/watch/${file}`);
  const body = source.slice(source.indexOf(`export interface ${name} `));
  return [...body.slice(0, body.indexOf('\n}')).matchAll(/^ {2}(\w+)\?:/gm)].map(([, option = '']) => option);
}

test('the table of options has those of each watcher, and no others', () => {
  const names = declared('names/name-events.ts', 'NamespaceWatcherOptions');
  const ids = declared('ids/nsid-events.ts', 'NamespaceEventSubscriberOptions');
  const unified = [...names, ...declared('unified/unified-events.ts', 'UnifiedNamespaceWatcherOptions')];
  for (const [column, expected] of [names, ids, unified].entries()) {
    const marked = options.filter((cells) => cells[3 + column] === 'yes').map(([option]) => option);
    assert.deepEqual(new Set(marked), new Set(expected));
  }
});

test('the table of options has their defaults', () => {
  const settings = { ...checkOptions({}), ...checkSubscriberOptions({}), ...checkUnifiedOptions({}) };
  const shown = new Map(options.map(([option = '', value = '']) => [option, value.replaceAll("'", '')]));
  for (const [option, value] of Object.entries(settings)) {
    if (typeof value !== 'object' && value !== undefined && option !== 'receiveBufferSize')
      assert.equal(shown.get(option), String(value), option);
  }
  assert.equal(settings.receiveBufferSize, 4 * 2 ** 20);
  assert.equal(shown.get('receiveBufferSize'), '4 MiB');
});

// Fails if ids were given where the namespaces are, or if a name needed to be in the watcher's
// network namespace.
test('assignNsids in a network namespace of its own: all ends are told, and the table outside stays empty', async (t) => {
  await using outside = await Connection.open();
  freshTable(t);
  const directory = netnsDirectory();
  addNamespace(`${directory}/a`);
  const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({
    directory,
    assignNsids: true,
  });
  t.after(() => watcher.stop());
  assert.deepEqual(
    namespaces.map(({ nsid, names }) => [nsid, names[0]?.name]),
    [[0, 'a']],
  );
  addNamespace(`${directory}/b`);
  const told: unknown[] = [];
  const take = async (): Promise<unknown> => told.push(await watcher.recv());
  await take();
  await take();
  deleteNamespace(`${directory}/b`);
  await take();
  await take();
  assert.deepEqual(
    told.map((event) => {
      const { type, nsid, alive } = event as { type: string; nsid: number | null; alive?: boolean };
      return [type, nsid, alive];
    }),
    [
      ['created', null, undefined],
      ['nsidAssigned', 1, undefined],
      ['deleted', 1, false],
      ['destroyed', 1, undefined],
    ],
  );
  assert.deepEqual(await outside.listNsids(), { entries: [], complete: true });
});

test('a directory that a container got before the first ip netns add: names are ready there', async (t) => {
  freshRun(t);
  execFileSync('mount', ['--make-shared', '/run']);
  mkdirSync('/run/netns');
  mkdirSync('/run/container');
  // As a bind mount in a container: the mounts of the host arrive, and none go back.
  execFileSync('mount', ['--bind', '/run/netns', '/run/container']);
  execFileSync('mount', ['--make-slave', '/run/container']);
  await using watcher = await UnifiedNamespaceWatcher.open({ directory: '/run/container', netlink: 'off' });
  ip('netns', 'add', 'first');
  const created = await watcher.recv();
  assert(created?.type === 'created');
  assert.deepEqual([created.name, created.ready], ['first', true]);
  ip('netns', 'del', 'first');
  assert.equal((await watcher.recv())?.type, 'deleted');
});
