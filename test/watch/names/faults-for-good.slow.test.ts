/**
 * System calls that watch names and fail for good: the watcher ends and says which, or does
 * without; it never spins.
 */
import '../../support/sandbox.ts';
import { testNamesForGood } from './fault-cases.ts';

testNamesForGood();
