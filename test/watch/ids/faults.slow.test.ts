/**
 * Faults of the system calls that follow ids: each call at each third position. NLINK_FAULTS as in
 * faults-names.slow.test.ts.
 */
import '../../support/sandbox.ts';
import { testIdsFaults } from './fault-cases.ts';
import { muchAsked } from '../../support/injection.ts';

testIdsFaults(muchAsked());
