// Waits until a network namespace can be entered, then runs a command in it. Needs root, for
// nsenter(1). Compile it, then: node wait-for.js blue 30 ip address
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NamespaceWatcher } from 'nlink';

/**
 * The path of the name as soon as it can be entered. Rejects with AbortError when the time is over.
 */
async function ready(name: string, signal: AbortSignal): Promise<string> {
  const { namespaces, watcher } = await NamespaceWatcher.listAndWatch({ signal });
  // Stopped however this function ends.
  await using _ = watcher;
  const there = namespaces.find((entry) => entry.name === name && entry.ready);
  if (there !== undefined) return there.path;
  for await (const event of watcher) {
    const canBeEntered = event.type === 'mounted' || (event.type === 'created' && event.ready);
    if (canBeEntered && event.name === name) return event.path;
  }
  throw new Error('the watcher ended');
}

const [name, seconds, command, ...args] = process.argv.slice(2);
if (name === undefined || seconds === undefined || command === undefined) {
  console.error('usage: wait-for.js NAME SECONDS COMMAND [ARGUMENT...]');
  process.exit(2);
}
try {
  const path = await ready(name, AbortSignal.timeout(Number(seconds) * 1000));
  const child = spawn('nsenter', [`--net=${path}`, command, ...args], { stdio: 'inherit' });
  const [status] = (await once(child, 'exit')) as [number | null];
  process.exitCode = status ?? 1;
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ABORT_ERR') throw error;
  console.log(`${name} was not there within ${seconds} s`);
  process.exitCode = 124;
}
