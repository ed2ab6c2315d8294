/**
 * A poll handle of Deno is stopped at once and closed later: closing frees what a callback that is
 * under way needs.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { retire } from '../../src/sys/retire.ts';
import { collectGarbage } from '../support/gc.ts';
import { within } from '../support/wait.ts';

test('stopped and let go at once, closed when the event loop has turned after both waits', async (t) => {
  const keepAlive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(keepAlive));
  const order: string[] = [];
  const closed = new Promise<void>((resolve) => {
    const handle = {
      stop: () => order.push('stop'),
      unref: () => order.push('unref'),
      close: () => {
        order.push('close');
        resolve();
      },
    };
    retire(handle, [0, 0]);
  });
  assert.deepEqual(order, ['stop', 'unref']);
  // What a thread had handed to the event loop by then runs in this turn.
  setImmediate(() => order.push('turn'));
  await within('the closing', closed);
  assert.deepEqual(order, ['stop', 'unref', 'turn', 'close']);
});

// Collecting it would close it.
test('it is referred to until then', async () => {
  const reference = (() => {
    const handle = { stop: () => {}, unref: () => {}, close: () => {} };
    retire(handle, [60_000]);
    return new WeakRef(handle);
  })();
  await collectGarbage();
  assert.notEqual(reference.deref(), undefined);
});
