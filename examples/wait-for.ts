// Waits until a network namespace can be entered, then runs a command in it. Needs root. Compile it,
// then: node wait-for.js blue 30 ip address
import { once } from 'node:events';
import { spawnInNamespace, waitForNamespace } from 'nlink';

const [name, seconds, command, ...args] = process.argv.slice(2);
if (name === undefined || seconds === undefined || command === undefined) {
  console.error('usage: wait-for.js NAME SECONDS COMMAND [ARGUMENT...]');
  process.exit(2);
}
try {
  const signal = AbortSignal.timeout(Number(seconds) * 1000);
  const { path } = await waitForNamespace(name, { signal });
  const child = await spawnInNamespace({ path }, command, args, { stdio: 'inherit' });
  const [status] = (await once(child, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} catch (error) {
  // The reason of the signal.
  if ((error as Error).name !== 'TimeoutError') throw error;
  console.log(`${name} was not there within ${seconds} s`);
  process.exitCode = 124;
}
