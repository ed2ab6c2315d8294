/** Where the page begins. */
import { App } from './app.ts';
import { askServer } from './details.ts';

const root = document.getElementById('page');
const live = document.getElementById('live');
const nothing = { namespaces: new Map(), links: new Map() };
if (root !== null && live !== null) new App(root, live, { search: () => nothing, ask: askServer });
