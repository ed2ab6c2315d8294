/** chokidar.js DIRECTORY: chokidar, which tells of the file and not of the mount. */
import { basename } from 'node:path';
import { watch } from 'chokidar';
import { ready } from '../reporting.js';
import { report, told } from './stories.js';

const watcher = watch(process.argv[2], { ignoreInitial: true });
watcher.on('add', (path) => told('created', basename(path), process.hrtime.bigint()));
watcher.on('unlink', (path) => told('deleted', basename(path), process.hrtime.bigint()));
watcher.once('ready', () => ready(report));
