/** Which answers about nsids of named namespaces count, and that nothing stays open. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Requester } from '../../../src/netlink/requester.ts';
import { NsidLookup } from '../../../src/watch/unified/nsid-lookup.ts';
import type { FoundNsid } from '../../../src/watch/unified/nsid-lookup.ts';
import { identity, located, NamedKernel } from './named-kernel.ts';

/** a and b are namespaces 10 and 11 with nsids 5 and 6; c is namespace 12 without one. */
function setUp(prompt = true): { kernel: NamedKernel; lookup: NsidLookup; failures: string[] } {
  const kernel = new NamedKernel({ prompt });
  kernel.add({ a: 10, b: 11, c: 12 });
  kernel.assign(10, 5);
  kernel.assign(11, 6);
  const [socket] = openSockets(kernel.system, 0, { namespace: undefined, directory: undefined }, 1);
  assert.ok(socket);
  const failures: string[] = [];
  const onFailure = (error: unknown): unknown => failures.push((error as { code: string }).code);
  return { kernel, lookup: new NsidLookup(kernel.system, new Requester(socket), onFailure), failures };
}

/** `a10`: the name a, which should lead to namespace 10. */
const targets = (text: string): Parameters<NsidLookup['ask']>[0] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((target) => ({
      path: located(target.slice(0, 1)).path,
      namespace: identity(Number(target.slice(1))),
    }));

const rows: [what: string, asked: string, found: FoundNsid[], failures: string[], descriptors: number][] = [
  ['nothing', '', [], [], Infinity],
  ['one with an nsid', 'a10', [5], [], Infinity],
  ['one without', 'c12', [null], [], Infinity],
  ['one that is gone', 'x10', [undefined], [], Infinity],
  ['a name that leads to another namespace by now', 'a11', [undefined], [], Infinity],
  ['several, each in its place', 'a10 x13 c12 b11', [5, undefined, null, 6], [], Infinity],
  ['all are gone', 'x10 y11', [undefined, undefined], [], Infinity],
  ['one descriptor is left: one after the other', 'a10 c12 b11', [5, null, 6], [], 1],
  ['two are left', 'a10 b11 c12', [5, 6, null], [], 2],
  ['none is left: that is a failure', 'a10', [undefined], ['EMFILE'], 0],
];

for (const prompt of [true, false])
  for (const [what, asked, found, failed, descriptors] of rows)
    test(`${what}${prompt ? '' : ', and the answer is late'}`, async () => {
      const { kernel, lookup, failures } = setUp(prompt);
      kernel.descriptors = descriptors;
      const answer = lookup.ask(targets(asked));
      if (prompt) assert.ok(!(answer instanceof Promise), 'it is there at once');
      for (let turn = 0; turn < 5; turn++) {
        kernel.netlink.answer();
        kernel.netlink.wake();
        await new Promise(setImmediate);
      }
      assert.deepEqual(await answer, found);
      assert.deepEqual([kernel.open, failures], [0, failed]);
    });

test('a kernel that does not answer is a failure, and nothing stays open', () => {
  const { kernel, lookup, failures } = setUp();
  kernel.netlink.between = () => {
    throw Object.assign(new Error('no buffers'), { code: 'ENOBUFS' });
  };
  assert.deepEqual(lookup.ask(targets('a10 b11')), [undefined, undefined]);
  assert.deepEqual([kernel.open, failures, lookup.asked], [0, ['ENOBUFS'], 2]);
});
