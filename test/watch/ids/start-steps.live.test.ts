/**
 * What falls between two system calls of a `NamespaceEventSubscriber`'s start: somebody assigns an
 * id, frees one, or has one change hands before the n-th of these calls, for each n. The list and
 * the events after it come to what is there.
 */
import '../../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { Assigner, Interference } from '../support/interference.ts';
import { deleteNamespace } from '../../support/netns.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { freshTable, makeNamespaces } from '../../support/nsids.ts';

/** At first `a` has the id 3; `b` has none. */
const SCRIPTS: Record<string, (assigner: Assigner, a: string, b: string) => void> = {
  assigned: (assigner, _, b) => void assigner.assign(b, 5),
  freed: (assigner, a) => assigner.destroy(a, 3),
  'changes hands': (assigner, a, b) => {
    assigner.destroy(a, 3);
    assigner.takeOver(b, 3);
  },
  'assigned and freed': (assigner, _, b) => {
    assigner.assign(b, 5);
    assigner.destroy(b, 5);
  },
};

for (const [title, script] of Object.entries(SCRIPTS)) {
  test(`an id is ${title} before each call of the start`, async (t) => {
    let calls = Infinity;
    let at = 0;
    for (; at < calls; at++)
      await t.test(`call ${at}`, async (t) => {
        freshTable(t);
        const assigner = new Assigner();
        t.after(() => assigner.close());
        const [a = '', b = ''] = makeNamespaces(2);
        t.after(() => {
          for (const path of [a, b]) {
            try {
              deleteNamespace(path);
            } catch {
              // The script has deleted it.
            }
          }
        });
        assigner.assign(a, 3);
        const interference = new Interference();
        interference.arm(at, () => script(assigner, a, b));
        const replay = await NsidReplay.open(t, {}, { system: interference.system, clock: systemClock });
        calls = interference.calls;
        interference.disarm();
        await replay.settle();
      });
    t.diagnostic(`${calls} calls`);
    assert(at > 10);
  });
}
