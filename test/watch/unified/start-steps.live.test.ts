import '../../support/sandbox.ts';
import { isBrief } from '../../support/runs.ts';
import { testStartSteps } from './start-steps.ts';

testStartSteps(isBrief ? 41 : 13);
