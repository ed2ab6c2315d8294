/** `nlink serve` over a server made of values. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { serve } from '../../../../src/cli/commands/serve.ts';
import { UsageError } from '../../../../src/cli/output/usage-error.ts';
import { waitFor } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { givenBy } from '../../support/given.ts';

async function run(io: FakeIo, ...words: string[]): Promise<number> {
  const running = serve(givenBy('serve', ...words), io);
  await waitFor('the address', () => io.stdout.text !== '');
  io.interrupt('SIGTERM');
  return running;
}

test('it says where it listens, and ends with 0 at a signal', async () => {
  const io = new FakeIo();
  assert.equal(await run(io), 0);
  assert.deepEqual([io.stdout.text, io.stderr.text], ['listening on http://127.0.0.1:9478\n', '']);
  assert.deepEqual(io.serveRequest, [
    { directories: ['/var/run/netns'], proc: '/proc', unnamed: true, links: true, bufferSize: 1000 },
    { allowedHosts: [], allMetrics: false, directory: '/var/run/netns', proc: '/proc' },
  ]);
  assert.equal(io.listening, 0);
});

test('options go to the server; the token is the first line of the file', async () => {
  const io = new FakeIo();
  io.files['/etc/token'] = 'a-token-of-sixteen-or-more\r\nanything\n';
  const listen = [
    '--listen',
    '0.0.0.0:1',
    '--token-file',
    '/etc/token',
    '--allowed-host',
    'a',
    '--allowed-host',
    'b',
  ];
  await run(io, ...listen, '--include', 'x*', '--exclude', 'device:lo', '-d', '/n');
  assert.deepEqual(io.serveRequest?.[1], {
    listen: '0.0.0.0:1',
    token: 'a-token-of-sixteen-or-more',
    allowedHosts: ['a', 'b'],
    include: { netns: ['x*'] },
    exclude: { device: ['lo'] },
    allMetrics: false,
    directory: '/n',
    proc: '/proc',
  });
  assert.doesNotMatch(io.stdout.text + io.stderr.text, /sixteen/);
});

test('a token file that is empty or missing ends it before it listens', async () => {
  const io = new FakeIo();
  io.files['/empty'] = '\n';
  await assert.rejects(serve(givenBy('serve', '--token-file', '/empty'), io), UsageError);
  await assert.rejects(serve(givenBy('serve', '--token-file', '/missing'), io), { code: 'ENOENT' });
  assert.equal(io.serveRequest, null);
  assert.equal(io.listening, 0);
});

test('what is not known is said', async () => {
  const io = new FakeIo();
  io.served = {
    linksFault: new Error('no links'),
    unnamedFault: new Error('no deaths'),
    unseen: { hidden: true, outside: false, processes: 0 },
  };
  await run(io);
  assert.match(
    io.stderr.text,
    /^nlink: links are not served: no links\nnlink: namespaces without .*: no deaths\nnlink: .* may be missed: /,
  );
});

test('what ends the watcher ends it, with that', async () => {
  const io = new FakeIo();
  const running = serve(givenBy('serve'), io);
  await waitFor('the address', () => io.stdout.text !== '');
  io.endServer(new Error('no more'));
  await assert.rejects(running, /no more/);
});
