/**
 * How a `NamespaceEventSubscriber` starts and ends. How programs end by themselves:
 * nsid-ending.live.test.ts.
 */
import { fileURLToPath } from 'node:url';
import { NamespaceEventSubscriber } from '../../../src/watch/ids/namespace-event-subscriber.ts';
import { testLifecycle } from '../support/lifecycle.ts';
import { brief } from '../support/nsid-brief.ts';
import { connect, freshTable, makeNamespace } from '../../support/nsids.ts';
import { startStorm } from '../../support/storm.ts';

const churn = fileURLToPath(new URL('../fixtures/churn.js', import.meta.url));

testLifecycle(async (t) => {
  freshTable(t);
  const connection = await connect(t);
  return {
    open: (options = {}) => NamespaceEventSubscriber.open(options),
    happen: async () => `new ${await connection.setNsid({ path: makeNamespace() }, 'auto')}`,
    brief,
    storm: () => startStorm([process.execPath, churn, String(600_000)]),
    openInStorm: (round) =>
      NamespaceEventSubscriber.open({ bufferSize: 1 + round, allNamespaces: round % 2 === 1 }),
  };
});
