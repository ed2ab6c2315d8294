import '../support/sandbox.ts';
import { testStartSteps } from '../support/start-steps.ts';

testStartSteps(1);
