/**
 * Programs that watch, as tests (their side: test/watch/fixtures/ending.ts): they live as long as
 * they watch, and end by themselves, without a word on stderr, when the watcher has stopped or was
 * told that it does not count.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { within } from '../../support/wait.ts';

const fixture = fileURLToPath(new URL('../fixtures/ending.js', import.meta.url));

/** What a program watches, where nothing has happened yet. */
export interface Watched {
  /** The argument that tells the program. */
  args: string[];
  /** Makes something happen. */
  happen(): Promise<void>;
  /** The type of the event that tells of it. */
  type: string;
}

interface Program {
  child: ChildProcessByStdio<null, Readable, Readable>;
  /** The next line that it prints; undefined when it has closed stdout. */
  line(): Promise<string | undefined>;
  /** Its exit status, and fails if it wrote to stderr. */
  end(): Promise<void>;
}

/** Starts the fixture and waits until it watches. */
async function start(t: TestContext, way: string, { args }: Watched): Promise<Program> {
  const program = [process.execPath, fixture, way, ...args];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...program], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const complaints = text(child.stderr);
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | undefined> => {
    const { value, done } = await within('a line', lines.next());
    return done === true ? undefined : value;
  };
  assert.equal(await line(), 'open');
  return {
    child,
    line,
    async end() {
      const [status] = await within('the end of the program', exited);
      assert.equal(await complaints, '');
      assert.equal(status, 0);
      assert.equal(await line(), undefined);
    },
  };
}

/** @param prepare gives each test a place of its own to be watched */
export function testEndings(prepare: (t: TestContext) => Promise<Watched>): void {
  // Fails if something is left that keeps the process alive, and if a rejection is left that nobody
  // takes.
  for (const [way, ...rest] of [
    ['recv'],
    ['break'],
    ['abort'],
    ['abortPending', 'AbortError'],
    ['stopPending', '3'],
    ['unref'],
  ]) {
    test(`lives while it watches, and ends by itself: ${way}`, async (t) => {
      const watched = await prepare(t);
      const program = await start(t, way as string, watched);
      // Long enough for a program that nothing keeps alive to end.
      await setTimeout(100);
      await watched.happen();
      assert.equal(await program.line(), watched.type);
      for (const expected of rest) assert.equal(await program.line(), expected);
      await program.end();
    });
  }

  test('ends by itself, although its watcher paused and went on, if that does not count', async (t) => {
    const watched = await prepare(t);
    const program = await start(t, 'unrefPaused', watched);
    for (let index = 0; index < 50; index++) await watched.happen();
    assert.equal(await program.line(), 'paused');
    await program.end();
  });

  // Fails if what keeps the process alive is the poll handle, which is stopped meanwhile.
  test('lives while its watcher is paused', async (t) => {
    const watched = await prepare(t);
    const program = await start(t, 'refPaused', watched);
    for (let index = 0; index < 50; index++) await watched.happen();
    assert.equal(await program.line(), 'paused');
    // Long enough for a program that nothing keeps alive to end.
    await setTimeout(200);
    assert.equal(program.child.exitCode, null);
    program.child.kill('SIGUSR2');
    assert.equal(await program.line(), 'true');
    await program.end();
  });
}
