/**
 * Faults of the system calls that watch names, on a kernel with file handles of namespaces: each
 * call at each third position. NLINK_FAULTS=all: at each, with every error, which takes up to ten
 * minutes; so by `node --test build/test/watch/names/faults.slow.test.js` (.ci/nightly), since
 * scripts/test.js gives a file no longer.
 */
import '../../support/sandbox.ts';
import { muchAsked } from '../../support/injection.ts';
import { testNamesFaults } from './fault-cases.ts';

testNamesFaults(muchAsked(), ['new']);
