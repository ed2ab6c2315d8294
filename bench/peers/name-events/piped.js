/**
 * piped.js DIRECTORY PROGRAM ARGUMENT...: reads the lines of a program that watches, as scripts do
 * with inotifywait and `ip netns monitor`. The name is the last word of a line; a line that says
 * delete, in whatever letters, is of a deletion.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasInotifyWatch } from '../../lib/process-info.js';
import { ready } from '../reporting.js';
import { report, told } from './stories.js';

const [, , , program, ...args] = process.argv;
const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => child.kill());
createInterface(child.stdout).on('line', (line) => {
  const stamp = process.hrtime.bigint();
  const name = line.slice(line.lastIndexOf(' ') + 1);
  told(/\bdelete\b/i.test(line) ? 'deleted' : 'created', name, stamp);
});
while (!hasInotifyWatch(child.pid)) await sleep(5);
ready(report);
