/**
 * piped.js stamps PROGRAM ARGUMENT...: reads the lines of `ip monitor nsid`, as scripts do: "nsid
 * 7", "Deleted nsid 7".
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { nsidSockets } from '../../lib/process-info.js';
import { told, watching } from './tally.js';

const [, , , program, ...args] = process.argv;
const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => child.kill());
createInterface(child.stdout).on('line', (line) => {
  const found = /^(Deleted )?nsid (\d+)/.exec(line);
  if (found !== null) told({ type: found[1] === undefined ? 'newNsid' : 'delNsid', nsid: Number(found[2]) });
});
while (nsidSockets(child.pid).length === 0) await sleep(5);
watching();
