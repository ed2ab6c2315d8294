/**
 * Faults of the system calls that watch names, on a kernel without file handles of namespaces: each call at each third position. NLINK_FAULTS=all:
 * at each, with every error, which takes some ten minutes; then it is run by `node --test build/test/watch/faults-names-old.slow.test.js`, since a
 * file has a quarter of an hour otherwise.
 */
import '../support/sandbox.ts';
import { muchAsked } from '../support/injection.ts';
import { testNamesFaults } from '../support/names-faults.ts';

testNamesFaults(muchAsked(), ['old']);
