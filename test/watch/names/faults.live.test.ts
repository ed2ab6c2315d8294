/**
 * Faults of the system calls that watch names: for each call each error, at one position of
 * several. More: faults-names.slow.test.ts.
 */
import '../../support/sandbox.ts';
import { testNamesFaults } from './fault-cases.ts';

testNamesFaults('few', ['new', 'old']);
