/**
 * What `alive` of a `UnifiedNamespaceWatcher` rests on: notes/netlink.md, "An id is refused as soon
 * as …".
 */
import { addNamespace, deleteNamespace, netnsDirectory } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { closeSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { encodeNsidMessage, RTM_GETNSID } from '../../src/netlink/index.ts';
import { NamespaceEventSubscriber } from '../../src/watch/ids/namespace-event-subscriber.ts';
import { connect, freshTable } from '../support/nsids.ts';

test('an id is refused as soon as the last reference to its namespace is gone, and not before', async (t) => {
  freshTable(t);
  const connection = await connect(t);
  await using subscriber = await NamespaceEventSubscriber.open();
  const ask = async (): Promise<unknown> => {
    const payload = encodeNsidMessage({ family: 0, nsid: 7 });
    return connection.request({ type: RTM_GETNSID, payload }).then(
      () => 'assigned',
      (error: { code: string }) => error.code,
    );
  };
  const path = `${netnsDirectory()}/a`;
  for (let round = 0; round < 20; round++) {
    addNamespace(path);
    await connection.setNsid({ path }, 7);
    const holder = openSync(path, 'r');
    deleteNamespace(path);
    assert.equal(await ask(), 'assigned');
    closeSync(holder);
    assert.equal(await ask(), 'ENOENT');
    // The id is free again only when this has come.
    for (const type of ['newNsid', 'delNsid']) assert.deepEqual(await subscriber.recv(), { type, nsid: 7 });
  }
});
