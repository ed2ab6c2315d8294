/**
 * Each system call of a creation fails once, at every position: all or nothing, and the thread
 * comes back.
 */
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { createNamespace, deleteNamespace, isNamespace } from '../../../src/index.ts';
import { create } from '../../../src/netns/names/create.ts';
import type { NamespaceFile } from '../../../src/netns/names/target.ts';
import { check, errno } from '../../../src/sys/errno.ts';
import { CLONE_NEWNET } from '../../../src/sys/flags.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { openDescriptors, openedSince } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import { netnsDirectory } from '../../support/netns.ts';
import { isOfOpenedLook, withoutHandles } from '../../support/old-kernels.ts';

const real = linux();
const kernels = { 'this kernel': real, 'no file handles': withoutHandles(real) };
const ownNamespace = readlinkSync('/proc/thread-self/ns/net');
const own = check(real.open(Buffer.from('/proc/thread-self/ns/net\0'), 0), 'open');

/**
 * In place of the end of the process: brings the thread back in truth, so that the test can go on.
 */
function abort(): never {
  check(real.setns(own, CLONE_NEWNET), 'setns');
  throw Object.assign(new Error('aborted'), { code: 'aborted' });
}

const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

/**
 * What a creation comes to when this call of it fails. `nth`: which one of this name, from the end.
 */
function expectedOutcome(call: keyof System, nth: number, number: number): string | null {
  switch (call) {
    case 'close':
    case 'flock':
    case 'namespaceHandle':
      return null;
    case 'stat':
      // The first look at /proc, then the one at the new namespace: the link, and what it leads to.
      if (nth === 2 || (nth === 1 && number === errno.ENOMEM)) return errnoCode(number);
      return 'ERR_NLINK_UNSUPPORTED_KERNEL';
    case 'setns':
      if (nth > 1) return number === errno.EPERM ? 'ERR_NLINK_NO_RETURN' : errnoCode(number);
      return number === errno.ENOMEM ? null : 'aborted';
    default:
      return errnoCode(number);
  }
}

const errnoCode = (number: number): string =>
  Object.entries(errno).find(([, value]) => value === number)?.[0] ?? '';

async function attempt(system: System, file: NamespaceFile): Promise<string | null> {
  try {
    await create(system, file, abort);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** The places that a creation finds: each is made anew for each position. */
const places: Record<string, () => Promise<NamespaceFile>> = {
  'a directory that is missing': async () => {
    const directory = `${netnsDirectory()}/new`;
    return { path: `${directory}/a`, directory };
  },
  'a directory that is shared': async () => {
    const directory = netnsDirectory();
    await createNamespace('first', { directory });
    return { path: `${directory}/a`, directory };
  },
  'a path': async () => ({ path: `${netnsDirectory()}/a`, directory: null }),
};

for (const [kernel, base] of Object.entries(kernels)) {
  for (const [what, place] of Object.entries(places)) {
    for (const number of [errno.EIO, errno.ENOMEM, errno.EPERM]) {
      test(`${kernel}: ${what}: each call fails once with ${errnoCode(number)}`, async () => {
        const reference = faulty(base, () => undefined);
        assert.equal(await attempt(reference.system, await place()), null);
        const { calls } = reference;
        assert.ok(calls.includes('unshare') && calls.length > 10);
        for (const [index, call] of calls.entries()) {
          const which = `${call}, call ${index + 1}`;
          const file = await place();
          const before = { open: openDescriptors(), mounts: mounts() };
          const { system } = faulty(base, failOnce(index + 1, -number));
          const outcome = await attempt(system, file);

          const nth = calls.filter(
            (other, at) => at >= index && other === call && !isOfOpenedLook(calls, at),
          ).length;
          const expected = isOfOpenedLook(calls, index) ? null : expectedOutcome(call, nth, number);
          assert.equal(outcome, expected, which);
          assert.equal(readlinkSync('/proc/thread-self/ns/net'), ownNamespace, which);
          if (outcome === 'aborted') continue;
          assert.deepEqual(openedSince(before.open), [], which);
          if (outcome === null) {
            assert.equal(await isNamespace({ path: file.path }), true, which);
            await deleteNamespace({ path: file.path });
          } else {
            assert.equal(existsSync(file.path), false, which);
            assert.equal(mounts(), before.mounts, which);
          }
        }
      });
    }
  }
}
