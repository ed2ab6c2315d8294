/**
 * How a namespace is opened for a request: by its id where that is possible, else by its name; and
 * whether it is known to have been freed when neither leads to it.
 */
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
  /** What that gives of a namespace that nothing but a socket holds, each time; default: it opens. */
  unheld?: number[];
  /** What says the handle of that one. */
  unheldHandle?: number;
}

const UNHELD = 99n;
const STALE = -errno.ESTALE;

/** A machine on which the name `a` was seen with namespace 10. */
function openerOn(machine: Machine): {
  system: System;
  opener: NamespaceOpener;
  open: () => number;
  calls: string[];
} {
  const { user = INITIAL, capabilities = '000001ffffffffff', behind = 10, byId = BY_ID } = machine;
  const calls: string[] = [];
  const unheld = [...(machine.unheld ?? [])];
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
      if (id === UNHELD) {
        calls.push('unheld');
        return unheld.length > 1 ? (unheld.shift() as number) : (unheld[0] ?? 9);
      }
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
  const whole = { ...linux(), ...system };
  const opener = new NamespaceOpener(whole, {
    namespaceHandle(into) {
      calls.push('handle');
      into.id = UNHELD;
      return machine.unheldHandle ?? 0;
    },
  });
  const open = (): number => opener.openById({ path: located('a').path, namespace: identity(10) });
  return { system: whole, opener, open, calls };
}

const rows: [what: string, machine: Machine, opened: number, calls: string[], again: string[]][] = [
  ['by its id', {}, BY_ID, ['id'], ['id']],
  ['by its id, although its name leads elsewhere', { behind: 11 }, BY_ID, ['id'], ['id']],
  [
    'freed: no id, and the name is gone',
    { byId: STALE, behind: null },
    FREED,
    ['id', 'name', 'handle', 'unheld'],
    ['id', 'name', 'unheld'],
  ],
  [
    'freed: no id, and the name leads elsewhere',
    { byId: STALE, behind: 11 },
    FREED,
    ['id', 'name', 'handle', 'unheld'],
    ['id', 'name', 'unheld'],
  ],
  [
    'a kernel that does not open what nothing but sockets holds: unknown, and not asked again',
    { byId: STALE, behind: null, unheld: [STALE] },
    -errno.ENOENT,
    ['id', 'name', 'handle', 'unheld'],
    ['id', 'name'],
  ],
  [
    'somebody held that one for a moment: unknown from then on',
    { byId: STALE, behind: null, unheld: [9, STALE] },
    FREED,
    ['id', 'name', 'handle', 'unheld'],
    ['id', 'name', 'unheld'],
  ],
  [
    'no descriptor is left to find out: found out later',
    { byId: STALE, behind: null, unheld: [-errno.EMFILE, 9] },
    -errno.EMFILE,
    ['id', 'name', 'handle', 'unheld'],
    ['id', 'name', 'unheld'],
  ],
  [
    'no descriptor is left for its handle: found out later',
    { byId: STALE, behind: null, unheldHandle: -errno.ENFILE },
    -errno.ENFILE,
    ['id', 'name', 'handle'],
    ['id', 'name', 'handle'],
  ],
  [
    'it has no handle: unknown',
    { byId: STALE, behind: null, unheldHandle: -errno.EPERM },
    -errno.ENOENT,
    ['id', 'name', 'handle'],
    ['id', 'name'],
  ],
  ['the kernel does not open by id', { byId: -errno.EBADF }, BY_NAME, ['id', 'name'], ['name']],
  ['somebody forbids it', { byId: -errno.EPERM, behind: null }, -errno.ENOENT, ['id', 'name'], ['name']],
  ['it is there, and hidden from the caller', { byId: STALE }, BY_NAME, ['id', 'name'], ['name']],
  ['no descriptor is left', { byId: -errno.EMFILE }, -errno.EMFILE, ['id'], ['id']],
  [
    'no descriptor is left for the name',
    { byId: STALE, byName: -errno.EMFILE },
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

test('none is known to live: nothing is known of what does not open', () => {
  const system = openerOn({ byId: STALE, behind: null }).system;
  const opener = new NamespaceOpener(system);
  assert.equal(opener.openById({ path: located('a').path, namespace: identity(10) }), -errno.ENOENT);
  assert.equal(opener.opensById, false);
});

// Fails if a name is told before its namespace is numbered, and might then be numbered no more.
const waits: [what: string, machine: Machine, opensById: boolean][] = [
  ['by its id, and what nothing but sockets holds as well', {}, true],
  ['by its id, but not what nothing but sockets holds', { unheld: [STALE] }, false],
  [
    'by its id; nobody knows of what sockets hold, for want of descriptors',
    { unheld: [-errno.EMFILE] },
    false,
  ],
  ['by its name', { byId: -errno.EBADF }, false],
];
for (const [what, machine, opensById] of waits)
  test(`opened ${what}: ${opensById ? 'can' : 'cannot'} be numbered later`, () => {
    const { opener, open, calls } = openerOn(machine);
    assert.equal(opener.opensById, false, 'before anything was opened');
    assert.deepEqual(calls, []);
    assert(open() >= 0);
    assert.equal(opener.opensById, opensById);
    calls.splice(0);
    assert.equal(opener.opensById, opensById);
    if (machine.unheld?.[0] !== -errno.EMFILE) assert.deepEqual(calls, [], 'it is known by then');
  });
