/** What the options of `nlink watch` come to. What cannot be: usage.test.ts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { directoriesOf } from '../../../../src/cli/args/directories.ts';
import { nsidSettings, namespaceSettings } from '../../../../src/cli/commands/watch/settings.ts';
import type { NsidSettings, NamespaceSettings } from '../../../../src/cli/commands/watch/settings.ts';
import { NAMESPACE_EVENTS } from '../../../../src/cli/spec/watch.ts';
import { givenBy } from '../../support/given.ts';

const settingsOf = (...words: string[]): NamespaceSettings => namespaceSettings(givenBy('watch', ...words));
const idSettingsOf = (...words: string[]): NsidSettings =>
  nsidSettings(givenBy('watch', '--nsids', ...words));

test('without options', () => {
  assert.deepEqual(settingsOf(), {
    format: 'human',
    time: 'clock',
    snapshot: true,
    colourRefused: false,
    patterns: [],
    events: new Set([
      'created',
      'mounted',
      'unmounted',
      'deleted',
      'nsidAssigned',
      'found',
      'destroyed',
      'resynced',
      'nsidsUnavailable',
      'deathsUnavailable',
    ]),
    containers: false,
    watcher: {
      readyTimeout: 1000,
      followSymlinks: true,
      emitDirectoryEvents: true,
      netlink: 'auto',
      assignNsids: false,
      proc: '/proc',
    },
  });
});

test('--all: those without a name; names cannot be meant then, nor deaths left out', () => {
  assert.equal(settingsOf('--all').watcher.unnamed, true);
  assert.equal(settingsOf('-a').watcher.unnamed, true);
  assert.throws(() => settingsOf('--all', 'blue'), /unexpected argument "blue": --all/);
});

test('a longer patience with the directories of runtimes, unless another is given', () => {
  assert.equal(settingsOf('--containers').watcher.readyTimeout, 3000);
  assert.equal(settingsOf('--containers', '--ready-timeout', '10').watcher.readyTimeout, 10);
});

test('with all of them, before and after the command, long, short, joined', () => {
  const given = givenBy(
    '--no-color',
    'watch',
    '-jd/x',
    '--no-snapshot',
    '--ready-timeout=0',
    '--no-follow-symlinks',
    '--json',
    '--containers',
    '--no-nsids',
    '--directory',
    '/y',
    '-d/x',
  );
  const { format, snapshot, colourRefused, watcher } = namespaceSettings(given);
  assert.deepEqual([format, snapshot, colourRefused], ['json', false, true]);
  assert.deepEqual(directoriesOf(given.options), ['/x', '/y']);
  assert.deepEqual([watcher.readyTimeout, watcher.followSymlinks, watcher.netlink], [0, false, 'off']);
  assert.equal(settingsOf('--assign-nsids').watcher.assignNsids, true);
  assert.deepEqual(directoriesOf(givenBy('watch').options), ['/var/run/netns']);
  assert.deepEqual(directoriesOf(givenBy('watch', '-d', 'a b', '--directory=-x').options), [
    `${process.cwd()}/a b`,
    `${process.cwd()}/-x`,
  ]);
});

test('--nsids: its own types of event, and other namespaces', () => {
  assert.deepEqual(idSettingsOf(), {
    format: 'human',
    time: 'clock',
    snapshot: true,
    colourRefused: false,
    events: new Set(['newNsid', 'delNsid', 'resynced']),
    allNamespaces: false,
  });
  const settings = idSettingsOf('-j', '--no-snapshot', '--no-color', '--all-namespaces', '-e', 'delNsid');
  assert.deepEqual(settings, {
    format: 'json',
    time: 'clock',
    snapshot: false,
    colourRefused: true,
    events: new Set(['delNsid']),
    allNamespaces: true,
  });
});

test('--events: lists, given several times, with the directory', () => {
  assert.deepEqual(settingsOf('--events', 'deleted').events, new Set(['deleted']));
  assert.deepEqual(
    settingsOf('-e', 'created, deleted', '-e', 'resynced').events,
    new Set(['created', 'deleted', 'resynced']),
  );
  assert.deepEqual(settingsOf('-e', 'directoryCreated').events, new Set(['directoryCreated']));
  assert.deepEqual(
    settingsOf('-e', 'deleted', '--directory-events').events,
    new Set(['deleted', 'directoryCreated', 'directoryDeleted']),
  );
  assert.equal(settingsOf('--directory-events').events.size, Object.keys(NAMESPACE_EVENTS).length);
});
