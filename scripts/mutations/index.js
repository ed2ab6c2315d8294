/**
 * Deliberate faults in the state machines, and the tests that must notice. Each has an `id`; the
 * `symbol` that it is in (`NameStates.observe`), wherever that stands; the piece of source to `find` in
 * the symbol, which stands there once; what to `replace` it by; and the `tests` (parts of their paths,
 * tried in this order). ../mutate.js makes them one at a time; test/scripts/mutations.test.ts sees to it
 * that each fits.
 */
import { fleetAgent } from './fleet-agent.js';
import { fleetPictures } from './fleet-pictures.js';
import { fleetReader } from './fleet-reader.js';
import { fleetServe } from './fleet-serve.js';
import { fleetTransport } from './fleet-transport.js';
import { fleetWire } from './fleet-wire.js';
import { ids } from './ids.js';
import { links } from './links.js';
import { names } from './names.js';
import { page } from './page.js';

const core = [...names, ...ids, ...links, ...page];
const publishing = [...fleetAgent, ...fleetWire];
const reading = [...fleetReader, ...fleetPictures, ...fleetTransport, ...fleetServe];

const within = (all, root, tests) =>
  all.map((one) => ({ ...one, root, tests: one.tests.map((part) => tests + part) }));

/** Each with the `root` of its sources. */
export const mutations = [
  ...within(core, 'src', ''),
  ...within([...publishing, ...reading], 'packages/fleet/src', 'packages/fleet/test/'),
];
