/**
 * Faults of the system calls that follow names and ids: for each call each error, at one position
 * of several. More: faults-unified.slow.test.ts.
 */
import '../../support/sandbox.ts';
import { testUnifiedFaults } from './fault-cases.ts';

testUnifiedFaults('few');
