/**
 * fs-watch.js DIRECTORY: fs.watch, which tells of the file and not of the mount, and of creation
 * and deletion alike.
 */
import { watch } from 'node:fs';
import { ready } from '../reporting.js';
import { changed, report } from './stories.js';

watch(process.argv[2], (type, name) => {
  if (type === 'rename') changed(name, process.hrtime.bigint());
});
ready(report);
