/** What a watcher was told: how many ids came and went; with "stamps" on the command line, at which nanosecond each came. */
import { ready } from '../reporting.js';

const wantsStamps = process.argv.includes('stamps');
const stamps = new Map();
let created = 0;
let deleted = 0;
let losses = 0;

/** To be called first thing with each event, in the words of nlink. */
export function told({ type, nsid }) {
  if (type === 'newNsId') {
    created++;
    if (wantsStamps) stamps.set(nsid, process.hrtime.bigint());
  } else if (type === 'delNsId') deleted++;
  else losses++;
}

/** To be called when the watcher watches. */
export const watching = () => ready(report);

function report() {
  if (!wantsStamps) return `created ${created}\ndeleted ${deleted}\nlosses ${losses}\n`;
  let text = '';
  for (const [nsid, stamp] of stamps) text += `${nsid} ${stamp}\n`;
  return text;
}
