/**
 * A host for the live tests of ids: none is assigned, so that what is printed can be told word for
 * word.
 */
import type { TestContext } from 'node:test';
import { freshRun, ip } from '../../support/netns.ts';
import { waitFor } from '../../support/wait.ts';

/** These names and no ids: those of the test before go with their namespaces, a moment later. */
export async function freshHost(t: TestContext, ...names: string[]): Promise<void> {
  freshRun(t);
  await waitFor('the end of all ids', () => ip('netns', 'list-id') === '');
  for (const name of names) ip('netns', 'add', name);
}
