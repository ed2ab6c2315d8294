/**
 * Runs a program of examples/, its text unchanged: a copy of it beside packages `nlink` and
 * `nlink-fleet` that are the compiled sources of these tests, so that nothing has to be built for
 * it. One in TypeScript is checked and compiled by tsc as its user would.
 */
import '../support/sandbox.ts';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { standing } from '../support/sigstop.ts';
import { within } from '../support/wait.ts';

const examples = new URL('../../../examples/', import.meta.url);
const sources = new URL('../../src/index.js', import.meta.url);
const fleet = new URL('../../packages/fleet/src/index.js', import.meta.url);
const modules = new URL('../../../node_modules/', import.meta.url);

/**
 * What an example in TypeScript is compiled with: as strict as can be, and nothing of this
 * project's own settings.
 */
const COMPILER_OPTIONS = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: true,
};

/** A program that runs. */
export interface Example {
  /** Waits for its next line. */
  next: () => Promise<string>;
  /** Waits until it has ended by itself. @returns the lines that were left, and its exit status */
  ended: () => Promise<{ lines: string[]; status: number | null }>;
  /** Asks it to end, and waits until it has. @returns as `ended` */
  end: () => Promise<{ lines: string[]; status: number | null }>;
}

/** Starts it with these arguments; it ends with the test. @param file below examples/ */
export function startExample(t: TestContext, file: string, ...args: string[]): Example {
  const directory = mkdtempSync('/run/example-');
  const name = basename(file);
  copyFileSync(new URL(file, examples), `${directory}/${name}`);
  writeFileSync(`${directory}/package.json`, '{ "type": "module" }');
  install(directory, 'nlink', sources);
  install(directory, 'nlink-fleet', fleet);
  const program = name.endsWith('.ts') ? compile(directory, name) : name;
  const child = spawn(process.execPath, [`${directory}/${program}`, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  standing(child);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = async (): Promise<{ lines: string[]; status: number | null }> => {
    const [status] = await within(`the end of ${name}`, exited);
    const left: string[] = [];
    for await (const line of lines) left.push(line);
    return { lines: left, status };
  };
  return {
    async next() {
      const { value, done } = await within(`a line of ${name}`, lines.next());
      if (done === true) throw new Error(`${name} ended`);
      return value;
    },
    ended,
    end() {
      child.kill('SIGTERM');
      return ended();
    },
  };
}

function install(directory: string, name: string, main: URL): void {
  const home = `${directory}/node_modules/${name}`;
  mkdirSync(home, { recursive: true });
  writeFileSync(
    `${home}/package.json`,
    '{ "type": "module", "exports": { "types": "./index.d.ts", "default": "./index.js" } }',
  );
  writeFileSync(`${home}/index.js`, `export * from '${main.href}';\n`);
}

/** @returns the compiled program's name. @throws with what tsc has to say, if it says anything */
function compile(directory: string, name: string): string {
  const types = JSON.stringify(fileURLToPath(sources));
  writeFileSync(`${directory}/node_modules/nlink/index.d.ts`, `export * from ${types};\n`);
  symlinkSync(new URL('@types', modules), `${directory}/node_modules/@types`);
  writeFileSync(
    `${directory}/tsconfig.json`,
    JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files: [name] }),
  );
  const tsc = fileURLToPath(new URL('typescript/bin/tsc', modules));
  try {
    execFileSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${name}: ${stdout}${stderr}`, { cause: error });
  }
  return name.replace(/\.ts$/, '.js');
}
