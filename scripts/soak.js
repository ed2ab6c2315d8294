/**
 * Follows random operations at a steady rate for an hour, or `--minutes N`:
 * test/watch/soak.slow.test.ts says what is done and checked. A line a minute; ends with 1, and
 * says why, if the events do not come to what is, or if memory, descriptors or latency grow.
 * `--seed N` or `--seed random`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
if (!(Number(values.minutes) > 0)) {
  console.error(`soak: --minutes must be a number above 0, got ${values.minutes}`);
  process.exit(2);
}
const program = fileURLToPath(new URL('../build/test/watch/soak.slow.test.js', import.meta.url));
const env = { ...process.env, NLINK_SOAK_MINUTES: values.minutes };
if (values.seed !== undefined) env.NLINK_SOAK_SEED = values.seed;
const { status } = spawnSync(process.execPath, [program], { env, stdio: 'inherit' });
process.exit(status === 0 ? 0 : 1);
