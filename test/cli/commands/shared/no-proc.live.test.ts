/** Where /proc is not mounted: the documented error, no stack, and nothing left behind. */
import '../../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addNamespace, netnsDirectory } from '../../../support/netns.ts';
import { main } from '../../support/program.ts';

const library = fileURLToPath(new URL('../../../../src/index.js', import.meta.url));

/** Runs Node in a mount namespace in which an empty directory stands over /proc. */
function withoutProc(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = 'mount -t tmpfs none /proc && exec "$@"';
  return spawnSync('unshare', ['-m', 'sh', '-c', command, 'sh', process.execPath, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
  });
}

test('commands: what is missing, in a line; 3', () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/blue`);
  for (const words of [['watch'], ['watch', '--no-nsids']]) {
    const { status, stdout, stderr } = withoutProc(main, ...words, '--directory', directory);
    assert.equal(status, 3, `${words.join(' ')}: ${stderr}`);
    assert.match(stderr, /^nlink: \/proc\/self\/ns\/net is not there: nlink needs \/proc mounted[^\n]*\n$/);
    assert.equal(stdout, '');
  }
  for (const words of [['--help'], ['watch', '--help'], ['completion', 'bash']])
    assert.equal(withoutProc(main, ...words).status, 0, words.join(' '));
});

test('the library: ERR_NLINK_UNSUPPORTED_KERNEL, whatever is called', () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/blue`);
  const code = `
    const nlink = await import(${JSON.stringify(library)});
    const options = { directory: ${JSON.stringify(directory)} };
    const path = options.directory + '/blue';
    for (const call of [
      () => nlink.listNamespaces(options),
      () => nlink.isNamespace({ path }),
      () => nlink.createNamespace('red', options),
      () => nlink.deleteNamespace('blue', options),
      () => nlink.identify({ pid: 1 }, options),
      () => nlink.namespacePids({ path }),
      () => nlink.NamespaceWatcher.open(options),
      () => nlink.UnifiedNamespaceWatcher.open(options),
      () => nlink.NamespaceEventSubscriber.open({ namespace: { path } }),
      () => nlink.Connection.open({ namespace: { path } }),
    ])
      console.log(await call().then(String, (error) => error.code));`;
  const { stdout, stderr } = withoutProc('--input-type=module', '-e', code);
  assert.deepEqual(
    [...new Set(stdout.split('\n').slice(0, -1))],
    ['ERR_NLINK_UNSUPPORTED_KERNEL'],
    stderr + stdout,
  );
  assert.equal(stdout.split('\n').length, 11, stderr);
  assert.ok(existsSync(`${directory}/blue`) && !existsSync(`${directory}/red`));
});
