/**
 * The builds of nlink that are measured: that of this checkout, and one of before (`--before DIR`),
 * so that a change is compared with what it changes in the same rounds. The peers take what they
 * measure from the build that the environment names (peers/build.js).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasNlink } from './tools.js';

const own = fileURLToPath(new URL('../..', import.meta.url));
/** Its command, which was an ES module once. */
const mainOf = (checkout) => {
  const [main, old] = ['main.cjs', 'main.js'].map((name) => join(checkout, 'dist', 'cli', name));
  return existsSync(old) ? old : main;
};

/** Whether there is a build in a checkout: what is published of it. */
export const hasBuild = (checkout) => existsSync(join(checkout, 'dist', 'index.js'));

/**
 * Peers, once for each build.
 * @param before the checkout of the build before, if it is measured
 * @param make gives the peers of a build; gets `suffix`, to append to their names, `of`, which makes
 *   a command one that is of this build, and `main`, its command
 */
export function ofEachBuild(before, make) {
  const now = make({ suffix: '', of: (command) => command, main: mainOf(own) });
  const then =
    before === undefined
      ? []
      : make({
          suffix: BEFORE,
          of: (command) => ['env', `NLINK_BENCH_BUILD=${before}`, ...command],
          main: mainOf(before),
        });
  // Side by side, so that the two of a pair follow each other.
  return now.flatMap((peer, at) => [
    { ...peer, there: hasNlink() },
    ...then.slice(at, at + 1).map((other) => ({ ...other, there: true })),
  ]);
}

/** What the name of a peer of the build before ends with. */
const BEFORE = ' before';

/** What a peer of nlink was before. */
export const before = (peers, name) => peers.find((peer) => peer.name === name + BEFORE);

/** Whether the build before is among the peers. */
export const hasBefore = (peers) => peers.some(({ name }) => name.endsWith(BEFORE));
