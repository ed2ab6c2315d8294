/** fs-watch.js DIRECTORY: fs.watch, which calls creation and deletion both "rename". */
import { watch } from 'node:fs';
import { told, watching } from './tally.js';

watch(process.argv[2], told);
watching();
