/** The program as a process: what it loads, what it does with a full disk and a closed pipe. */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { within } from '../support/wait.ts';
import { compiled, main } from './support/program.ts';

test('--version', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, '--version'], { encoding: 'utf8' });
  assert.deepEqual([stdout, stderr, status], [`nlink ${version}\n`, '', 0]);
});

test('help and faults of usage load no native library', () => {
  // Where koffi cannot be loaded, since the very loading of native code is forbidden.
  for (const [words, expected] of [
    ['--help', 0],
    ['watch --help', 0],
    ['--version', 0],
    ['watch --x', 2],
    ['completion bash', 0],
    ['watch --all-namespaces', 2],
    ['ids --help', 0],
    ['id', 2],
    ['set blue 4294967295', 2],
    ['exec --help', 0],
    ['exec blue', 2],
  ] as const) {
    const { status, stderr } = spawnSync(process.execPath, ['--no-addons', main, ...words.split(' ')], {
      encoding: 'utf8',
    });
    assert.equal(status, expected, stderr);
  }
  for (const words of [
    'watch',
    'watch --nsids',
    'ids',
    'id blue',
    'set blue 5',
    'exec blue true',
    'exec --all true',
  ]) {
    const { status, stderr } = spawnSync(process.execPath, ['--no-addons', main, ...words.split(' ')], {
      encoding: 'utf8',
    });
    assert.equal(status, 3, words);
    assert.match(stderr, /^nlink: koffi, .*could not be loaded[^\n]*\n$/);
  }
});

test('a full disk: said on stderr, 1', () => {
  const full = openSync('/dev/full', 'w');
  const { stderr, status } = spawnSync(process.execPath, [main, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.equal(stderr, 'nlink: writing to stdout: ENOSPC: no space left on device, write\n');
  assert.equal(status, 1);
});

test('nobody reads stdout, or stderr: no stack', async () => {
  for (const [words, closed, expected] of [
    ['--help', 'stdout', 0],
    ['--x', 'stderr', 2],
  ] as const) {
    // A shell's pipe: its reader is gone before the program starts.
    const shell = `exec ${closed === 'stdout' ? '' : '2'}> >(:); wait $!; exec "$0" "$@"`;
    const child = spawn('bash', ['-c', shell, process.execPath, main, words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stderr.on('data', (chunk) => (text += String(chunk)));
    const [status] = (await within('the end', once(child, 'close'))) as [number];
    assert.deepEqual([status, text], [expected, '']);
  }
});

test('a fault is said even where nothing more can be loaded to say it', () => {
  const load = `export async function load(url, context, next) {
    if (url.endsWith('/error-text.js')) throw new Error('EMFILE');
    return next(url, context);
  }`;
  const hook = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(load))});`;
  const line = ['--no-warnings', '--import', dataUrl(hook), compiled, 'watch', '--x'];
  const { stdout, stderr, status } = spawnSync(process.execPath, line, { encoding: 'utf8' });
  assert.deepEqual([stdout, stderr, status], ['', 'nlink: unknown option "--x"\n', 1]);
});

const dataUrl = (script: string): string => `data:text/javascript,${encodeURIComponent(script)}`;
