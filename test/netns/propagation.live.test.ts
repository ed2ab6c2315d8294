/** The diagnosis in mount namespaces that get the sandbox's mounts, and that do not. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PropagationDiagnosis } from '../../src/netns/propagation.ts';
import { converse } from '../support/child.ts';
import type { Conversation } from '../support/child.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { addNamespace, freshRun, ip, netnsDirectory } from '../support/netns.ts';

const diagnose = fileURLToPath(new URL('fixtures/diagnose.js', import.meta.url));

/** Diagnoses from another mount namespace, made with these options of unshare(1). */
function elsewhere(t: TestContext, ...unshare: string[]): Promise<Conversation> {
  return converse(t, spawn('unshare', [...unshare, process.execPath, diagnose]));
}

test('mounts of the host do not arrive: the names that wait for one, and no stray file', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  const child = await elsewhere(t, '--mount', '--propagation', 'private');
  ip('netns', 'add', 'after');
  writeFileSync('/run/netns/stray', '', { mode: 0 });
  // The name of before the mount namespace was made is there, as it was copied.
  assert.deepEqual(await child.ask('/var/run/netns after stray'), ['after']);
});

test('mounts of the host arrive: nothing to blame', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  const child = await elsewhere(t, '--mount', '--propagation', 'slave');
  ip('netns', 'add', 'after');
  writeFileSync('/run/netns/stray', '', { mode: 0 });
  assert.deepEqual(await child.ask('/run/netns after stray'), []);
});

test('a stray file in the mount namespace of the host itself, whose mounts are private', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/real`);
  writeFileSync(`${directory}/stray`, '', { mode: 0 });
  const diagnosis = new PropagationDiagnosis();
  await diagnosis.diagnose(directory, ['stray']);
  await withoutLeak(async () => {
    assert.deepEqual([...(await diagnosis.diagnose(directory, ['stray']))], []);
  });
});

test('a container with the directory of a host that it cannot see', async (t) => {
  const directory = netnsDirectory();
  const inside = `${directory}-inside`;
  mkdirSync(inside);
  // The parent of the bound directory is another file system, as in a container.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inside]);
  mkdirSync(`${inside}/netns`);
  execFileSync('mount', ['--bind', directory, `${inside}/netns`]);
  const child = await elsewhere(
    t,
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  );
  addNamespace(`${directory}/marker`);
  writeFileSync(`${directory}/stray`, '', { mode: 0o644 });
  assert.deepEqual(await child.ask(`${inside}/netns marker stray`), ['marker']);
  assert.deepEqual(await child.ask(`${directory} marker stray`), [], 'the host names nothing by this path');
});
