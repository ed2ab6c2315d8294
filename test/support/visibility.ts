/**
 * Whether this process sees all mount namespaces of the machine, as it does not in a container or
 * as an ordinary user: then a stale file may be somebody's name, and is left alone.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { procfsAt } from '../../src/netns/processes/procfs.ts';

/** CAP_SYS_PTRACE and CAP_SYS_ADMIN. */
const NEEDED = (1n << 19n) | (1n << 21n);
const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];

/** Whether this is root of a user namespace: an ordinary user in the sandbox, or a rootless container. */
const isNested = readlinkSync('/proc/self/ns/user') !== 'user:[4026531837]';

export const seesMachine: boolean =
  procfsAt('/proc').initial === true && (BigInt(`0x${capabilities ?? '0'}`) & NEEDED) === NEEDED && !isNested;

/**
 * Declares a test that takes the machine's root. An ordinary user's run leaves it to root's: `.ci/run`
 * does both. Root that does not see the machine skips it, so that it is missed.
 */
export function rootTest(name: string, body: (t: TestContext) => Promise<void> | void): void {
  if (isNested) return;
  void test(name, { skip: seesMachine ? false : 'takes root of the machine, all of which it sees' }, body);
}
