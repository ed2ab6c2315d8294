/** In the machine, started by systemd: the tests of units. */
import { runTests } from './report.js';

runTests('systemd', ['--test-reporter=tap', 'scripts/kernels/guest/units.js']);
