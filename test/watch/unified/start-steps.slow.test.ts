import '../../support/sandbox.ts';
import { isBrief } from '../../support/runs.ts';
import { testStartSteps } from './start-steps.ts';

// Each call takes minutes.
testStartSteps(isBrief ? 7 : 1);
