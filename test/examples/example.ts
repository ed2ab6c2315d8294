/**
 * Runs a program of examples/, its text unchanged: a copy of it beside a package `nlink` that is the compiled sources of these
 * tests, so that nothing has to be built for it.
 */
import '../support/sandbox.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { within } from '../support/wait.ts';

const examples = new URL('../../../examples/', import.meta.url);
const sources = new URL('../../src/index.js', import.meta.url);

/** A program that runs. */
interface Example {
  /** Waits for its next line. */
  next: () => Promise<string>;
  /** Asks it to end, and waits until it has. @returns the lines that were left, and its exit status */
  end: () => Promise<{ lines: string[]; status: number | null }>;
}

/** Starts it with these arguments; it ends with the test. */
export function startExample(t: TestContext, name: string, ...args: string[]): Example {
  const directory = mkdtempSync('/run/example-');
  copyFileSync(new URL(name, examples), `${directory}/${name}`);
  writeFileSync(`${directory}/package.json`, '{ "type": "module" }');
  mkdirSync(`${directory}/node_modules/nlink`, { recursive: true });
  writeFileSync(
    `${directory}/node_modules/nlink/package.json`,
    '{ "type": "module", "exports": "./index.js" }',
  );
  writeFileSync(`${directory}/node_modules/nlink/index.js`, `export * from '${sources.href}';\n`);
  const child = spawn(process.execPath, [`${directory}/${name}`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async next() {
      const { value, done } = await within(`a line of ${name}`, lines.next());
      if (done === true) throw new Error(`${name} ended`);
      return value;
    },
    async end() {
      child.kill('SIGTERM');
      const [status] = await within(`the end of ${name}`, exited);
      const left: string[] = [];
      for await (const line of lines) left.push(line);
      return { lines: left, status };
    },
  };
}
