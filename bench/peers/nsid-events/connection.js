/**
 * connection.js [stamps]: a Connection that is subscribed, which tells what the kernel tells, word
 * for word.
 */
import { Connection } from '../../../dist/index.js';
import { told, watching } from './tally.js';

const connection = await Connection.open();
await connection.subscribeNamespaceEvents();
watching();
for await (const event of connection) told(event);
