/**
 * Programs in other network namespaces: really there, while this process stays where it is,
 * whatever fails.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawnInNamespace } from '../../../src/index.ts';
import { spawnBy } from '../../../src/netns/enter/spawn.ts';
import type { NamespaceReference } from '../../../src/reference/reference.ts';
import { check, errno, errnoName } from '../../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../../src/sys/flags.ts';
import { linux } from '../../../src/sys/system.ts';
import { converse } from '../../support/child.ts';
import { openDescriptors, openedSince, withoutLeak } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import { addNamespace, freshRun, ip, netnsDirectory, spawnHolder } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { within } from '../../support/wait.ts';

const fixture = fileURLToPath(new URL('fixtures/spawn.js', import.meta.url));
const here = (): string => readlinkSync('/proc/thread-self/ns/net');
const own = here();
const there = (path: string): string => `net:[${statSync(path).ino}]`;
const LOOK = ['/proc/self/ns/net'] as const;

/** What the fixture says. */
interface Answer {
  answer: string | { code: string; message: string };
  stayed: boolean;
}

/** A namespace of its own, by its path. */
function makeNamespace(): string {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  return path;
}

test('by name, path, process and descriptor, in another directory', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'there');
  const other = makeNamespace();
  const holder = await spawnHolder(t, '/run/netns/there');
  const fd = openSync('/run/netns/there', 'r');
  t.after(() => closeSync(fd));
  const references: [NamespaceReference, string][] = [
    ['there', there('/run/netns/there')],
    [{ path: '/run/netns/there' }, there('/run/netns/there')],
    [{ pid: holder.pid }, there('/run/netns/there')],
    [{ fd }, there('/run/netns/there')],
    [{ path: other }, there(other)],
  ];
  for (const [reference, expected] of references) {
    const what = JSON.stringify(reference);
    const child = await spawnInNamespace(reference, 'readlink', LOOK);
    assert.equal(here(), own, what);
    assert.equal((await text(child.stdout)).trim(), expected, what);
    assert.equal(here(), own, what);
  }
  const options = { directory: other.slice(0, -2) };
  const child = await spawnInNamespace('a', 'readlink', LOOK, options);
  assert.equal((await text(child.stdout)).trim(), there(other));
});

// Fails if it waits for anything before it has entered: the descriptor is the caller's, who may
// close it or use its number again.
test('a descriptor that is closed right after the call', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'there');
  const fd = openSync('/run/netns/there', 'r');
  const started = spawnInNamespace({ fd }, 'readlink', LOOK);
  closeSync(fd);
  assert.equal((await text((await started).stdout)).trim(), there('/run/netns/there'));
});

test('options are those of child_process; whoever awaits gets the end', async () => {
  const path = makeNamespace();
  const env = { WORD: 'value' };
  const script = 'pwd; echo "$WORD"; cat; echo bad >&2; exit 7';
  const child = await spawnInNamespace({ path }, '/bin/sh', ['-c', script], { cwd: '/usr', env });
  const closed = once(child, 'close');
  child.stdin.end('from here\n');
  assert.deepEqual(await Promise.all([text(child.stdout), text(child.stderr)]), [
    '/usr\nvalue\nfrom here\n',
    'bad\n',
  ]);
  assert.deepEqual(await within('the end', closed), [7, null]);

  const quiet = await spawnInNamespace({ path }, 'true', [], { stdio: 'ignore' });
  assert.equal(quiet.stdout, null);
  assert.deepEqual(await within('the end', once(quiet, 'exit')), [0, null]);
  const shell = await spawnInNamespace({ path }, 'kill -TERM $$', [], { shell: true });
  assert.deepEqual(await within('the end', once(shell, 'exit')), [null, 'SIGTERM']);
});

test('a program that does not exist, or may not be run: rejected, with nothing left', async () => {
  const path = makeNamespace();
  // Directories that this user may search: else the error would be another one.
  const options = { env: { PATH: '/usr/bin:/bin' } };
  for (const [program, code] of [
    ['nlink-no-such-program', 'ENOENT'],
    ['/nlink/no/such/program', 'ENOENT'],
    ['/etc/passwd', 'EACCES'],
    ['/', 'EACCES'],
  ] as const) {
    await assert.rejects(spawnInNamespace({ path }, program, [], options), {
      code,
      syscall: `spawn ${program}`,
    });
    await withoutLeak(async () => {
      await assert.rejects(spawnInNamespace({ path }, program, [], options), {
        code,
        syscall: `spawn ${program}`,
      });
      await new Promise(setImmediate);
      await new Promise(setImmediate);
    });
    assert.equal(here(), own);
  }
});

test('what Node refuses is refused, from here', async () => {
  const path = makeNamespace();
  for (const [program, args, options, code] of [
    ['', [], {}, 'ERR_INVALID_ARG_VALUE'],
    ['true', 5, {}, 'ERR_INVALID_ARG_TYPE'],
    ['true', [], { cwd: 5 }, 'ERR_INVALID_ARG_TYPE'],
    ['a\0', [], {}, 'ERR_INVALID_ARG_VALUE'],
    ['true', [], null, 'ERR_NLINK_INVALID_ARGUMENT'],
    ['true', [], 5, 'ERR_NLINK_INVALID_ARGUMENT'],
  ] as const) {
    const started = spawnInNamespace({ path }, program, args as never, options as never);
    await assert.rejects(started, { code });
    assert.equal(here(), own);
  }
});

test('what is no namespace, or not there', async (t) => {
  freshRun(t);
  const file = `${netnsDirectory()}/stale`;
  writeFileSync(file, '');
  for (const path of [file, '/dev/null', '/proc/self/ns/uts'])
    await assert.rejects(spawnInNamespace({ path }, 'true'), { code: 'ERR_NLINK_NOT_A_NAMESPACE' });
  await assert.rejects(spawnInNamespace('nope', 'true'), { code: 'ENOENT', syscall: 'open' });
  await assert.rejects(spawnInNamespace('a/b', 'true'), { code: 'ERR_NLINK_INVALID_NAME' });
  await assert.rejects(spawnInNamespace(5 as never, 'true'), {
    code: 'ERR_NLINK_INVALID_ARGUMENT',
    message: /^target must be/,
  });
});

test('a signal: aborted before, nothing is started; aborted later, the program is ended', async () => {
  const path = makeNamespace();
  const mark = `${netnsDirectory()}/mark`;
  const options = { signal: AbortSignal.abort('no') };
  await assert.rejects(spawnInNamespace({ path }, 'touch', [mark], options), {
    name: 'AbortError',
    cause: 'no',
  });
  assert.throws(() => statSync(mark), { code: 'ENOENT' });

  const early = new AbortController();
  const never = spawnInNamespace({ path }, 'sleep', ['1000'], { signal: early.signal });
  early.abort();
  await assert.rejects(never, { name: 'AbortError' });

  const late = new AbortController();
  const child = await spawnInNamespace({ path }, 'sleep', ['1000'], { signal: late.signal });
  const exited = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  const failed = new Promise((resolve) => child.once('error', resolve));
  late.abort();
  assert.equal(((await within('the error', failed)) as Error).name, 'AbortError');
  assert.equal(await within('the end', exited), 'SIGTERM');
});

test('a signal aborted just when the program has been started: rejects for whoever awaits it', async () => {
  const path = makeNamespace();
  const stop = new AbortController();
  const starting = spawnInNamespace({ path }, 'sleep', ['1000'], { signal: stop.signal });
  // Behind the turn in which the child says that it runs, and before who awaits it goes on.
  await new Promise<void>((resolve) => {
    process.nextTick(() => {
      stop.abort();
      resolve();
    });
  });
  const child = await starting;
  const signal = new Promise((resolve) => {
    child.once('exit', (_status, by) => resolve(by));
  });
  const [error] = (await within('the error', once(child, 'error'))) as [Error];
  assert.equal(error.name, 'AbortError');
  assert.equal(await within('the end', signal), 'SIGTERM');
});

test('each system call fails once: refused with its error, and the thread is where it was', async () => {
  const path = makeNamespace();
  const real = linux();
  const back = check(real.open(Buffer.from('/proc/thread-self/ns/net\0'), 0), 'open');
  /** In place of the end of the process. */
  const abort = (): never => {
    check(real.setns(back, CLONE_NEWNET), 'setns');
    throw Object.assign(new Error('aborted'), { code: 'aborted' });
  };
  const attempt = async (system: typeof real): Promise<string | null> => {
    try {
      const child = await spawnBy(
        system,
        { path },
        'readlink',
        LOOK,
        { stdio: ['ignore', 'pipe', 'ignore'] },
        abort,
      );
      const closed = once(child, 'close');
      assert.equal((await text(child.stdout as NonNullable<typeof child.stdout>)).trim(), there(path));
      await closed;
      return null;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const reference = faulty(real, () => undefined);
  assert.equal(await attempt(reference.system), null);
  const { calls } = reference;
  assert.deepEqual(calls, ['open', 'open', 'setns', 'setns', 'setns', 'close', 'close']);
  for (const number of [errno.EIO, errno.EMFILE, errno.EPERM]) {
    for (const [index, call] of calls.entries()) {
      const which = `${call}, call ${index + 1}, ${errnoName(number)}`;
      const before = openDescriptors();
      const outcome = await attempt(faulty(real, failOnce(index + 1, -number)).system);
      const proof = index === 2 && number === errno.EPERM ? 'ERR_NLINK_NO_RETURN' : errnoName(number);
      assert.equal(outcome, call === 'close' ? null : index === 4 ? 'aborted' : proof, which);
      assert.equal(here(), own, which);
      // A child whose start nobody was told of still holds its pipe.
      if (outcome === 'aborted') continue;
      assert.deepEqual(openedSince(before), [], which);
    }
  }
  real.close(back);
});

test('200 at once, and nothing stays open', async () => {
  const path = makeNamespace();
  const run = async (): Promise<void> => {
    const child = await spawnInNamespace({ path }, 'readlink', LOOK);
    const closed = once(child, 'close');
    assert.equal((await text(child.stdout)).trim(), there(path));
    await closed;
  };
  await run();
  await withoutLeak(async () => {
    for (let batch = 0; batch < 10; batch++) await Promise.all(Array.from({ length: 20 }, run));
  });
  assert.equal(here(), own);
});

test('without privilege: EPERM, and what to do', async (t) => {
  const child = await converse(t, spawnOrdinary(fixture));
  const { answer, stayed } = (await child.ask(makeNamespace())) as Answer;
  assert.deepEqual([(answer as { code: string }).code, stayed], ['EPERM', true]);
  assert.match((answer as { message: string }).message, /CAP_SYS_ADMIN: run as root .*unshare -Urnm/);
});

test('where this process could not come back: refused before it left', async (t: TestContext) => {
  const child = await converse(t, spawn('unshare', ['-Ur', process.execPath, fixture]));
  const { answer, stayed } = (await child.ask(makeNamespace())) as Answer;
  assert.deepEqual([(answer as { code: string }).code, stayed], ['ERR_NLINK_NO_RETURN', true]);
});

test('in a user namespace with a network namespace of its own: as root', async (t) => {
  const mark = mkdtempSync('/run/in-');
  const script = `mount -t tmpfs tmpfs ${mark} && touch ${mark}/a && unshare --net=${mark}/a true && exec "$@"`;
  const inside = ['-Urnm', 'sh', '-c', script, 'sh', process.execPath, fixture];
  const child = await converse(t, spawn('unshare', inside));
  const { answer, stayed } = (await child.ask(`${mark}/a`)) as Answer;
  assert.match(answer as string, /^net:\[\d+\]$/);
  assert.deepEqual([answer === own, stayed], [false, true]);
});
