/**
 * The options of a watcher: defaults, ranges, and what is refused with a message that names the
 * option.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { NamespaceWatcherOptions } from '../../../src/watch/names/name-events.ts';
import { checkOptions } from '../../../src/watch/names/name-options.ts';

const DEFAULTS = {
  directory: '/var/run/netns',
  names: null,
  bufferSize: 100,
  watchParent: true,
  emitDirectoryEvents: false,
  readyTimeout: 1000,
  followSymlinks: true,
  proc: '/proc',
  signal: undefined,
};

test('fills in the defaults, also for undefined', () => {
  assert.deepEqual(checkOptions({}), DEFAULTS);
  const nothing = Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, undefined]));
  assert.deepEqual(checkOptions(nothing), DEFAULTS);
});

test('takes each option, at both ends of its range', () => {
  const { signal } = new AbortController();
  const least = { directory: '/', bufferSize: 1, watchParent: false, emitDirectoryEvents: true };
  const settings = { ...least, readyTimeout: 0, followSymlinks: false, proc: '/proc', signal };
  assert.deepEqual(checkOptions(settings), { ...settings, names: null });
  assert.equal(checkOptions({ bufferSize: 2 ** 20 }).bufferSize, 2 ** 20);
  assert.equal(checkOptions({ readyTimeout: 2 ** 31 - 1 }).readyTimeout, 2 ** 31 - 1);
});

test('names: a glob, or an array of globs of which one has to match', () => {
  const rows: [string | string[], string[], string[]][] = [
    ['web-*', ['web-', 'web-1'], ['web', 'db']],
    [['web-*', 'db'], ['web-1', 'db'], ['db-1']],
    ['[!.]?', ['ab'], ['.b', 'a']],
    ['\\*', ['*'], ['a']],
    ['\udcff', ['\udcff'], ['\udcfe', 'ÿ']],
  ];
  for (const [names, matching, others] of rows) {
    const matches = checkOptions({ names }).names;
    for (const name of matching) assert.equal(matches?.(name), true, `${String(names)} on ${name}`);
    for (const name of others) assert.equal(matches?.(name), false, `${String(names)} on ${name}`);
  }
});

test('resolves a relative directory at once', () => {
  assert.equal(checkOptions({ directory: 'a/b' }).directory, `${process.cwd()}/a/b`);
});

const REFUSED: Record<string, unknown[]> = {
  names: ['', [], [''], ['a', ''], ['a', 5], Object.assign([], { length: 1 }), 5, /a/, null],
  directory: ['', 'a\0b', 5, null],
  bufferSize: [0, -1, 1.5, 2 ** 20 + 1, Infinity, NaN, '5', 5n, null],
  readyTimeout: [-1, 0.5, 2 ** 31, Infinity, NaN, '1000', null],
  watchParent: ['yes', 1, null],
  emitDirectoryEvents: ['no', 0, null],
  followSymlinks: ['', {}, null],
  proc: ['', 'proc', '/', '/proc/self', '/nowhere', '/proc\0', 5, null],
  signal: [{}, new EventTarget(), null, 'SIGINT'],
};

for (const [option, values] of Object.entries(REFUSED)) {
  test(`${option} of the wrong type or out of range: the error names it and its value`, () => {
    for (const value of values) {
      const options = { [option]: value } as NamespaceWatcherOptions;
      assert.throws(() => checkOptions(options), {
        code: 'ERR_NLINK_INVALID_ARGUMENT',
        message: new RegExp(`^${option} must be .+, got `),
      });
    }
  });
}

test('refuses options that are no object', () => {
  for (const options of [null, 'x', 5]) {
    assert.throws(() => checkOptions(options as unknown as NamespaceWatcherOptions), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^options must be an object/,
    });
  }
});
