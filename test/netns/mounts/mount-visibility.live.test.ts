/**
 * Names that are made in a mount namespace from which nothing goes out: said, and the printed
 * commands put it right.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { staleElsewhere } from '../../../src/netns/mounts/mount-visibility.ts';
import { addNamespace, freshRun, ip, spawnHolder } from '../../support/netns.ts';
import { main } from '../../cli/support/program.ts';

/** Puts a `nlink` into PATH, by which what is printed can be run. */
function host(t: TestContext): NodeJS.ProcessEnv {
  freshRun(t);
  mkdirSync('/run/bin');
  const script = `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`;
  execFileSync('sh', ['-c', 'cat >/run/bin/nlink; chmod 755 /run/bin/nlink'], { input: script });
  ip('netns', 'add', 'first');
  return { ...process.env, PATH: `/run/bin:${process.env['PATH']}` };
}

interface Made {
  stderr: string;
  stale: unknown;
}

function inside(env: NodeJS.ProcessEnv, way: readonly string[], ...words: string[]): Made {
  const [program, ...args] = [...way, 'nlink', ...words, '--json'];
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', env });
  assert.equal(status, 0, stderr);
  const { staleElsewhere: stale } = JSON.parse(stdout) as { staleElsewhere: unknown };
  return { stderr, stale };
}

/**
 * What is said where nothing is wrong: whoever cannot see the machine's own mounts does not know.
 */
const WELL = seesTheMachine() ? false : null;

function seesTheMachine(): boolean {
  try {
    readFileSync('/proc/1/mountinfo');
    return readlinkSync('/proc/self/ns/pid') === 'pid:[4026531836]' && readlinkSync('/proc/1/ns/mnt') !== '';
  } catch {
    return false;
  }
}

const isMounted = (path: string): boolean => spawnSync('nsenter', [`--net=${path}`, 'true']).status === 0;

const PRIVATE = [
  ['nlink', 'exec', 'first'],
  ['unshare', '-m', '--propagation', 'slave'],
  ['unshare', '-m', '--propagation', 'private'],
];

test('what nobody else has is said, by whom; what is printed, pasted there, makes it for all', (t) => {
  const env = host(t);
  for (const [index, way] of PRIVATE.entries()) {
    const path = `/run/netns/only ${index}`;
    // The shell is whom it asks, and where what is printed is pasted.
    const script = `"$@" 2>/run/said; sed -n 's/.*To have it there: //p' /run/said >/run/remedy`;
    const { stdout } = spawnSync(
      'sh',
      ['-c', script, 'sh', ...way, 'nlink', 'add', '--json', `only ${index}`],
      { encoding: 'utf8', env },
    );
    assert.equal((JSON.parse(stdout) as { staleElsewhere: boolean }).staleElsewhere, true, way.join(' '));
    assert.ok(existsSync(path) && !isMounted(path));
    const said = execFileSync('cat', ['/run/said'], { encoding: 'utf8' });
    assert.match(
      said,
      /^nlink: "only \d" is mounted only in this mount namespace: for others, such as PID \d+ \([^)]+\), "\/run\/netns\/only \d" is a file without a namespace\. To have it there: nlink delete -- '\/var\/run\/netns\/only \d' && nsenter --mount=\/proc\/\d+\/ns\/mnt nlink add -- '\/run\/netns\/only \d'\n$/,
    );
  }
});

test('the printed commands, pasted where they were printed', (t) => {
  const env = host(t);
  const script = `nlink add here 2>&1 | sed -n 's/.*To have it there: //p' >/run/remedy; sh -e /run/remedy`;
  const { stderr, status } = spawnSync('unshare', ['-m', '--propagation', 'slave', 'sh', '-c', script], {
    encoding: 'utf8',
    env,
  });
  assert.deepEqual([stderr, status], ['', 0]);
  assert.ok(isMounted('/run/netns/here'));
});

test('attach says it too', async (t) => {
  const env = host(t);
  const holder = await spawnHolder(t, '/run/netns/first');
  const { stderr, stale } = inside(env, ['nlink', 'exec', 'first'], 'attach', 'second', String(holder.pid));
  assert.equal(stale, true);
  assert.match(stderr, / nlink attach -- \/run\/netns\/second \d+\n$/);
});

test('a slave whose master is nowhere to be seen', (t) => {
  const env = host(t);
  const script = 'mount -t proc proc /proc && exec "$@"';
  const way = ['unshare', '-m', '--propagation', 'slave', '--pid', '--fork', 'sh', '-c', script, 'sh'];
  const { stderr, stale } = inside(env, way, 'add', 'far');
  assert.equal(stale, true);
  assert.match(stderr, /where its directory comes from .* run nlink there\n$/);
});

test('where all who have the directory have the mount: nothing is said', async (t) => {
  const env = host(t);
  symlinkSync('/run/netns', '/run/door');
  addNamespace('/run/netns/there');
  for (const path of ['/var/run/netns/there', '/run/door/there'])
    assert.deepEqual(await staleElsewhere(path), { stale: WELL, process: null });
  assert.deepEqual(inside(env, ['sh', '-c', 'exec "$@"', 'sh'], 'add', 'again'), {
    stderr: '',
    stale: WELL,
  });
  // The directory is shared, and others have a copy that gets all.
  const way = ['unshare', '-m', '--propagation', 'unchanged'];
  assert.deepEqual(inside(env, way, 'add', 'peer'), { stderr: '', stale: WELL });
  assert.ok(isMounted('/run/netns/peer'));
  // Nobody else has this one at all.
  const own = [
    'unshare',
    '-m',
    '--propagation',
    'private',
    'sh',
    '-c',
    'mount -t tmpfs t /run/netns; exec "$@"',
    'sh',
  ];
  assert.deepEqual(inside(env, own, 'add', 'own'), { stderr: '', stale: WELL });
});

test('what cannot be looked at is not known', async (t) => {
  host(t);
  assert.deepEqual(await staleElsewhere('/run/netns/first', '/run/none'), { stale: null, process: null });
});
