/**
 * The diagnosis on the real kernel: names that are mounted in other mount namespaces, by each way
 * in which one can live, seen from mount namespaces that get the mounts, that do not, and that
 * cannot see the processes.
 */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { procfsAt } from '../../../src/netns/processes/procfs.ts';
import type { NameVerdict } from '../../../src/netns/diagnosis/verdict.ts';
import { inspectionSystem } from '../../../src/sys/inspection.ts';
import { converse } from '../../support/child.ts';
import type { Conversation } from '../../support/child.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { keepMountNamespace } from '../support/kept-mount-namespace.ts';
import { addNamespace, freshRun, ip, mountNamespace, netnsDirectory } from '../../support/netns.ts';
import { rootTest } from '../../support/visibility.ts';

const diagnose = fileURLToPath(new URL('fixtures/diagnose.js', import.meta.url));
/** By then nothing is being made any more. */
const later = (): number => Date.now() + 60_000;

/** Diagnoses from another mount namespace, made with these options of unshare(1). */
function elsewhere(t: TestContext, ...unshare: string[]): Promise<Conversation> {
  return converse(t, spawn('unshare', [...unshare, process.execPath, diagnose]));
}

/** Runs a script in a mount namespace of its own, and keeps it there until the end of the test. */
async function maker(t: TestContext, propagation: string, script: string): Promise<void> {
  const words = [
    '--mount',
    '--propagation',
    propagation,
    'sh',
    '-ec',
    `${script}; echo done; exec sleep infinity`,
  ];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  assert.equal(String(said), 'done\n');
}

/** Makes a name as `ip netns add`, but in this mount namespace and with this mode. */
const made = (path: string, mode = '000'): string =>
  `install -m ${mode} /dev/null ${path}; unshare --net=${path} true`;

async function verdictOn(directory: string, name: string): Promise<NameVerdict | null | undefined> {
  const diagnosis = new NameDiagnosis({ system: inspectionSystem, thorough: true, now: later });
  return (await diagnosis.diagnose(directory, [name])).get(name);
}

/** Whether this machine shows its processes, and whether this user sees all that they do. */
const initial = procfsAt('/proc').initial === true;
const STALE = initial ? 'not-a-namespace' : 'unknown';

test('mounts of the older mount namespace do not arrive: the names that wait for one, and no stray file', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  const child = await elsewhere(t, '--mount', '--propagation', 'private');
  ip('netns', 'add', 'after');
  writeFileSync('/run/netns/stray', '', { mode: 0 });
  const [after, stray] = (await child.ask('/var/run/netns after stray')) as string[];
  // Since Linux 6.8 it is known which is the older.
  assert.match(after ?? '', /^after (no-propagation here|mounted-elsewhere)/);
  assert.match(stray ?? '', new RegExp(`^stray (${STALE}|unknown)`));
  // The name of before the mount namespace was made is there, as it was copied.
  assert.deepEqual(await child.ask('/var/run/netns before'), ['before -']);
});

test('mounts arrive: nothing to blame', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  const child = await elsewhere(t, '--mount', '--propagation', 'slave');
  ip('netns', 'add', 'after');
  assert.deepEqual(await child.ask('/run/netns after'), ['after -']);
});

test('the maker is in a mount namespace of its own: its side, and which process that is', async (t) => {
  for (const propagation of ['slave', 'private']) {
    freshRun(t);
    ip('netns', 'add', 'first');
    await maker(t, propagation, made('/run/netns/x', '644'));
    const verdict = await verdictOn('/run/netns', 'x');
    assert.equal(verdict?.reason, 'mounted-elsewhere', propagation);
    assert.ok(verdict.side === 'maker' || propagation === 'private');
    assert.equal(verdict.removable, false);
    const [mounted] = verdict.mountedIn;
    assert.deepEqual([mounted?.comm, mounted?.host, mounted?.mountPoint], ['sleep', false, '/run/netns/x']);
    assert.match(mounted?.namespace ?? '', /^net:\[\d+\]$/);
  }
});

test('a stray file in the mount namespace in which names are made, whose mounts are private', async () => {
  const directory = netnsDirectory();
  addNamespace(`${directory}/real`);
  writeFileSync(`${directory}/stray`, '', { mode: 0 });
  const verdict = await verdictOn(directory, 'stray');
  assert.ok(verdict?.reason === STALE || verdict?.reason === 'unknown');
  await withoutLeak(async () => assert.deepEqual((await verdictOn(directory, 'stray'))?.mountedIn, []));
});

// What other tests do at the same time may be in the way for a moment.
rootTest('a stray file: removable, for who sees everything', async () => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/stray`, '');
  let verdict = await verdictOn(directory, 'stray');
  for (let again = 0; again < 20 && verdict?.removable !== true; again++)
    verdict = await verdictOn(directory, 'stray');
  assert.deepEqual([verdict?.reason, verdict?.removable, verdict?.unseen], ['not-a-namespace', true, []]);
});

test('made a moment ago: pending; seen from nowhere else', async () => {
  const directory = netnsDirectory();
  writeFileSync(`${directory}/young`, '');
  const diagnosis = new NameDiagnosis({ system: inspectionSystem });
  const verdict = (await diagnosis.diagnose(directory, ['young'])).get('young');
  assert.ok(verdict?.reason === 'pending' || (!initial && verdict?.reason === 'unknown'));
  assert.equal(verdict.removable, false);
});

test('a container with the directory of a host that it cannot see: unknown, whatever the mode', async (t) => {
  const directory = netnsDirectory();
  const inside = `${directory}-inside`;
  mkdirSync(inside);
  // The parent of the bound directory is another file system, as in a container.
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', inside]);
  mkdirSync(`${inside}/netns`);
  execFileSync('mount', ['--bind', directory, `${inside}/netns`]);
  const child = await elsewhere(
    t,
    ...['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'],
  );
  addNamespace(`${directory}/marker`);
  for (const mode of [0o644, 0o600, 0o444, 0o000]) writeFileSync(`${directory}/mode-${mode}`, '', { mode });
  const names = ['marker', ...[0o644, 0o600, 0o444, 0o000].map((mode) => `mode-${mode}`)];
  for (const place of [`${inside}/netns`, directory])
    assert.deepEqual(
      await child.ask(`${place} ${names.join(' ')}`),
      names.map((name) => `${name} unknown`),
    );
});

rootTest(
  'mounted where no process is: in a mount namespace that a file keeps, or a descriptor',
  async (t) => {
    freshRun(t);
    mkdirSync('/run/netns');
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/mnt']);
    t.after(() => execFileSync('umount', ['-l', '/mnt']));
    // Its file must be in a mount that is not shared with it.
    execFileSync('mount', ['--make-private', '/mnt']);
    writeFileSync('/mnt/kept', '');
    keepMountNamespace('/mnt/kept', made('/run/netns/pinned'));
    const pinned = await verdictOn('/run/netns', 'pinned');
    assert.equal(pinned?.removable, false);
    assert.equal(await refused('/run/netns', 'pinned'), true);
    // The kernel lists it since 6.12.
    if (pinned.mountedIn.length > 0) {
      assert.equal(pinned.reason, 'mounted-elsewhere');
      assert.deepEqual(
        [pinned.mountedIn[0]?.pid, pinned.mountedIn[0]?.mountPoint],
        [null, '/run/netns/pinned'],
      );
    } else assert.deepEqual([pinned.reason, pinned.unseen], ['unknown', ['unvisited-mount-namespaces']]);
    const fd = openMountNamespaceOf(made('/run/netns/held'));
    t.after(() => inspectionSystem().close(fd));
    assert.equal((await verdictOn('/run/netns', 'held'))?.removable, false);
    assert.equal(await refused('/run/netns', 'held'), true);
  },
);

rootTest('mounted in the mount namespace of a thread, and seen from a chroot', async (t) => {
  freshRun(t);
  mkdirSync('/run/netns');
  mkdirSync('/run/empty');
  // All that lives in it is in a chroot, which shows nothing of the mount.
  const script = `${made('/run/netns/x')}; mkdir -p /run/empty; mount --bind / /run/empty; exec chroot /run/empty sh -c 'echo done; exec sleep infinity'`;
  const words = ['--mount', '--propagation', 'private', 'sh', '-ec', script];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const verdict = await verdictOn('/run/netns', 'x');
  assert.equal(verdict?.removable, false);
  assert.ok(verdict.reason === 'mounted-elsewhere' || verdict.unseen.includes('chroot'));
});

// Fails if what a scan found is told without a look at the name after it.
test('mounted here while others are being read, of whom one has a copy: no verdict, for it is ready', async (t) => {
  const directory = netnsDirectory();
  const path = `${directory}/x`;
  writeFileSync(path, '');
  const proc = mkdtempSync('/run/proc-');
  const own = readFileSync('/proc/self/mountinfo', 'utf8');
  for (const name of ['self', '1/ns', '77']) mkdirSync(`${proc}/${name}`, { recursive: true });
  symlinkSync('pid:[4026531836]', `${proc}/1/ns/pid`);
  writeFileSync(`${proc}/self/mountinfo`, own);
  writeFileSync(`${proc}/1/mountinfo`, own);
  // Reading goes on when somebody writes.
  execFileSync('mkfifo', [`${proc}/77/mountinfo`]);
  const diagnosis = new NameDiagnosis({ proc, system: inspectionSystem, now: later });
  const asked = diagnosis.diagnose(directory, ['x']);
  mountNamespace(path);
  t.after(() => execFileSync('umount', ['-l', path]));
  const copies = readFileSync('/proc/self/mountinfo', 'utf8').replace(/^(\d+) (\d+)/gm, '9$1 9$2');
  await writeFile(`${proc}/77/mountinfo`, copies);
  assert.deepEqual([...(await asked)], [['x', null]]);
});

/** Whether {@link deleteNamespace} leaves a name alone. */
async function refused(directory: string, name: string): Promise<boolean> {
  const { deleteNamespace } = await import('../../../src/netns/names/delete.ts');
  try {
    await deleteNamespace(name, { directory });
    return false;
  } catch (error) {
    assert.equal((error as { code: string }).code, 'ERR_NLINK_MAY_BE_IN_USE');
    return true;
  }
}

/** A descriptor of a mount namespace in which a script has run, and nothing runs any more. */
function openMountNamespaceOf(script: string): number {
  const system = inspectionSystem();
  const kept = `/mnt/once-${Math.random().toString(36).slice(2)}`;
  writeFileSync(kept, '');
  keepMountNamespace(kept, script);
  const fd = system.open(Buffer.from(`${kept}\0`), 0);
  execFileSync('umount', ['-l', kept]);
  assert.doesNotMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(kept));
  return fd;
}
