/**
 * The diagnosis over a made-up /proc: what counts as evidence, and what does not. `name reason
 * side`, and `unseen` where it matters.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, realpathSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import type { NameVerdict } from '../../../src/netns/diagnosis/verdict.ts';

const INITIAL = 'pid:[4026531836]';
const OTHER = 'pid:[4026532999]';
/** By then, files are not such that somebody is making a namespace of them, in milliseconds. */
const AGE = 60_000;

interface World {
  directory: string;
  diagnosis: NameDiagnosis;
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
  mkdirSync(join(proc, '1/ns'), { recursive: true });
  symlinkSync(pidNamespace, join(proc, '1/ns/pid'));
  return {
    directory,
    diagnosis: new NameDiagnosis({ proc, now: () => Date.now() + AGE }),
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

/**
 * Here: a directory of the host, bound in a container. There: the host, where `a` is mounted in
 * that directory.
 */
const bound = (tags = ''): string[] => [
  '10 1 0:5 / / rw - overlay o rw',
  `11 10 0:7 /netns DIR rw${tags} - tmpfs t rw`,
];
const host = (tags = ''): string[] => [
  '50 1 8:1 / / rw - ext4 /dev/sda rw',
  `51 50 0:7 / /run rw${tags} - tmpfs t rw`,
  `52 51 0:4 net:[4026532001] /run/netns/a rw${tags} - nsfs nsfs rw`,
];

async function verdicts(world: World, ...names: string[]): Promise<Map<string, NameVerdict | null>> {
  return world.diagnosis.diagnose(world.directory, names);
}

async function found(world: World, ...names: string[]): Promise<string[]> {
  return [...(await verdicts(world, ...names))].map(([name, verdict]) =>
    verdict === null
      ? `${name} -`
      : `${name} ${verdict.reason}${verdict.side === null ? '' : ` ${verdict.side}`}`,
  );
}

/** Whatever is said of a name, removing it is not advised. */
async function unremovable(world: World, ...names: string[]): Promise<void> {
  for (const verdict of (await verdicts(world, ...names)).values()) assert.equal(verdict?.removable, false);
}

test('mounted on the same file in the mount namespace of the machine: whatever the mode of the file', async (t) => {
  for (const [tags, side] of [
    ['', 'host'],
    [' shared:3', 'here'],
  ] as const) {
    const here = world(t, INITIAL);
    here.process('self', ...bound());
    here.process('1', ...host(tags));
    here.file('a', 0o644);
    here.file('b');
    assert.deepEqual(await found(here, 'a', 'b'), [`a no-propagation ${side}`, 'b not-a-namespace']);
    await unremovable(here, 'a', 'b');
    const [mounted] = (await verdicts(here, 'a')).get('a')?.mountedIn ?? [];
    assert.deepEqual(
      [mounted?.pid, mounted?.host, mounted?.mountPoint, mounted?.holder, mounted?.namespace],
      [1, true, '/run/netns/a', '/run', 'net:[4026532001]'],
    );
  }
});

test('the same, where the directory of the host is mounted on itself', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  const [root, run] = host() as [string, string];
  const itself = '53 51 0:7 /netns /run/netns rw shared:4 - tmpfs t rw';
  here.process('1', root, run, itself, '54 53 0:4 net:[4026532001] /run/netns/a rw - nsfs nsfs rw');
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a no-propagation here']);
});

test('mounted in another mount namespace of which nobody knows which is the older: neither side is blamed', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', '90 1 8:1 / / rw - ext4 /dev/sda rw');
  here.process('77', ...host());
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a mounted-elsewhere']);
});

test('the maker gets the mounts from here, and gives none back: its side, directly or by others', async (t) => {
  for (const [here_, there] of [
    [' shared:3', [' master:3']],
    [' shared:3', [' shared:8 master:3', ' master:8']],
  ] as const) {
    const here = world(t, INITIAL);
    here.process('self', ...bound(here_));
    here.process('1', ...bound(here_));
    const [between, last = between] = there;
    here.process(
      '70',
      ...host(between)
        .slice(0, 2)
        .map((line) => line.replace(/^5/, '6')),
      '69 1 0:4 net:[1] /x rw - nsfs n rw',
    );
    here.process('77', ...host(last));
    here.file('a');
    assert.deepEqual(await found(here, 'a'), ['a mounted-elsewhere maker']);
    await unremovable(here, 'a');
  }
});

test('mounts made there arrive here: it is mounted there, and nothing here can be changed', async (t) => {
  for (const [mine, theirs] of [
    [' master:3', ' shared:3'],
    [' shared:3', ' shared:3'],
    [' shared:9 master:3', ' shared:3'],
  ] as const) {
    const here = world(t, INITIAL);
    here.process('self', ...bound(mine));
    here.process('1', ...host(theirs));
    here.file('a');
    assert.deepEqual(await found(here, 'a'), ['a mounted-elsewhere']);
    await unremovable(here, 'a');
  }
});

test('shared, but with others: the mounts of the machine do not arrive', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound(' shared:8'));
  here.process('1', ...host(' shared:3'));
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a no-propagation here']);
});

test('mounted on a file of that name in another directory: no evidence', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host().map((line) => line.replace('/run/netns/a', '/run/other/a')));
  here.process('2', ...host().map((line) => line.replace(' 0:7 ', ' 0:8 ').replace(/^5/, '6')));
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a not-a-namespace']);
});

test('mounted in this mount namespace, but the path does not lead there', async (t) => {
  const here = world(t, INITIAL);
  const mounts = [...bound(), '12 11 0:4 net:[4026532001] DIR/a rw - nsfs nsfs rw'];
  here.process('self', ...mounts);
  here.process('1', ...mounts);
  here.process('2', ...mounts);
  here.file('a');
  // This process's own path does not lead to it.
  assert.deepEqual(await found(here, 'a'), ['a mounted-elsewhere']);
  await unremovable(here, 'a');
});

test('what has gone elsewhere by the time that the name was looked at here: no evidence', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host());
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a no-propagation host']);
  // From the scan of a moment ago; and then the mount is another one.
  here.process('1', ...host().map((line) => line.replace(/^52 /, '59 ')));
  assert.deepEqual(await found(here, 'a'), ['a not-a-namespace']);
});

test('the process that had the mount has ended, and others may still have it: unknown', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', '90 1 8:1 / / rw - ext4 /dev/sda rw');
  here.process('77', ...host());
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a mounted-elsewhere']);
  rmSync(join(here.directory, '../proc/77'), { recursive: true });
  assert.deepEqual(await found(here, 'a'), ['a unknown']);
  assert.deepEqual((await verdicts(here, 'a')).get('a')?.unseen, ['scan-unfinished']);
});

test('a container that sees no host: unknown, whatever the mode of the file', async (t) => {
  const here = world(t, OTHER);
  here.process('self', ...bound());
  here.process('1', ...bound());
  here.file('marker');
  here.file('readable', 0o644);
  here.file('filled', 0, 'x');
  mkdirSync(join(here.directory, 'directory'), { mode: 0 });
  const names = ['marker', 'readable', 'filled', 'directory', 'missing'];
  assert.deepEqual(await found(here, ...names), [
    'marker unknown',
    'readable unknown',
    'filled not-a-namespace',
    'directory not-a-namespace',
    'missing -',
  ]);
  await unremovable(here, 'marker', 'readable', 'filled', 'directory');
  assert.deepEqual((await verdicts(here, 'marker')).get('marker')?.unseen, [
    'other-pid-namespace',
    'foreign-directory',
  ]);
  // From Node 26 on rmSync cannot remove a directory that it cannot read, which rmdir(2) can.
  rmdirSync(join(here.directory, 'directory'));
});

test('a container that sees no host: no directory of its own is called foreign', async (t) => {
  const cases = {
    'a whole file system': ['10 1 0:5 / / rw - overlay o rw', '11 10 0:7 / DIR rw - tmpfs t rw'],
    'mounted on itself': ['10 1 0:7 / / rw - overlay o rw', '11 10 0:7 /netns DIR rw - tmpfs t rw'],
    'shared, as `ip netns add` leaves it': bound(' shared:3'),
    'a slave': bound(' master:3'),
  };
  for (const [what, mounts] of Object.entries(cases)) {
    const here = world(t, OTHER);
    here.process('self', ...mounts);
    here.process('1', ...mounts);
    here.file('marker');
    assert.deepEqual(await found(here, 'marker'), ['marker unknown'], what);
    assert.deepEqual((await verdicts(here, 'marker')).get('marker')?.unseen, ['other-pid-namespace'], what);
  }
});

test('/proc hides the host: as in a container', async (t) => {
  const here = world(t, INITIAL);
  rmSync(join(here.directory, '../proc/1'), { recursive: true });
  here.process('self', ...bound());
  here.file('marker');
  assert.deepEqual(await found(here, 'marker'), ['marker unknown']);
  assert.deepEqual((await verdicts(here, 'marker')).get('marker')?.unseen, [
    'processes-hidden',
    'foreign-directory',
  ]);
});

test('a file system that other machines may have mounted: unknown', async (t) => {
  const here = world(t, INITIAL);
  const mounts = ['10 1 8:1 / / rw - ext4 e rw', '11 10 0:7 / DIR rw - virtiofs v rw'];
  here.process('self', ...mounts);
  here.process('1', ...mounts);
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a unknown']);
});

test('made a moment ago: pending', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...bound());
  here.file('a');
  const proc = join(here.directory, '../proc');
  const young = new NameDiagnosis({ proc });
  assert.equal((await young.diagnose(here.directory, ['a'])).get('a')?.reason, 'pending');
});

test('what cannot be read, or is no mountinfo, is no evidence and no error', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host());
  here.process('5', 'garbage - nsfs garbage');
  mkdirSync(join(here.directory, '../proc/2'));
  here.file('a');
  assert.deepEqual(await found(here, 'a'), ['a no-propagation host']);
  assert.deepEqual([...(await here.diagnosis.diagnose('/missing/directory', ['a']))], []);
  const nowhere = new NameDiagnosis({ proc: join(here.directory, 'missing') });
  assert.deepEqual([...(await nowhere.diagnose(here.directory, ['a']))], []);
});

test('a miss is never answered from an old scan; a find may be, within a second', async (t) => {
  const here = world(t, INITIAL);
  here.process('self', ...bound());
  here.process('1', ...host());
  here.file('a');
  here.file('b');
  const start = performance.now();
  assert.deepEqual(await found(here, 'a'), ['a no-propagation host']);
  const [root, run, a] = host() as [string, string, string];
  const b = a.replace('52 51', '53 51').replace('/run/netns/a', '/run/netns/b');
  here.process('1', root, run, a, b);
  assert.deepEqual(await found(here, 'a'), ['a no-propagation host']);
  assert.ok(performance.now() - start < 999, 'from the first scan');
  const [second, first] = await Promise.all([found(here, 'b'), found(here, 'a')]);
  assert.deepEqual([second, first], [['b no-propagation host'], ['a no-propagation host']]);
  assert.ok(performance.now() - start >= 999, 'the second scan began a second after the first');
  here.process('1', root, run, b);
  assert.deepEqual(await found(here, 'a'), ['a not-a-namespace'], 'each find is looked at again');
});
