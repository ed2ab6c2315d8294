/** Each system call of an attachment fails once, at every position: all or nothing. */
import { strict as assert } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createNamespace, deleteNamespace, isNamespace } from '../../../src/index.ts';
import { attach } from '../../../src/netns/names/attach.ts';
import type { NamespaceFile } from '../../../src/netns/names/target.ts';
import type { CheckedReference } from '../../../src/reference/reference.ts';
import { errno, errnoName } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { openDescriptors, openedSince } from '../../support/descriptors.ts';
import { failOnce, faulty } from '../../support/faults.ts';
import { netnsDirectory } from '../../support/netns.ts';
import { isOfOpenedLook, withoutHandles } from '../../support/old-kernels.ts';

const kernels = { 'this kernel': linux(), 'no file handles': withoutHandles(linux()) };
const mounts = (): string => readFileSync('/proc/self/mountinfo', 'utf8');

/** Calls without which it goes through all the same. */
const SPARE: ReadonlySet<keyof System> = new Set(['close', 'flock']);
/**
 * Looks, of which the next call may know better; of all others each failure is the attachment's.
 */
const LOOKS: ReadonlySet<keyof System> = new Set(['stat', 'namespaceHandle']);

/** The places that an attachment finds: each is made anew for each position. */
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

async function attempt(system: System, file: NamespaceFile, of: CheckedReference): Promise<string | null> {
  try {
    await attach(system, file, of);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

for (const [kernel, real] of Object.entries(kernels)) {
  for (const [what, place] of Object.entries(places)) {
    for (const [whose, meant] of Object.entries<CheckedReference>({
      process: { pid: process.pid },
      path: { path: '/proc/self/ns/net' },
    })) {
      for (const number of [errno.EIO, errno.ENOMEM, errno.EPERM]) {
        test(`${kernel}: ${what}, of a ${whose}: each call fails once with ${errnoName(number)}`, async () => {
          const reference = faulty(real, () => undefined);
          assert.equal(await attempt(reference.system, await place(), meant), null);
          const { calls } = reference;
          assert.ok(calls.includes('mount') && calls.length > 8, calls.join());
          for (const [index, call] of calls.entries()) {
            const which = `${call}, call ${index + 1}`;
            const file = await place();
            const before = { open: openDescriptors(), mounts: mounts() };
            const outcome = await attempt(faulty(real, failOnce(index + 1, -number)).system, file, meant);

            if (SPARE.has(call)) assert.equal(outcome, null, which);
            else if (!LOOKS.has(call) && !isOfOpenedLook(calls, index))
              assert.equal(outcome, errnoName(number), which);
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
}
