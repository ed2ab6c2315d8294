/**
 * Each system call of the functions that list, identify and delete fails once with each error that
 * it documents: what they say is right all the same, or the error says which call it was; nothing
 * stays open. The same of createNamespace: create-faults.live.test.ts.
 */
import { strict as assert } from 'node:assert';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { remove } from '../../../src/netns/names/delete.ts';
import { identifyIn } from '../../../src/netns/names/identify.ts';
import { listDirectory } from '../../../src/netns/names/list.ts';
import { Observer } from '../../../src/netns/identity/observe.ts';
import { findPids } from '../../../src/netns/processes/pids.ts';
import { errno } from '../../../src/sys/errno.ts';
import type { SystemError } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import type { System } from '../../../src/sys/system.ts';
import { isLie, SHORTAGES } from '../../support/documented.ts';
import { assertTyped, describeFault, faultsOf, Injection } from '../../support/injection.ts';
import { addAlias, addNamespace, netnsDirectory } from '../../support/netns.ts';

const directory = netnsDirectory();
addAlias('/proc/self/ns/net', `${directory}/own`);
addNamespace(`${directory}/other`);
writeFileSync(`${directory}/file`, '');
symlinkSync('other', `${directory}/link`);

/** What is asked, as something that can be compared. */
const QUESTIONS: Record<string, (system: System) => Promise<unknown>> = {
  list: async (system) =>
    listDirectory(system, new Observer(system), directory, true)
      ?.map(({ name, found }) => `${name} ${found.kind === 'namespace' ? found.namespace.ino : found.reason}`)
      .sort(),
  identify: async (system) => {
    const { names, namespace } = await identifyIn(system, { pid: process.pid }, [directory]);
    return [names.map(({ name }) => name), namespace.ino];
  },
  'the processes in a namespace': async (system) => findPids(system, { path: `${directory}/other` }, false),
};

/**
 * Processes that stay as long as this one: how many calls there are does not depend on what else
 * the machine does.
 */
const LASTING = ['1', String(process.ppid), String(process.pid)];

function withLastingProcesses(real: NetlinkSystem): NetlinkSystem {
  return {
    ...real,
    readDirectory: (path) =>
      Buffer.from(path).toString() === '/proc\0'
        ? LASTING.map((name) => Buffer.from(name))
        : real.readDirectory(path),
  };
}

/** Before Linux 6.18 a look opens the file. */
const kernels = {
  new: () => withLastingProcesses(netlinkSystem()),
  old: () => ({ ...withLastingProcesses(netlinkSystem()), namespaceHandle: () => -errno.EOPNOTSUPP }),
};

for (const [kernel, system] of Object.entries(kernels)) {
  for (const [name, ask] of Object.entries(QUESTIONS)) {
    test(`${name}, ${kernel} kernel: each call fails once with each error it documents`, async () => {
      const injection = new Injection(system());
      injection.arm(null);
      const answer = await ask(injection.system);
      const faults = faultsOf(injection.counts, 'all');
      assert(faults.length > 20);
      for (const fault of faults) {
        const what = describeFault(fault);
        injection.arm(fault);
        try {
          const got = await ask(injection.system);
          // Nobody can know better than to believe that something is not there, or that a link
          // leads to what cannot be looked at.
          const believed =
            isLie(fault.call, fault.code) || (fault.call === 'stat' && !SHORTAGES.has(fault.code));
          if (!believed && name !== 'the processes in a namespace') assert.deepEqual(got, answer, what);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assertTyped(error, fault, what);
        }
        assert(injection.struck, what);
        injection.assertClosed(what);
      }
    });
  }
}

test('delete: each call fails once; what is left can be deleted', async () => {
  const path = `${directory}/doomed`;
  const injection = new Injection();
  addNamespace(path);
  injection.arm(null);
  await remove(injection.system, { path, directory }, null);
  const faults = faultsOf(injection.counts, 'all');
  assert(faults.length > 10);
  for (const fault of faults) {
    const what = describeFault(fault);
    addNamespace(path);
    injection.arm(fault);
    const error: unknown = await remove(injection.system, { path, directory }, null).catch(
      (caught: unknown) => caught,
    );
    const absent =
      ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(fault.code) &&
      (error as SystemError | undefined)?.code === 'ENOENT';
    if (error !== undefined && !absent) assertTyped(error, fault, what);
    injection.assertClosed(what);
    assert.equal(existsSync(path), error !== undefined, what);
    if (error !== undefined) await remove(netlinkSystem(), { path, directory }, null);
  }
});
