/** The command for each runtime. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { ownRuntime } from '../../src/sys/own-runtime.ts';

const { execPath } = process;

test('Node, Deno and Electron run a script; a program of its own does not', () => {
  assert.deepEqual(ownRuntime('/s.cjs'), { words: [execPath, '/s.cjs'] });
  assert.deepEqual(ownRuntime('/s.cjs', { node: '20.19.0' }, false), { words: [execPath, '/s.cjs'] });
  assert.deepEqual(ownRuntime('/s.cjs', { node: '20.11.1', deno: '2.1.4' }, false), {
    words: [execPath, 'run', '--quiet', '--allow-all', '--no-config', '/s.cjs'],
  });
  assert.deepEqual(ownRuntime('/s.cjs', { node: '20.19.0', electron: '34.0.0' }, false), {
    words: [execPath, '/s.cjs'],
    environment: { ELECTRON_RUN_AS_NODE: '1' },
  });
  assert.match(ownRuntime('/s.cjs', { node: '22.0.0' }, true) as string, /single executable application/);
});
