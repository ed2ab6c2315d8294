/**
 * In the machine, without systemd: the smoke, and the parts of the suite that the command line of
 * the kernel names.
 */
import { readFileSync } from 'node:fs';
import { runTests } from './report.js';

const [, words = ''] = /(?:^| )nlink\.parts=(\S+)/.exec(readFileSync('/proc/cmdline', 'utf8')) ?? [];
/** An emulated processor is some ten times slower. */
const env = { NLINK_TEST_PATIENCE: '6' };

for (const part of words.split(','))
  if (part === 'smoke') runTests(part, ['--test-reporter=tap', 'scripts/kernels/guest/smoke.js']);
  else runTests(part, ['scripts/test.js', '--brief', part], env);
