/** chokidar.js DIRECTORY: chokidar, which tells of the file and not of the mount. */
import { basename } from 'node:path';
import { watch } from 'chokidar';
import { ready } from '../reporting.js';
import { report, told } from './stamps.js';

const watcher = watch(process.argv[2], { ignoreInitial: true });
watcher.on('add', (path) => told(basename(path), path, process.hrtime.bigint()));
watcher.once('ready', () => ready(report));
