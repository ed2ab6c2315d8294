/** Where the page begins: what the server tells goes to the app, for as long as the tab is seen. */
import { AddressBook } from '../model/addresses.ts';
import { PageClient } from '../model/page-client.ts';
import type { PageModel } from '../../replay/replay-types.ts';
import { search } from '../../search/search.ts';
import { App } from './app.ts';
import { askServer, askServerForHolders } from './details.ts';
import { serverIo } from './server-io.ts';

/** For whoever looks from a console, and for tests. */
declare global {
  interface Window {
    __nlink?: { model(): PageModel };
  }
}

const root = document.getElementById('page');
const live = document.getElementById('live');
if (root !== null && live !== null) {
  const book = new AddressBook(serverIo, () => app.searchAgain());
  const app = new App(root, live, {
    search: (model, query) => search(model, query, book.for(query, model)),
    ask: askServer,
    askHolders: askServerForHolders,
  });
  const client = new PageClient(serverIo, (model, connection) => app.show(model, connection));
  window.__nlink = { model: () => client.model };
  document.addEventListener('visibilitychange', () => client.visible(!document.hidden));
  client.start();
  if (document.hidden) client.visible(false);
}
