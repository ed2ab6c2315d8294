/** As many.live.test.ts, with a thousand namespaces that end together. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { waitFor } from '../../support/wait.ts';
import { freshHost, veth } from './support/link-story.ts';
import { LinkReplay, describeLinks } from './support/link-replay.ts';

const MANY = 1000;

test('a thousand namespaces, half of them with a name, with a link each that end together', async (t) => {
  const host = freshHost(t);
  for (let at = 0; at < MANY; at++)
    veth(
      { place: host.own, name: `v${at}`, index: 0 },
      { place: at % 2 === 0 ? host.addHeld() : host.addNamed(`n${at}`), name: 'eth0', index: 0 },
    );
  const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ links: true });
  t.after(() => watcher.stop());
  const replay = new LinkReplay(namespaces);
  assert.equal(namespaces.length, MANY + 1);
  const far = namespaces.flatMap(({ links = [] }) => links.filter(({ peer }) => peer?.name === 'eth0'));
  assert.equal(far.length, MANY);
  for (const place of [...host.places])
    if (place.hold === 'name') host.unname(place, false);
    else if (place.hold === 'descriptor') host.release(place);
  const ended: (number | null)[] = [];
  await waitFor('all ends', () => {
    for (let event = watcher.tryRecv(); event !== undefined; event = watcher.tryRecv()) {
      replay.apply(event);
      if (event.type === 'destroyed') ended.push(event.number ?? null);
    }
    // The list has what is still to be told.
    return ended.length >= MANY && replay.describe().length <= 2;
  });
  assert.equal(new Set(ended).size, MANY);
  assert.equal(watcher.namespaces().length, 1);
  assert.deepEqual(replay.describe(), describeLinks(watcher.namespaces()));
});
