/**
 * Deliberate faults in the state machines, and the tests that must notice: for each an `id`, the
 * `file` in src/, the text to `find` in it, which stands there once, what to `replace` it by, and
 * the `tests` (parts of their paths, tried in this order). ../mutate.js makes them one at a time.
 */
import { ids } from './ids.js';
import { names } from './names.js';

export const mutations = [...names, ...ids];
