/**
 * fs-watch.js DIRECTORY [print]: fs.watch. It calls creation and deletion both "rename", and does
 * not tell of a loss.
 */
import { watch } from 'node:fs';
import { ready } from '../reporting.js';
import { report, told } from './tally.js';

watch(process.argv[2], (_, name) => told('rename', name));
ready(report);
