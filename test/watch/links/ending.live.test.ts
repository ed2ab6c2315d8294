/** How programs that watch links live and end. */
import { testEndings } from '../support/process-exit.ts';
import { freshTable } from '../../support/nsids.ts';
import { LinkRequests } from './support/link-requests.ts';

testEndings((t) => {
  freshTable(t);
  let made = 0;
  return Promise.resolve({
    args: ['--links'],
    happen: () => {
      const name = `b${++made}`;
      LinkRequests.inside(null, (requests) => requests.add('bridge', { name, index: 0 }));
      return Promise.resolve();
    },
    type: 'linkAdded',
  });
});
