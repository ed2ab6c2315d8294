/**
 * When each name was told of, what was told, and whether the name could be entered at that moment.
 */
import { statfsSync } from 'node:fs';
import { join } from 'node:path';

const NSFS_MAGIC = 0x6e736673;
const [, , directory] = process.argv;

const stories = [];
const known = new Set();

/**
 * To be called with `process.hrtime.bigint()` taken first thing when the event came; what is told
 * again does not count.
 * @param what created (the name is there), mounted (it can be entered), deleted
 */
export function told(what, name, stamp) {
  if (known.has(`${what} ${name}`)) return;
  known.add(`${what} ${name}`);
  stories.push({ what, name, stamp, enterable: what !== 'deleted' && enterable(join(directory, name)) });
}

/**
 * As {@link told}, where creation and deletion are told alike: the first time it is the creation.
 */
export function changed(name, stamp) {
  told(known.has(`created ${name}`) ? 'deleted' : 'created', name, stamp);
}

/** setns(2) takes a file of nsfs and no other. */
function enterable(path) {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch {
    return false;
  }
}

/** Lines of what, name, nanosecond, and 1 if it could be entered. */
export const report = () =>
  stories
    .map(({ what, name, stamp, enterable: entered }) => `${what} ${name} ${stamp} ${entered ? 1 : 0}\n`)
    .join('');
