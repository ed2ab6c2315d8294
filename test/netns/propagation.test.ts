/** The diagnosis over a made-up /proc: what counts as evidence, and what does not. */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { PropagationDiagnosis } from '../../src/netns/propagation.ts';

const INITIAL = 'pid:[4026531836]';
const OTHER = 'pid:[4026532999]';

interface World {
  directory: string;
  diagnosis: PropagationDiagnosis;
  /** Gives a process its table of mounts; `DIR` in it is the directory of names. */
  process(pid: string, ...lines: string[]): void;
  file(name: string, mode?: number, content?: string): void;
}

function world(t: TestContext, pidNamespace: string): World {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'nlink-')));
  t.after(() => rmSync(root, { recursive: true }));
  const proc = join(root, 'proc');
  const directory = join(root, 'netns');
  mkdirSync(join(proc, 'self/ns'), { recursive: true });
  mkdirSync(directory);
  symlinkSync(pidNamespace, join(proc, 'self/ns/pid'));
  return {
    directory,
    diagnosis: new PropagationDiagnosis(proc),
    process(pid, ...lines) {
      mkdirSync(join(proc, pid), { recursive: true });
      writeFileSync(
        join(proc, pid, 'mountinfo'),
        lines.map((line) => `${line.replaceAll('DIR', directory)}\n`).join(''),
      );
    },
    file(name, mode = 0, content = '') {
      writeFileSync(join(directory, name), content, { mode });
    },
  };
}

/** Here: a directory of the host, bound in a container. There: the host, where `a` is mounted in that directory. */
const bound = (tags = ''): string[] => [
  '10 1 0:5 / / rw - overlay o rw',
  `11 10 0:7 /netns DIR rw${tags} - tmpfs t rw`,
];
const host = (tags = ''): string[] => [
  '50 1 8:1 / / rw - ext4 /dev/sda rw',
  `51 50 0:7 / /run rw${tags} - tmpfs t rw`,
  `52 51 0:4 net:[4026532001] /run/netns/a rw${tags} - nsfs nsfs rw`,
];

async function found(world: World, ...names: string[]): Promise<string[]> {
  return [...(await world.diagnosis.diagnose(world.directory, names))];
}

test('mounted on the same file in another mount namespace: no propagation', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host());
  here.file('a', 0o644);
  here.file('b');
  assert.deepEqual(await found(here, 'a', 'b'), ['a']);
});

test('the same, where the directory of the host is mounted on itself', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  const [root, run] = host() as [string, string];
  const itself = '53 51 0:7 /netns /run/netns rw shared:4 - tmpfs t rw';
  here.process('77', root, run, itself, '54 53 0:4 net:[4026532001] /run/netns/a rw - nsfs nsfs rw');
  assert.deepEqual(await found(here, 'a'), ['a']);
});

test('a slave gets the mounts of its master: something else is amiss', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound(' master:3'));
  here.process('1', ...host(' shared:3'));
  assert.deepEqual(await found(here, 'a'), []);
});

test('shared with the mount there: something else is amiss', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound(' shared:3'));
  here.process('1', ...host(' shared:3'));
  assert.deepEqual(await found(here, 'a'), []);
});

test('shared, but with others: no propagation', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound(' shared:8'));
  here.process('1', ...host(' shared:3'));
  assert.deepEqual(await found(here, 'a'), ['a']);
});

test('mounted on a file of that name in another directory: no evidence', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host().map((line) => line.replace('/run/netns/a', '/run/other/a')));
  here.process('2', ...host().map((line) => line.replace(' 0:7 ', ' 0:8 ').replace(/^5/, '6')));
  assert.deepEqual(await found(here, 'a'), []);
});

test('mounted in this mount namespace, which other processes share: no evidence', async (t) => {
  const here = world(t, INITIAL);
  const mounts = [...bound(), '12 11 0:4 net:[4026532001] DIR/a rw - nsfs nsfs rw'];
  here.process('self', ...mounts);
  here.process('1', ...mounts);
  here.process('2', ...mounts);
  assert.deepEqual(await found(here, 'a'), []);
});

test('a stray file on a host whose mounts are private: no evidence', async (t) => {
  const here = world(t, INITIAL);
  const mounts = ['10 1 8:1 / / rw - ext4 e rw', '11 10 0:7 /netns DIR rw - tmpfs t rw'];
  here.process('self', ...mounts);
  here.process('1', ...mounts);
  here.file('a');
  assert.deepEqual(await found(here, 'a'), []);
});

test('a container that sees no host: a marker in a private part of a foreign file system', async (t) => {
  const here = world(t, OTHER);
  here.process('self', ...bound());
  here.process('1', ...bound());
  here.file('marker');
  here.file('readable', 0o644);
  here.file('filled', 0, 'x');
  mkdirSync(join(here.directory, 'directory'), { mode: 0 });
  assert.deepEqual(await found(here, 'marker', 'readable', 'filled', 'directory', 'missing'), ['marker']);
  // From Node 26 on rmSync cannot remove a directory that it cannot read, which rmdir(2) can.
  rmdirSync(join(here.directory, 'directory'));
});

test('a container that sees no host: anything but such a part is no evidence', async (t) => {
  const cases = {
    'a whole file system': ['10 1 0:5 / / rw - overlay o rw', '11 10 0:7 / DIR rw - tmpfs t rw'],
    'mounted on itself': ['10 1 0:7 / / rw - overlay o rw', '11 10 0:7 /netns DIR rw - tmpfs t rw'],
    'shared, as `ip netns add` leaves it': bound(' shared:3'),
    'a slave': bound(' master:3'),
    'not listed': ['11 10 0:7 /netns /elsewhere rw - tmpfs t rw'],
  };
  for (const [what, mounts] of Object.entries(cases)) {
    const here = world(t, OTHER);
    here.process('self', ...mounts);
    here.process('1', ...mounts);
    here.file('marker');
    assert.deepEqual(await found(here, 'marker'), [], what);
  }
});

test('the host cannot be seen because /proc hides it: as in a container', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.file('marker');
  assert.deepEqual(await found(here, 'marker'), ['marker']);
});

test('what cannot be read, or is no mountinfo, is no evidence and no error', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', 'garbage - nsfs garbage');
  mkdirSync(join(here.directory, '../proc/2'));
  here.process('3', ...host());
  assert.deepEqual(await found(here, 'a'), ['a']);
  assert.deepEqual([...(await here.diagnosis.diagnose('/missing/directory', ['a']))], []);
  assert.deepEqual([...(await new PropagationDiagnosis('/missing').diagnose(here.directory, ['a']))], []);
});

test('a miss is never answered from an old scan; a find may be, within a second', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host());
  const start = performance.now();
  assert.deepEqual(await found(here, 'a'), ['a']);
  here.process('1', ...host().map((line) => line.replace('/run/netns/a', '/run/netns/b')));
  assert.deepEqual(await found(here, 'a'), ['a'], 'from the first scan');
  const [b, a] = await Promise.all([found(here, 'b'), found(here, 'a')]);
  assert.deepEqual(b, ['b']);
  assert.deepEqual(a, ['a'], 'found before');
  assert.ok(performance.now() - start >= 999, 'the second scan began a second after the first');
  assert.deepEqual(await found(here, 'a'), [], 'the second scan has replaced the first');
});
