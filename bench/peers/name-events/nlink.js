/**
 * nlink.js DIRECTORY [READY_TIMEOUT]: NamespaceWatcher as a user would run it. What it calls
 * created can be entered, unless `ready` says no.
 */
import { NamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';
import { report, told } from './stories.js';

const [, , directory, timeout] = process.argv;
const atOnce = timeout !== undefined;
const watcher = await NamespaceWatcher.open({
  directory,
  ...(atOnce ? { readyTimeout: Number(timeout) } : {}),
});
ready(report);
for await (const { type, name, ready: isReady } of watcher) {
  const stamp = process.hrtime.bigint();
  if (type !== 'created' || atOnce) told(type, name, stamp);
  if (type === 'created' && isReady) told('mounted', name, stamp);
}
