/**
 * What is known of a procfs: whose numbers it has, and whether it shows all; from within, from
 * below, from beside, with and without rights.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { procfsAt } from '../../../src/netns/processes/procfs.ts';
import type { Procfs } from '../../../src/netns/processes/procfs.ts';
import { converse } from '../../support/child.ts';
import { netnsDirectory } from '../../support/netns.ts';
import { ordinaryCommand } from '../../support/ordinary.ts';
import { within } from '../../support/wait.ts';

const processes = fileURLToPath(new URL('../fixtures/processes.js', import.meta.url));
const PROBE = ['--pid', '--fork', '--mount-proc', 'true'];
const skip = spawnSync('unshare', PROBE).status === 0 ? false : '/proc cannot be mounted here once more';
/** Wherever the tests run. */
const INITIAL = readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]';

/** The procfs of the tests at another place as well. */
function bound(): string {
  const place = `${netnsDirectory()}/proc`;
  mkdirSync(place);
  execFileSync('mount', ['--rbind', '/proc', place]);
  return place;
}

/** Starts a program in a PID namespace of its own. @param own whether its /proc is of that */
function spawnBelow(own: boolean, command: readonly string[]): ChildProcessWithoutNullStreams {
  const mount = own ? ['--mount-proc'] : [];
  const words = ['KILL', 'unshare', '--pid', '--fork', '--kill-child', ...mount, ...command];
  return spawn('setpriv', ['--pdeathsig', ...words]);
}

/** What a program there knows of the procfs at these paths. */
async function known(
  t: TestContext,
  child: ChildProcessWithoutNullStreams,
  ...paths: string[]
): Promise<object[]> {
  const conversation = await converse(t, child);
  const found: object[] = [];
  for (const path of paths) {
    const { own, initial } = (await conversation.ask(JSON.stringify(['procfs', path]))) as Procfs;
    found.push({ own, initial });
  }
  return found;
}

test('that of the PID namespace that one is in, at whatever place', () => {
  for (const path of ['/proc', bound()])
    assert.deepEqual(procfsAt(path), { path, own: true, initial: INITIAL });
});

test('from a PID namespace below: another one, of other numbers, and what it shows', { skip }, async (t) => {
  const place = bound();
  const above = { own: false, initial: INITIAL };
  const node = [process.execPath, processes];
  assert.deepEqual(await known(t, spawnBelow(true, node), '/proc', place), [
    { own: true, initial: false },
    above,
  ]);
  // As after unshare --pid without --mount-proc: /proc itself is not one's own.
  assert.deepEqual(await known(t, spawnBelow(false, node), '/proc', place), [above, above]);
});

test('without the right to look at process 1: by other evidence, or unknown', { skip }, async (t) => {
  const place = bound();
  const above = { own: false, initial: INITIAL ? true : null };
  assert.deepEqual(await known(t, spawnBelow(true, ordinaryCommand(processes)), '/proc', place), [
    { own: true, initial: false },
    above,
  ]);
});

test('that of a PID namespace beside or below, in which one is not', { skip }, async (t) => {
  const place = `${netnsDirectory()}/proc`;
  mkdirSync(place);
  // Stays in the mount namespace of the tests, which see what it mounts.
  const script = 'mount -t proc proc "$1" && echo mounted && exec cat';
  const child = spawnBelow(false, ['sh', '-c', script, 'sh', place]);
  const exited = once(child, 'exit');
  t.after(async () => {
    child.stdin.end();
    await within('the end of the child', exited);
  });
  await within('the mount', once(child.stdout, 'data'));
  assert.deepEqual(procfsAt(place), { path: place, own: false, initial: false });
  const [command, ...rest] = ordinaryCommand(processes);
  assert.deepEqual(await known(t, spawn(command, rest), place), [{ own: false, initial: null }]);
});
