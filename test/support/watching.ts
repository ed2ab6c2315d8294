/**
 * A watcher in a process of its own (test/watch/fixtures/watch.ts and subscribe.ts): with other
 * privileges, in other namespaces, under other limits than the test.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { standing } from './sigstop.ts';
import { within } from './wait.ts';

/** The program: its argument is a watcher's options, as JSON. */
export const watchProgram: string = fileURLToPath(new URL('../watch/fixtures/watch.js', import.meta.url));

/** The same for a subscriber's. */
export const subscribeProgram: string = fileURLToPath(
  new URL('../watch/fixtures/subscribe.js', import.meta.url),
);
/** The same for a `UnifiedNamespaceWatcher`. */
export const watchUnifiedProgram: string = fileURLToPath(
  new URL('../watch/fixtures/watch-unified.js', import.meta.url),
);
/** The same; `open` says whether deaths are watched, and why not. */
export const watchDeathsProgram: string = fileURLToPath(
  new URL('../watch/fixtures/watch-deaths.js', import.meta.url),
);

/** One that goes from namespace to namespace (test/watch/fixtures/mover.ts). */
export const moverProgram: string = fileURLToPath(new URL('../watch/fixtures/mover.js', import.meta.url));

/** What they print; numbers of 64 bits are strings. */
export interface Line {
  type: string;
  name?: string;
  ready?: boolean;
  reason?: string;
  alive?: boolean | null;
  names?: Line[];
  namespace?: { id: string | null; ino: string } | null;
  namespaces?: Line[];
  nsid?: number;
  number?: number | null;
  pids?: number[];
  loOnly?: boolean | null;
  origin?: number;
  nsids?: number[];
  code?: string;
  syscall?: string;
  path?: string;
  message?: string;
}

/** Reads what the program prints, line by line, and ends it with the test. */
export function follow(t: TestContext, child: ChildProcessWithoutNullStreams): () => Promise<Line> {
  standing(child);
  child.stderr.pipe(process.stderr);
  const exited = once(child, 'exit');
  t.after(async () => {
    child.stdin.end();
    await within('the end of the watching program', exited);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async () => {
    const { value, done } = await within('a line of the watching program', lines.next());
    if (done === true) throw new Error('the watching program ended without a word');
    return JSON.parse(value) as Line;
  };
}
