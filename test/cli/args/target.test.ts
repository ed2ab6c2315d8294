/** Which namespace a word means, and which file. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { nameTargetOf } from '../../../src/cli/args/name-target.ts';
import { isPid, referenceOf, targetOf } from '../../../src/cli/args/target.ts';
import type { Target } from '../../../src/cli/args/target.ts';

const DIRECTORIES = ['/a', '/b'] as const;
/** Names that exist. */
const PATHS = new Set(['/a/blue', '/b/blue', '/b/red', '/b/77']);
const io = {
  namespaceExists: async (name: string, { directory = '' }): Promise<boolean> =>
    PATHS.has(`${directory}/${name}`),
};

const targets: [word: string, directories: readonly [string, ...string[]], target: Target][] = [
  ['/run/x', DIRECTORIES, { path: '/run/x' }],
  ['/run/../x', DIRECTORIES, { path: '/run/../x' }],
  ['./x', DIRECTORIES, { path: `${process.cwd()}/./x` }],
  ['blue', DIRECTORIES, { name: 'blue', path: '/a/blue' }],
  ['red', DIRECTORIES, { name: 'red', path: '/b/red' }],
  ['gone', DIRECTORIES, { name: 'gone', path: '/a/gone' }],
  ['red', ['/a'], { name: 'red', path: '/a/red' }],
  ['77', DIRECTORIES, { name: '77', path: '/b/77' }],
  ['77', ['/a'], { pid: 77, directories: ['/a'] }],
  ['0', DIRECTORIES, { name: '0', path: '/a/0' }],
  ['2147483647', ['/a'], { pid: 2147483647, directories: ['/a'] }],
  ['2147483648', ['/a'], { name: '2147483648', path: '/a/2147483648' }],
  ['4a', ['/a'], { name: '4a', path: '/a/4a' }],
];

for (const [word, directories, target] of targets)
  test(`${word} in ${directories.join(', ')}`, async () => {
    assert.deepEqual(await targetOf(word, directories, io), target);
    assert.deepEqual(referenceOf(target), 'pid' in target ? { pid: target.pid } : { path: target.path });
  });

test('a word that no name can be', async () => {
  for (const word of ['', '.', '..', 'x'.repeat(256)])
    await assert.rejects(targetOf(word, ['/a'], io), { code: 'ERR_NLINK_INVALID_NAME' });
});

test('what can be a PID', () => {
  for (const word of ['1', '077', '2147483647']) assert.ok(isPid(word), word);
  for (const word of ['0', '', '-1', '1.5', '0x1', ' 1', '2147483648', '9'.repeat(400)])
    assert.ok(!isPid(word), word);
});

const files: [word: string, directory: string, name: string, path: string, in_: string][] = [
  ['blue', '/a', 'blue', '/a/blue', '/a'],
  ['/b/red', '/a', 'red', '/b/red', '/b'],
  ['/red', '/a', 'red', '/red', '/'],
  ['/b//red', '/a', 'red', '/b//red', '/b/'],
  ['x/y', '/a', 'y', `${process.cwd()}/x/y`, `${process.cwd()}/x`],
];

for (const [word, directory, name, path, in_] of files)
  test(`the file of ${word}, where names are in ${directory}`, () =>
    assert.deepEqual(nameTargetOf(word, directory), {
      word,
      name,
      path,
      directory: in_,
      target: word.includes('/') ? { path } : name,
    }));

test('a file that no name can be', () => {
  for (const word of ['', '..', '/a/..', '/'])
    assert.throws(() => nameTargetOf(word, '/a'), { code: 'ERR_NLINK_INVALID_NAME' }, word);
});
