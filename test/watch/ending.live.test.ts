/**
 * Programs with a watcher: they live as long as they watch, and end by themselves, without a word on stderr, when it has stopped or
 * was told that it does not count.
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
import { addNamespace, netnsDirectory } from '../support/netns.ts';
import { within } from '../support/wait.ts';

const fixture = fileURLToPath(new URL('fixtures/ending.js', import.meta.url));

interface Program {
  directory: string;
  child: ChildProcessByStdio<null, Readable, Readable>;
  /** The next line that it prints; undefined when it has closed stdout. */
  line(): Promise<string | undefined>;
  /** Its exit status, and fails if it wrote to stderr. */
  end(): Promise<void>;
}

/** Starts the fixture and waits until it watches. */
async function start(t: TestContext, way: string): Promise<Program> {
  const directory = netnsDirectory();
  const program = [process.execPath, fixture, directory, way];
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
    directory,
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

// Fails if something is left that keeps the process alive, and if a rejection is left that nobody takes.
for (const [way, ...rest] of [
  ['recv'],
  ['break'],
  ['abort'],
  ['abortPending', 'AbortError'],
  ['stopPending', '3'],
  ['unref'],
]) {
  test(`lives while it watches, and ends by itself: ${way}`, async (t) => {
    const program = await start(t, way as string);
    // Long enough for a program that nothing keeps alive to end.
    await setTimeout(100);
    addNamespace(`${program.directory}/a`);
    assert.equal(await program.line(), 'created');
    for (const expected of rest) assert.equal(await program.line(), expected);
    await program.end();
  });
}

test('ends by itself, although its watcher paused and went on, if that does not count', async (t) => {
  const program = await start(t, 'unrefPaused');
  for (let index = 0; index < 50; index++) addNamespace(`${program.directory}/${index}`);
  assert.equal(await program.line(), 'paused');
  await program.end();
});

// Fails if what keeps the process alive is the poll handle, which is stopped meanwhile.
test('lives while its watcher is paused', async (t) => {
  const program = await start(t, 'refPaused');
  for (let index = 0; index < 50; index++) addNamespace(`${program.directory}/${index}`);
  await setTimeout(200);
  assert.equal(program.child.exitCode, null);
  program.child.kill('SIGUSR2');
  assert.equal(await program.line(), 'true');
  await program.end();
});
