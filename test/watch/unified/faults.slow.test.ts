/**
 * Faults of the system calls that follow names and ids: each call at each third position.
 * NLINK_FAULTS as in faults-names.slow.test.ts.
 */
import '../../support/sandbox.ts';
import { muchAsked } from '../../support/injection.ts';
import { testUnifiedFaults } from './fault-cases.ts';

testUnifiedFaults(muchAsked());
