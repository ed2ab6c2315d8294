/** All that a command has to say, at once. */
import type { Writable } from 'node:stream';
import { Output } from '../../core.ts';

/** @returns the exit status. @throws Error with the `code` of write(2), but not of a closed pipe */
export async function print(text: string, { stdout }: { stdout: Writable }): Promise<0> {
  await new Output(stdout, () => {}).write(text);
  return 0;
}
