/**
 * chokidar.js DIRECTORY [print]: chokidar. It looks at each file, and does not tell of one that was
 * gone by then, nor of a loss.
 */
import { basename } from 'node:path';
import { watch } from 'chokidar';
import { ready } from '../reporting.js';
import { report, told } from './tally.js';

const watcher = watch(process.argv[2], { ignoreInitial: true });
watcher.on('add', (path) => told('add', basename(path)));
watcher.on('unlink', (path) => told('delete', basename(path)));
watcher.once('ready', () => ready(report));
