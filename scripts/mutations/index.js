/**
 * Deliberate faults in the state machines, and the tests that must notice. Each has an `id`; the
 * `symbol` that it is in (`NameStates.observe`), wherever that stands; the piece of source to `find` in
 * the symbol, which stands there once; what to `replace` it by; and the `tests` (parts of their paths,
 * tried in this order). ../mutate.js makes them one at a time; test/scripts/mutations.test.ts sees to it
 * that each fits.
 */
import { ids } from './ids.js';
import { links } from './links.js';
import { names } from './names.js';
import { page } from './page.js';

export const mutations = [...names, ...ids, ...links, ...page];
