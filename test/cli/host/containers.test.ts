/**
 * Which directories of container runtimes are watched, on a real directory tree. What a user may
 * not read: watch-directories.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { containerDirectories } from '../../../src/cli/host/containers.ts';
import type { ContainerPlaces } from '../../../src/cli/host/containers.ts';

/** All of it below one directory. */
const placesOf = (run: string): ContainerPlaces => ({
  run,
  temporary: `${run}/tmp`,
  snap: `${run}/snap`,
  proc: `${run}/proc`,
});

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
  assert.deepEqual(containerDirectories(env, [], placesOf(run)), {
    watched: [`${run}/docker/netns`, `${run}/me/netns`, `${run}/me/docker/netns`],
    refused: [],
  });
  assert.deepEqual(containerDirectories({}, [], placesOf(run)).watched, [`${run}/docker/netns`]);
});

test('of all users those that are there, each once', (t) => {
  const run = makeRun(t, 'docker/netns', 'user/0', 'user/1000/netns', 'user/1001/docker/netns');
  const theirs = [`${run}/user/1000/netns`, `${run}/user/1001/docker/netns`];
  assert.deepEqual(containerDirectories({}, [], placesOf(run)).watched, [`${run}/docker/netns`, ...theirs]);
  const mine = containerDirectories({ XDG_RUNTIME_DIR: `${run}/user/1000` }, [], placesOf(run));
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
  assert.deepEqual(containerDirectories({}, named, placesOf(run)), { watched: [], refused: [] });
});

test('what is no directory is none, and what cannot be one is not waited for', (t) => {
  const run = makeRun(t, 'docker', 'user/1000');
  writeFileSync(`${run}/docker/netns`, '');
  writeFileSync(`${run}/user/1000/docker`, '');
  for (const runtime of ['', 'relative', `${run}/missing`]) {
    assert.deepEqual(containerDirectories({ XDG_RUNTIME_DIR: runtime }, [], placesOf(run)), {
      watched: [],
      refused: [],
    });
  }
});

const watchedIn = (run: string): string[] =>
  containerDirectories({}, [], placesOf(run)).watched.map((path) => path.replace(`${run}/`, ''));

test('Docker of a snap: waited for where it is installed, else only if it is there', (t) => {
  assert.deepEqual(watchedIn(makeRun(t, 'snap')), ['docker/netns', 'snap.docker/netns']);
  assert.deepEqual(watchedIn(makeRun(t, 'snap.docker/netns')), ['docker/netns', 'snap.docker/netns']);
  assert.deepEqual(watchedIn(makeRun(t)), ['docker/netns']);
});

test('containerd that keeps namespaces below its state', (t) => {
  const state = 'containerd/io.containerd.grpc.v1.cri/netns';
  const run = makeRun(t, state, `k3s/${state}`);
  assert.deepEqual(watchedIn(run), ['docker/netns', state, `k3s/${state}`]);
});

test('users without XDG_RUNTIME_DIR: theirs below /tmp, if they are theirs', (t) => {
  const user = process.getuid?.() ?? 0;
  const theirs = ['podman-run', 'containers-user', 'storage-run', 'run'].map((name) => `tmp/${name}-${user}`);
  const others = [`tmp/podman-run-${user + 1}`, `tmp/podman-${user}`, `tmp/x-podman-run-${user}`];
  const run = makeRun(t, ...[...theirs, ...others].map((path) => `${path}/netns`));
  symlinkSync(`${run}/tmp/podman-${user}`, `${run}/tmp/podman-run-0${user}`);
  assert.deepEqual(watchedIn(run), ['docker/netns', ...theirs.map((path) => `${path}/netns`).sort()]);
});

test('where processes say: dockerd and the monitor of a rootless container', (t) => {
  const run = makeRun(t, 'a/netns', 'b/netns', 'c/netns', 'd/netns', 'user/1000/netns', 'proc/self');
  const commands = [
    ['/usr/bin/dockerd', '--group', 'docker', `--exec-root=${run}/a`, '-H', 'fd://'],
    ['dockerd', '--exec-root', `${run}/b/`],
    ['/usr/bin/conmon', '--api-version', '1', '--exit-dir', `${run}/c/libpod/tmp/exits`, '--full-attach'],
    ['/usr/bin/conmon', '--exit-dir', `${run}/user/1000/libpod/tmp/exits`],
    // Root's own; another program; what is not there, relative, or cut off.
    ['conmon', '--exit-dir', '/run/libpod/exits'],
    ['notdockerd', '--exec-root', `${run}/d`],
    ['dockerd', '--exec-root', `${run}/missing`],
    ['dockerd', '--exec-root', 'd'],
    ['dockerd', '--exec-root'],
    ['dockerd'],
    [],
  ];
  for (const [at, words] of commands.entries()) {
    mkdirSync(`${run}/proc/${at + 1}`);
    writeFileSync(`${run}/proc/${at + 1}/cmdline`, words.map((word) => `${word}\0`).join(''));
  }
  mkdirSync(`${run}/proc/99`);
  // A process of another user says what it likes.
  if (process.getuid?.() === 0) {
    mkdirSync(`${run}/proc/100`);
    writeFileSync(`${run}/proc/100/cmdline`, `dockerd\0--exec-root\0${run}/d\0`);
    chownSync(`${run}/proc/100`, 65534, 65534);
  }
  const expected = ['docker/netns', 'user/1000/netns', 'a/netns', 'b/netns', 'c/netns'];
  assert.deepEqual(watchedIn(run), expected);
  const quiet = containerDirectories({}, [], { ...placesOf(run), proc: null });
  assert.equal(quiet.watched.length, 2);
});
