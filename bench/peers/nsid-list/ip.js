/**
 * ip.js DIRECTORY NAMES: `ip netns list`, to the last line of what it prints. The directory must be
 * that of `ip netns`.
 */
import { execFileSync } from 'node:child_process';
import { turns } from '../turns.js';

await turns(async (times) => {
  let sum = 0;
  for (let time = 0; time < times; time++) {
    const text = execFileSync('ip', ['netns', 'list'], { encoding: 'latin1', maxBuffer: 2 ** 26 });
    for (const [, nsid] of text.matchAll(/\(id: (\d+)\)$/gm)) sum += Number(nsid);
  }
  return sum;
});
