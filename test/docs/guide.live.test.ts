/**
 * The sessions in the guide print what they say there, line by line. A program started with `&` is
 * waited for by what it prints, and `kill %1` ends it. Numbers of three and more digits are the
 * machine's own, and may be others.
 */
import { freshRun } from '../support/netns.ts';
import { strict as assert } from 'node:assert';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startExample } from '../examples/example.ts';
import type { Example } from '../examples/example.ts';
import { freshTable } from '../support/nsids.ts';
import { still } from '../support/sigstop.ts';
import { waitFor } from '../support/wait.ts';
import { programs, sessions } from './guide.ts';

/** Numbers that differ from run to run. */
const anonymous = (line: string): string => line.trimEnd().replace(/\b\d{3,}\b/g, 'N');

for (const { page, text } of sessions) {
  const steps = text
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...printed] = step.trimEnd().split('\n');
      return { command, printed };
    });
  test(`${page}: ${steps.map(({ command }) => command).join('; ')}`, async (t) => {
    freshTable(t);
    freshRun(t);
    const session = new Session(t);
    for (const { command, printed } of steps) {
      const seen = await session.run(command, printed.length);
      assert.deepEqual(seen.map(anonymous), printed.map(anonymous), `$ ${command}`);
    }
  });
}

class Session {
  readonly #t: TestContext;
  #background: Example | null = null;
  #held: (() => Promise<void>) | null = null;

  constructor(t: TestContext) {
    this.#t = t;
  }

  /** @param count how many lines are to come @returns what is printed until the next prompt */
  async run(command: string, count: number): Promise<string[]> {
    const [program = '', ...words] = command.split(' ');
    const background = words.at(-1) === '&';
    if (background) words.pop();
    if (command === 'kill %1') {
      const { lines, status } = await this.#running().end();
      assert.ok(status === 0 || status === null, `ended with ${status}`);
      return lines;
    }
    if (command === 'kill %2') {
      await this.#held?.();
    } else if (program === 'node') {
      const [name = '', ...args] = words;
      const example = startExample(this.#t, fileOf(name), ...args);
      if (!background) return (await example.ended()).lines;
      this.#background = example;
    } else if (background) {
      await this.#hold(program, words);
    } else {
      const { stdout, stderr } = await still(() => promisify(execFile)('sh', ['-c', command]));
      const own = `${stdout}${stderr}`.split('\n').slice(0, -1);
      return [...own, ...(await this.#lines(count - own.length))];
    }
    return this.#lines(count);
  }

  /** Starts `ip netns exec …`, and waits until it is inside. */
  async #hold(program: string, words: string[]): Promise<void> {
    const child = spawn(program, words, { stdio: 'ignore' });
    const exited = once(child, 'exit');
    this.#held = async () => {
      child.kill('SIGKILL');
      await exited;
    };
    this.#t.after(this.#held);
    const own = readlinkSync('/proc/self/ns/net');
    await waitFor(`${program} to enter`, () => readlinkSync(`/proc/${child.pid}/ns/net`) !== own);
  }

  async #lines(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) lines.push(await this.#running().next());
    return lines;
  }

  #running(): Example {
    assert.ok(this.#background);
    return this.#background;
  }
}

/** A program in TypeScript is started by what it is compiled to. */
function fileOf(name: string): string {
  const source = name.replace(/\.js$/, '.ts');
  return programs.some(({ file }) => file === `examples/${source}`) ? source : name;
}
