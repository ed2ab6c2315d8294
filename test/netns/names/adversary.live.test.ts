/**
 * Somebody else may write to the directory of names, or owns what holds it, and swaps names and
 * directories for symbolic links that lead out of it between one system call and the next: nothing
 * outside is mounted on, unmounted or removed. Thousands of tries; NLINK_TRIES sets how many in
 * each directory.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createNamespace, deleteNamespace, isNamespace } from '../../../src/index.ts';
import { cPath } from '../../../src/reference/names.ts';
import { check } from '../../../src/sys/errno.ts';
import { MS_BIND } from '../../../src/sys/flags.ts';
import { linux } from '../../../src/sys/system.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { startStorm } from '../../support/storm.ts';

const TRIES = Number(process.env['NLINK_TRIES'] ?? 1200);
const swap = fileURLToPath(new URL('fixtures/swap.js', import.meta.url));

/**
 * What must not be touched: in another directory, under the same name as inside and under others.
 */
function outside(): { directory: string; assertUntouched: () => Promise<void> } {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/file`, '');
  addNamespace(`${directory}/mounted`);
  // Never to be deleted: a file with content, and a namespace of another kind.
  writeFileSync(`${directory}/x`, 'content');
  writeFileSync(`${directory}/u`, '');
  check(linux().mount(cPath('/proc/self/ns/uts'), cPath(`${directory}/u`), MS_BIND), 'mount');
  const state = (): unknown => ({
    names: readdirSync(directory).sort(),
    file: statSync(`${directory}/file`).ino,
    x: statSync(`${directory}/x`).ino,
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(` ${directory}/`)),
  });
  const before = state();
  return {
    directory,
    async assertUntouched() {
      assert.deepEqual(state(), before, 'something outside was touched');
      assert.equal(await isNamespace({ path: `${directory}/mounted` }), true);
    },
  };
}

/** What came of tries, by code. */
type Tally = Record<string, number>;

async function attempt(tally: Tally, what: string, action: Promise<unknown>): Promise<void> {
  let came = 'done';
  try {
    await action;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    came = code ?? message;
  }
  tally[`${what} ${came}`] = (tally[`${what} ${came}`] ?? 0) + 1;
}

/** Errors that say what somebody else has done meanwhile. */
const HARMLESS =
  /^(create|delete) (done|EEXIST|ENOENT|ENOTDIR|EBUSY|EISDIR|EINVAL|ELOOP|ERR_NLINK_NOT_A_NAMESPACE|ERR_NLINK_MAY_BE_IN_USE)$/;

for (const target of ['file', 'mounted', 'x']) {
  test(`a name is swapped for a link to ${target}, outside, while it is made and deleted`, async (t) => {
    const { directory: other, assertUntouched } = outside();
    const directory = netnsDirectory();
    await createNamespace('first', { directory });
    const path = `${directory}/x`;
    const adversary = startStorm([process.execPath, swap, 'name', path, `${other}/${target}`]);
    const tally: Tally = {};
    for (let time = 0; time < TRIES / 4; time++) {
      await attempt(tally, 'create', createNamespace('x', { directory }));
      await attempt(tally, 'delete', deleteNamespace('x', { directory }));
      await setImmediate();
    }
    await adversary.end();
    t.diagnostic(JSON.stringify(tally));
    await assertUntouched();
    for (const what of Object.keys(tally)) assert.match(what, HARMLESS);
  });
}

test('the directory is swapped for a link to another, while a name is made and deleted in it', async (t) => {
  const { directory: other, assertUntouched } = outside();
  const parent = netnsDirectory();
  const directory = `${parent}/netns`;
  mkdirSync(directory);
  const adversary = startStorm([process.execPath, swap, 'directory', directory, other]);
  const tally: Tally = {};
  for (let time = 0; time < TRIES; time++) {
    const name = ['x', 'u', 'y0', 'y1'][time % 4];
    await attempt(tally, 'create', createNamespace({ path: `${directory}/${name}` }));
    await attempt(tally, 'delete', deleteNamespace({ path: `${directory}/${name}` }));
    if (time % 50 === 0) await setImmediate();
  }
  await adversary.end();
  t.diagnostic(JSON.stringify(tally));
  // Those made while the path led there are in it by right.
  for (const name of readdirSync(other).filter((name) => name.startsWith('y')))
    await deleteNamespace({ path: `${other}/${name}` });
  await assertUntouched();
  for (const what of Object.keys(tally)) assert.match(what, HARMLESS);
});
