/**
 * nlink.js NAMES EVENTS: UnifiedNamespaceWatcher of a directory with many names, and of one in
 * which names come and go.
 */
import { UnifiedNamespaceWatcher } from '../../../dist/index.js';
import { ready } from '../reporting.js';

const [, , names, events] = process.argv;
const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ directories: [names, events] });
const counts = { present: namespaces.length };
// What watching needs once is not the price of an event.
globalThis.gc?.();
const heap = process.memoryUsage().heapUsed + process.memoryUsage().external;
ready(() => `${JSON.stringify({ ...counts, heap })}\n`);
for await (const { type } of watcher) counts[type] = (counts[type] ?? 0) + 1;
