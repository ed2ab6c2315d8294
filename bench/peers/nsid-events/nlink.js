/** nlink.js [stamps]: NamespaceEventSubscriber as a user would run it. */
import { NamespaceEventSubscriber } from '../../../dist/index.js';
import { told, watching } from './tally.js';

const subscriber = await NamespaceEventSubscriber.open();
watching();
for await (const event of subscriber) told(event);
