/**
 * A program that answers each line of its input with a line of JSON, starting with one of its own
 * accord.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { within } from './wait.ts';

export interface Conversation {
  /** Sends a line and waits for the answer. */
  ask(line: string): Promise<unknown>;
}

/** Waits for its first answer, and ends it with the test. */
export async function converse(t: TestContext, child: ChildProcessWithoutNullStreams): Promise<Conversation> {
  child.stderr.pipe(process.stderr);
  const exited = once(child, 'exit');
  t.after(async () => {
    child.stdin.end();
    await within('the end of the child', exited);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await within('an answer of the child', lines.next());
    if (done === true) throw new Error('the child ended without an answer');
    return JSON.parse(value);
  };
  await answer();
  return {
    ask(line) {
      child.stdin.write(`${line}\n`);
      return answer();
    },
  };
}
