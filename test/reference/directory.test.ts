import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { absolutePath, directoriesOption, directoryOption, NamePath } from '../../src/reference/directory.ts';
import { cPath, decodeName, joinPath } from '../../src/reference/names.ts';
import { namespaceFile } from '../../src/netns/names/target.ts';

test('the directory: absolute, in the spelling it was given', () => {
  assert.equal(directoryOption(), '/var/run/netns');
  assert.equal(directoryOption('/a/../b//'), '/a/../b//');
  assert.equal(directoryOption('a/b'), `${process.cwd()}/a/b`);
  for (const wrong of ['', 'a\0b', null, 5, Buffer.from('/run')]) {
    assert.throws(() => directoryOption(wrong), {
      code: 'ERR_NLINK_INVALID_ARGUMENT',
      message: /^directory must be/,
    });
  }
  assert.throws(() => absolutePath('path', undefined), { message: /^path must be/ });
});

test('several directories: each once, in the order given; or the one', () => {
  assert.deepEqual(directoriesOption({}), ['/var/run/netns']);
  assert.deepEqual(directoriesOption({ directory: '/a' }), ['/a']);
  assert.deepEqual(directoriesOption({ directories: ['/b', 'a', '/b'] }), ['/b', `${process.cwd()}/a`]);
  for (const [wrong, message] of [
    [{ directory: '/a', directories: ['/b'] }, /^directory must be left out/],
    [{ directories: [] }, /^directories must be an array/],
    [{ directories: '/a' }, /^directories must be an array/],
    [{ directories: ['/a', ''] }, /^directories\[1\] must be a path/],
  ] as const) {
    const code = 'ERR_NLINK_INVALID_ARGUMENT';
    assert.throws(() => directoriesOption(wrong as object), { code, message });
  }
});

test('NamePath: any name, of any length, after any other', () => {
  const names = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000, min: 1 }), { maxLength: 5 });
  const directory = fc.constantFrom('/', '/run/netns', '/a/');
  fc.assert(
    fc.property(directory, names, (directory, names) => {
      const path = new NamePath(directory);
      for (const name of names) {
        const made = path.of(name);
        const expected = cPath(joinPath(directory, decodeName(name)));
        assert.deepEqual(Buffer.from(made.subarray(0, made.indexOf(0) + 1)), expected);
      }
      assert.deepEqual(path.directory, cPath(directory));
    }),
  );
});

test('the file that a name or path means', () => {
  assert.deepEqual(namespaceFile('a', {}), { path: '/var/run/netns/a', directory: '/var/run/netns' });
  assert.deepEqual(namespaceFile('a', { directory: '/d' }), { path: '/d/a', directory: '/d' });
  assert.deepEqual(namespaceFile({ path: '/d/a' }, {}), { path: '/d/a', directory: null });
  assert.deepEqual(namespaceFile({ path: '/run/netns/a' }, {}), {
    path: '/run/netns/a',
    directory: '/run/netns',
  });
  assert.deepEqual(namespaceFile({ path: '/run/netns/a/b' }, {}), {
    path: '/run/netns/a/b',
    directory: null,
  });
  assert.deepEqual(namespaceFile({ path: 'a' }, {}), { path: `${process.cwd()}/a`, directory: null });
  for (const target of [
    '',
    '.',
    '..',
    'a/b',
    '../a',
    'a\0',
    'x'.repeat(256),
    { path: '/' },
    { path: '/a/' },
    { path: '/a/..' },
  ]) {
    assert.throws(
      () => namespaceFile(target, {}),
      { code: 'ERR_NLINK_INVALID_NAME' },
      JSON.stringify(target),
    );
  }
  for (const target of [null, 5, {}, { path: '' }, { path: 5 }]) {
    assert.throws(() => namespaceFile(target as string, {}), { code: 'ERR_NLINK_INVALID_ARGUMENT' });
  }
});
