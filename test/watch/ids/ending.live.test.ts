/** How programs with a `NamespaceEventSubscriber` live and end. */
import { testEndings } from '../support/process-exit.ts';
import { connect, freshTable, makeNamespace } from '../../support/nsids.ts';

testEndings(async (t) => {
  freshTable(t);
  const connection = await connect(t);
  return {
    args: [],
    happen: async () => {
      await connection.setNsid({ path: makeNamespace() }, 'auto');
    },
    type: 'newNsid',
  };
});
