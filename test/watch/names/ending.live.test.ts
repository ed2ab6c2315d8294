/** How programs with a `NamespaceWatcher` live and end. */
import { testEndings } from '../support/process-exit.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';

testEndings(async () => {
  const directory = netnsDirectory();
  let happened = 0;
  return {
    args: [directory],
    happen: async () => addNamespace(`${directory}/${happened++}`),
    type: 'created',
  };
});
