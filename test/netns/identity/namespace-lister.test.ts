/** Network namespaces by listns(2), list after list, on a simulated kernel. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NamespaceLister } from '../../../src/netns/identity/namespace-lister.ts';
import { errno } from '../../../src/sys/errno.ts';
import { MOST_LISTED } from '../../../src/sys/namespace-list.ts';
import type { NamespaceListSystem } from '../../../src/sys/namespace-list.ts';
import { linux } from '../../../src/sys/system.ts';
import type { CPath, System } from '../../../src/sys/system.ts';
import { Random } from '../../support/random.ts';

const CLONE_NEWNET = 0x40000000;

/** A kernel with a list of namespaces. */
class Kernel implements NamespaceListSystem {
  ids: bigint[] = [];
  /** What each call gives in place of a list. */
  refusal = 0;
  /** How much room there was at each call. */
  readonly rooms: number[] = [];

  listNamespaces(type: number, after: bigint, into: BigUint64Array): number {
    assert.deepEqual([type, after], [CLONE_NEWNET, 0n]);
    assert(into.length <= MOST_LISTED);
    this.rooms.push(into.length);
    if (this.refusal < 0) return this.refusal;
    const listed = this.ids.slice(0, into.length);
    into.set(listed);
    return listed.length;
  }
}

interface Caller {
  user?: string;
  pid?: string;
  capabilities?: string;
}

/** Root of the machine, if nothing else is said. */
function systemFor({ user, pid, capabilities }: Caller = {}): System {
  const status = Buffer.from(`CapEff:\t${capabilities ?? '000001ffffffffff'}\n`);
  const links: Record<string, string> = {
    '/proc/thread-self/ns/user\0': user ?? 'user:[4026531837]',
    '/proc/thread-self/ns/pid\0': pid ?? 'pid:[4026531836]',
  };
  return {
    ...linux(),
    open: () => 3,
    close: () => 0,
    read: (_, buffer) => status.copy(buffer),
    readLink: (path: CPath) => Buffer.from(links[Buffer.from(path).toString()] ?? assert.fail()),
  };
}

function listerOn(kernel: Kernel): NamespaceLister {
  return NamespaceLister.open(kernel, systemFor()) ?? assert.fail('there is a list');
}

test('what has come and what has gone, from list to list', () => {
  const kernel = new Kernel();
  const lister = listerOn(kernel);
  // One is enough to ask whether there is a list.
  assert.deepEqual(kernel.rooms, [1]);
  const lists: [ids: bigint[], found: bigint[], gone: bigint[]][] = [
    [[7n, 12n, 15n], [7n, 12n, 15n], []],
    [[7n, 12n, 15n], [], []],
    [[7n, 12n, 15n, 16n], [16n], []],
    [[7n, 15n, 16n], [], [12n]],
    // As many, and others; one that only sockets held comes again.
    [
      [7n, 12n, 17n],
      [12n, 17n],
      [15n, 16n],
    ],
    [[], [], [7n, 12n, 17n]],
    [[3n], [3n], []],
    // Greater and less in the high word alone.
    [[(1n << 32n) + 2n, 2n << 32n], [(1n << 32n) + 2n, 2n << 32n], [3n]],
    [
      [(1n << 32n) + 1n, 2n << 32n, 0xffff_ffff_ffff_ffffn],
      [(1n << 32n) + 1n, 0xffff_ffff_ffff_ffffn],
      [(1n << 32n) + 2n],
    ],
  ];
  for (const [ids, found, gone] of lists) {
    kernel.ids = ids;
    assert.deepEqual(lister.update(), { found, gone });
  }
});

test('more than there is room for: listed anew with more room, which is kept', () => {
  const kernel = new Kernel();
  const lister = listerOn(kernel);
  const ids = Array.from({ length: 3000 }, (_, index) => BigInt(2 * index + 7));
  kernel.ids = ids;
  assert.deepEqual(lister.update(), { found: ids, gone: [] });
  assert.deepEqual(kernel.rooms.splice(0), [1, 512, 1024, 2048, 4096]);
  for (let more = 1; more <= 2; more++) {
    kernel.ids = [...ids, 9999n];
    assert.deepEqual(lister.update(), { found: more === 1 ? [9999n] : [], gone: [] });
  }
  kernel.ids = [];
  assert.equal(lister.update().gone.length, 3001);
  // Both lists have had to grow by then.
  kernel.rooms.length = 0;
  kernel.ids = ids;
  assert.equal(lister.update().found.length, 3000);
  assert.deepEqual(kernel.rooms, [4096]);
});

test('as many as fit exactly: it is asked whether there are more', () => {
  const kernel = new Kernel();
  const lister = listerOn(kernel);
  kernel.ids = Array.from({ length: 512 }, (_, index) => BigInt(index + 7));
  assert.equal(lister.update().found.length, 512);
  assert.deepEqual(kernel.rooms, [1, 512, 1024]);
});

test('at random: as two sets say', () => {
  const kernel = new Kernel();
  const lister = listerOn(kernel);
  const random = new Random(20261130);
  let before = new Set<bigint>();
  for (let round = 0; round < 200; round++) {
    const size = random.below(700);
    const after = new Set(
      Array.from({ length: size }, () => BigInt(random.below(1000)) << BigInt(random.below(40))),
    );
    kernel.ids = [...after].toSorted((a, b) => (a < b ? -1 : 1));
    const found = kernel.ids.filter((id) => !before.has(id));
    const gone = [...before].filter((id) => !after.has(id)).toSorted((a, b) => (a < b ? -1 : 1));
    assert.deepEqual(lister.update(), { found, gone });
    before = after;
  }
});

for (const code of ['ENOSYS', 'EPERM', 'EINVAL'] as const)
  test(`${code}: there is no list`, () => {
    const kernel = new Kernel();
    kernel.refusal = -errno[code];
    assert.equal(NamespaceLister.open(kernel, systemFor()), null);
    assert.deepEqual(kernel.rooms, [1]);
  });

const callers: [who: string, caller: Caller][] = [
  ['in a user namespace of his own', { user: 'user:[4026532000]' }],
  ['in a process namespace of his own', { pid: 'pid:[4026532001]' }],
  ['without CAP_SYS_ADMIN', { capabilities: '000001ffffdfffff' }],
];
for (const [who, caller] of callers)
  test(`${who}: not all would be listed, and it is not asked for`, () => {
    const kernel = new Kernel();
    assert.equal(NamespaceLister.open(kernel, systemFor(caller)), null);
    assert.deepEqual(kernel.rooms, []);
  });

test('refused later: an error, and the list before still counts', () => {
  const kernel = new Kernel();
  const lister = listerOn(kernel);
  kernel.ids = [7n, 8n];
  lister.update();
  kernel.refusal = -errno.ENOMEM;
  assert.throws(() => lister.update(), { code: 'ENOMEM', syscall: 'listns' });
  kernel.refusal = 0;
  kernel.ids = [7n, 9n];
  assert.deepEqual(lister.update(), { found: [9n], gone: [8n] });
});
