/** fs-watch.js DIRECTORY: fs.watch, which tells of the file and not of the mount. */
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ready } from '../reporting.js';
import { report, told } from './stamps.js';

const [, , directory] = process.argv;
watch(directory, (_, name) => told(name, join(directory, name), process.hrtime.bigint()));
ready(report);
