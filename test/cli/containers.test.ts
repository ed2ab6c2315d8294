/** Which directories of container runtimes are watched, on a real directory tree. What a user may not read: watch-directories.live.test.ts. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { containerDirectories } from '../../src/cli/containers.ts';

/** A directory in place of /run, with these below it. */
function makeRun(t: TestContext, ...directories: string[]): string {
  const run = mkdtempSync(join(tmpdir(), 'nlink-run-'));
  t.after(() => rmSync(run, { recursive: true }));
  for (const directory of directories) mkdirSync(join(run, directory), { recursive: true });
  return run;
}

test('nothing is there: what this user could make is waited for', (t) => {
  const run = makeRun(t, 'me');
  const env = { XDG_RUNTIME_DIR: `${run}/me` };
  assert.deepEqual(containerDirectories(env, [], run), {
    watched: [`${run}/docker/netns`, `${run}/me/netns`, `${run}/me/docker/netns`],
    refused: [],
  });
  assert.deepEqual(containerDirectories({}, [], run).watched, [`${run}/docker/netns`]);
});

test('of all users those that are there, each once', (t) => {
  const run = makeRun(t, 'docker/netns', 'user/0', 'user/1000/netns', 'user/1001/docker/netns');
  const theirs = [`${run}/user/1000/netns`, `${run}/user/1001/docker/netns`];
  assert.deepEqual(containerDirectories({}, [], run).watched, [`${run}/docker/netns`, ...theirs]);
  const mine = containerDirectories({ XDG_RUNTIME_DIR: `${run}/user/1000` }, [], run);
  assert.deepEqual(mine.watched, [
    `${run}/docker/netns`,
    `${run}/user/1000/netns`,
    `${run}/user/1000/docker/netns`,
    `${run}/user/1001/docker/netns`,
  ]);
});

test('what is named is not watched twice, however it is spelled', (t) => {
  const run = makeRun(t, 'docker/netns', 'user/1000/netns');
  symlinkSync(run, `${run}/link`);
  const named = [`${run}/link/docker/netns`, `${run}/user/1000/netns`];
  assert.deepEqual(containerDirectories({}, named, run), { watched: [], refused: [] });
});

test('what is no directory is none, and what cannot be one is not waited for', (t) => {
  const run = makeRun(t, 'docker', 'user/1000');
  writeFileSync(`${run}/docker/netns`, '');
  writeFileSync(`${run}/user/1000/docker`, '');
  for (const runtime of ['', 'relative', `${run}/missing`]) {
    assert.deepEqual(containerDirectories({ XDG_RUNTIME_DIR: runtime }, [], run), {
      watched: [],
      refused: [],
    });
  }
});
