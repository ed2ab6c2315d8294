/** How a namespace is opened for a request: by its id where that is possible, else by its name. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import type { CPath, System } from '../../../src/sys/system.ts';
import { FREED, NamespaceOpener } from '../../../src/watch/unified/namespace-opener.ts';
import { identity, located } from './named-kernel.ts';

const BY_NAME = 7;
const BY_ID = 8;
const INITIAL = 'user:[4026531837]';

interface Machine {
  /** The user namespace that the caller is in. */
  user?: string;
  /** `CapEff` of the caller. */
  capabilities?: string;
  /** The namespace behind the name; null: there is no name. */
  behind?: number | null;
  /** What open_by_handle_at(2) gives. */
  byId?: number;
  /** What open(2) gives. */
  byName?: number;
}

/** A machine on which the name `a` was seen with namespace 10. */
function openerOn(machine: Machine): { open: () => number; calls: string[] } {
  const { user = INITIAL, capabilities = '000001ffffffffff', behind = 10, byId = BY_ID } = machine;
  const calls: string[] = [];
  const text = (path: CPath): string => Buffer.from(path).toString().replace(/\0.*$/s, '');
  const status = Buffer.from(`Name:\tnode\nCapEff:\t${capabilities}\n`);
  const system: Pick<System, 'open' | 'close' | 'read' | 'readLink' | 'openNamespace' | 'namespaceHandle'> = {
    open(path) {
      if (text(path).startsWith('/proc/')) return 3;
      calls.push('name');
      return machine.byName ?? (behind === null ? -errno.ENOENT : BY_NAME);
    },
    close: () => 0,
    read: (_, buffer) => status.copy(buffer),
    readLink: () => Buffer.from(user),
    openNamespace({ id, ino }) {
      assert.deepEqual([id, ino], [10n, Number(identity(10).ino)]);
      calls.push('id');
      return byId;
    },
    namespaceHandle(path, into) {
      assert.equal(text(path), `/proc/self/fd/${BY_NAME}`);
      into.id = BigInt(behind ?? 0);
      return 0;
    },
  };
  const opener = new NamespaceOpener({ ...linux(), ...system });
  return { open: () => opener.openById({ path: located('a').path, namespace: identity(10) }), calls };
}

const rows: [what: string, machine: Machine, opened: number, calls: string[], again: string[]][] = [
  ['by its id', {}, BY_ID, ['id'], ['id']],
  ['by its id, although its name leads elsewhere', { behind: 11 }, BY_ID, ['id'], ['id']],
  [
    'freed: no id, and the name is gone',
    { byId: FREED, behind: null },
    FREED,
    ['id', 'name'],
    ['id', 'name'],
  ],
  [
    'freed: no id, and the name leads elsewhere',
    { byId: FREED, behind: 11 },
    FREED,
    ['id', 'name'],
    ['id', 'name'],
  ],
  ['the kernel does not open by id', { byId: -errno.EBADF }, BY_NAME, ['id', 'name'], ['name']],
  ['somebody forbids it', { byId: -errno.EPERM, behind: null }, -errno.ENOENT, ['id', 'name'], ['name']],
  ['it is there, and hidden from the caller', { byId: FREED }, BY_NAME, ['id', 'name'], ['name']],
  ['no descriptor is left', { byId: -errno.EMFILE }, -errno.EMFILE, ['id'], ['id']],
  [
    'no descriptor is left for the name',
    { byId: FREED, byName: -errno.EMFILE },
    -errno.EMFILE,
    ['id', 'name'],
    ['id', 'name'],
  ],
  ['in another user namespace', { user: 'user:[4026532000]' }, BY_NAME, ['name'], ['name']],
  ['without CAP_SYS_ADMIN', { capabilities: '000001ffffdfffff' }, BY_NAME, ['name'], ['name']],
];

for (const [what, machine, opened, calls, again] of rows)
  test(what, () => {
    const opener = openerOn(machine);
    assert.equal(opener.open(), opened);
    assert.deepEqual(opener.calls.splice(0), calls);
    opener.open();
    assert.deepEqual(opener.calls, again, 'the second time');
  });
