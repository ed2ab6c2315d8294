/**
 * What a watcher was told: how many ids came and went; with "stamps" on the command line, at which
 * nanosecond each did.
 */
import { ready } from '../reporting.js';

const wantsStamps = process.argv.includes('stamps');
const stamps = { assigned: new Map(), destroyed: new Map() };
let created = 0;
let deleted = 0;
let losses = 0;

/** To be called first thing with each event, in the words of nlink. */
export function told({ type, nsid }) {
  const stamp = wantsStamps ? process.hrtime.bigint() : 0n;
  if (type === 'newNsid') {
    created++;
    if (wantsStamps) stamps.assigned.set(nsid, stamp);
  } else if (type === 'delNsid') {
    deleted++;
    if (wantsStamps) stamps.destroyed.set(nsid, stamp);
  } else losses++;
}

/** To be called when the watcher watches. */
export const watching = () => ready(report);

function report() {
  if (!wantsStamps) return `created ${created}\ndeleted ${deleted}\nlosses ${losses}\n`;
  let text = '';
  for (const [what, times] of Object.entries(stamps))
    for (const [nsid, stamp] of times) text += `${what} ${nsid} ${stamp}\n`;
  return text;
}
