/** When each name was told of first, and whether it could be entered at that moment. */
import { statfsSync } from 'node:fs';

const NSFS_MAGIC = 0x6e736673;

const stamps = new Map();

/** To be called with `process.hrtime.bigint()` taken first thing when the event came. */
export function told(name, path, stamp) {
  if (!stamps.has(name)) stamps.set(name, { stamp, enterable: enterable(path) });
}

function enterable(path) {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch {
    return false;
  }
}

/** Lines of name, nanosecond, and 1 if it could be entered. */
export function report() {
  let text = '';
  for (const [name, { stamp, enterable: entered }] of stamps) text += `${name} ${stamp} ${entered ? 1 : 0}\n`;
  return text;
}
