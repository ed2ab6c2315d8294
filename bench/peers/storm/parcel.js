/**
 * parcel.js DIRECTORY [print]: @parcel/watcher. It gathers for a while, and does not tell of what
 * came and went meanwhile.
 */
import { basename } from 'node:path';
import { subscribe } from '@parcel/watcher';
import { ready } from '../reporting.js';
import { report, told } from './tally.js';

await subscribe(process.argv[2], (error, events) => {
  if (error !== null) told('resynced', '');
  else for (const { type, path } of events) told(type === 'delete' ? 'delete' : 'add', basename(path));
});
ready(report);
