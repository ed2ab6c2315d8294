/** The real program as a process of its own, and what it prints, line by line. */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { standing } from '../../support/sigstop.ts';
import { within } from '../../support/wait.ts';

/** The command, a module a file. */
export const compiled: string = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

/**
 * The command that is tested: NLINK_TEST_COMMAND is the absolute path of another one,
 * dist/cli/main.cjs as it is published.
 */
export const main: string = process.env['NLINK_TEST_COMMAND'] ?? compiled;

/** As much of a child process as is used here. */
interface Child extends EventEmitter {
  stdout: Readable;
  stderr: Readable;
  readonly pid?: number | undefined;
  kill: (signal: NodeJS.Signals) => boolean;
}

/** Reads a stream line by line. */
class Lines {
  readonly #lines: AsyncIterator<string>;

  constructor(stream: Readable) {
    const lines: Interface = createInterface({ input: stream });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** The next line; fails at the end of the stream. */
  async next(): Promise<string> {
    const { value, done } = await within('a line', this.#lines.next());
    assert.ok(done !== true, 'no more lines');
    return value;
  }

  async nextJson(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.next()) as Record<string, unknown>;
  }

  /** All that is left. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const { value, done } = await within('the end of the lines', this.#lines.next());
      if (done === true) return lines;
      lines.push(value);
    }
  }
}

export interface Program {
  child: Child;
  stdout: Lines;
  stderr: Lines;
  /** Its exit status, or the signal that killed it. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Starts `nlink watch`. It is dead at the end of the test. */
export const startWatch = (t: TestContext, ...words: string[]): Program => start(t, 'watch', ...words);

/** Starts `nlink`. It is dead at the end of the test. */
export const start = (t: TestContext, ...words: string[]): Program => startProgram(t, main, ...words);

/** Starts a script by Node. It is dead at the end of the test. */
export function startProgram(t: TestContext, script: string, ...words: string[]): Program {
  return programOf(t, spawn(process.execPath, [script, ...words], { stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** What a program that ends by itself had to say. */
export interface Outcome {
  status: number | NodeJS.Signals;
  stdout: string[];
  stderr: string[];
}

/** Runs `nlink` to its end. */
export const outcomeOf = async ({ stdout, stderr, ended }: Program): Promise<Outcome> => {
  const [out, err, status] = await Promise.all([stdout.rest(), stderr.rest(), within('the end', ended)]);
  return { status, stdout: out, stderr: err };
};

/** A child that was started otherwise, with its lines. */
export function programOf(t: TestContext, child: Child): Program {
  standing(child);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ended = exited.then(([status, signal]) => status ?? (signal as NodeJS.Signals));
  return { child, stdout: new Lines(child.stdout), stderr: new Lines(child.stderr), ended };
}
