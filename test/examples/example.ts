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

/** Starts it; it ends with the test. @returns what waits for its next line */
export function startExample(t: TestContext, name: string): () => Promise<string> {
  const directory = mkdtempSync('/run/example-');
  copyFileSync(new URL(name, examples), `${directory}/${name}`);
  writeFileSync(`${directory}/package.json`, '{ "type": "module" }');
  mkdirSync(`${directory}/node_modules/nlink`, { recursive: true });
  writeFileSync(
    `${directory}/node_modules/nlink/package.json`,
    '{ "type": "module", "exports": "./index.js" }',
  );
  writeFileSync(`${directory}/node_modules/nlink/index.js`, `export * from '${sources.href}';\n`);
  const child = spawn(process.execPath, [`${directory}/${name}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await within(`a line of ${name}`, lines.next());
    if (done === true) throw new Error(`${name} ended`);
    return value;
  };
}
