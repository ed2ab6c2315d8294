/** nlink.js DIRECTORY: NamespaceWatcher as a user would run it. */
import { NamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';
import { report, told } from './stamps.js';

const watcher = await NamespaceWatcher.open({ directory: process.argv[2] });
ready(report);
for await (const event of watcher) {
  const stamp = process.hrtime.bigint();
  if (event.type === 'created') told(event.name, event.path, stamp);
}
