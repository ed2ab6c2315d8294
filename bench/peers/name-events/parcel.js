/**
 * parcel.js DIRECTORY: @parcel/watcher, which gathers for a while, and tells of the file and not of
 * the mount.
 */
import { basename } from 'node:path';
import { subscribe } from '@parcel/watcher';
import { ready } from '../reporting.js';
import { report, told } from './stories.js';

const words = { create: 'created', delete: 'deleted' };
await subscribe(process.argv[2], (error, events) => {
  const stamp = process.hrtime.bigint();
  if (error !== null) throw error;
  for (const { type, path } of events) if (type in words) told(words[type], basename(path), stamp);
});
ready(report);
