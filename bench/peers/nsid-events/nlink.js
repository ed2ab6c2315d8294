/** nlink.js [stamps]: NamespaceEventSubscriber as a user would run it. */
import { nlink } from '../build.js';
import { told, watching } from './tally.js';

const subscriber = await nlink.NamespaceEventSubscriber.open();
watching();
for await (const event of subscriber) told(event);
