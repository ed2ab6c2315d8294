/** What the words of a command line give to a command. */
import { strict as assert } from 'node:assert';
import type { Given } from '../../../src/cli/args/given.ts';
import { parse } from '../../../src/cli/args/parse.ts';
import { NLINK } from '../../../src/cli/spec/index.ts';

/** @throws UsageError */
export function givenBy(...words: string[]): Given {
  const { command, ...given } = parse(words, NLINK);
  assert.ok(command);
  return { command, ...given };
}
