/**
 * Faults of the system calls that follow ids: for each call each error, at one position of several.
 * More: faults-ids.slow.test.ts.
 */
import '../../support/sandbox.ts';
import { testIdsFaults } from './fault-cases.ts';

testIdsFaults('few');
