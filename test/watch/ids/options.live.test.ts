/** What a subscriber's options take: nothing is opened for one that makes no sense. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { freshTable, makeNamespace } from '../../support/nsids.ts';
import { isRefusal, notWhole, testRefusedOptions } from '../support/refused-options.ts';

testRefusedOptions(
  [(options) => NamespaceEventSubscriber.open(options)],
  {},
  {
    bufferSize: ['a whole number from 1 to 1048576', [...notWhole, 0, -1, 2 ** 20 + 1, '100', 100n]],
    receiveBufferSize: ['a whole number from 4096 to 1073741823', [...notWhole, 0, 4095, 2 ** 30, '8192']],
    allNamespaces: ['true or false', [null, 0, 1, 'true', {}]],
    namespace: [
      'a name, { path }, { pid } or { fd }',
      [null, 5, true, {}, [], { name: 'a' }, Buffer.from('a')],
    ],
    directory: ['a path', ['', 'a\0b', 5, null, ['/run/netns'], Buffer.from('/run/netns')]],
    signal: ['an AbortSignal', [null, {}, { aborted: false }, 'abort', new EventTarget()]],
  },
);

test('a namespace that no reference can mean', async () => {
  const refused: [option: string, namespace: unknown][] = [
    ['namespace.path must be a path', { path: '' }],
    ['namespace.path must be a path', { path: 5 }],
    ['namespace.pid must be a whole number from 1 to 2147483647', { pid: 0 }],
    ['namespace.pid must be a whole number from 1 to 2147483647', { pid: '1' }],
    ['namespace.fd must be a whole number from 0 to 2147483647', { fd: -1 }],
    ['namespace.fd must be a whole number from 0 to 2147483647', { fd: 2 ** 31 }],
  ];
  for (const [words, namespace] of refused)
    await assert.rejects(NamespaceEventSubscriber.open({ namespace } as never), isRefusal(words));
  for (const namespace of ['', '.', '..', 'a/b', 'a\0b', 'x'.repeat(256)])
    await assert.rejects(NamespaceEventSubscriber.open({ namespace }), { code: 'ERR_NLINK_INVALID_NAME' });
});

test('undefined is the default', async (t) => {
  freshTable(t);
  const replay = await NsidReplay.open(t, {
    namespace: undefined,
    directory: undefined,
    allNamespaces: undefined,
    bufferSize: undefined,
    receiveBufferSize: undefined,
    signal: undefined,
  });
  await replay.assign(makeNamespace(), 5);
  assert.deepEqual(await replay.settleAt(5), ['new 5']);
});

// Fails if more of a receive buffer than the system allows is an error, and not as much as it
// allows.
test('the limits of the ranges are taken', async (t) => {
  freshTable(t);
  const least = await NsidReplay.open(t, { bufferSize: 1, receiveBufferSize: 4096 });
  const most = await NsidReplay.open(t, { bufferSize: 2 ** 20, receiveBufferSize: 2 ** 30 - 1 });
  await least.assign(makeNamespace(), 5);
  assert.deepEqual(await least.settleAt(5), ['new 5']);
  assert.deepEqual(await most.settleAt(5), ['new 5']);
});
