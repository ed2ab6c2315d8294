/** Numbers in the scratch table, on the real kernel: one for each namespace, whoever asks. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { NETLINK_ROUTE } from '../../../src/netlink/index.ts';
import { openSockets } from '../../../src/netlink/raw-socket.ts';
import { Observer } from '../../../src/netns/identity/observe.ts';
import { cPath } from '../../../src/reference/names.ts';
import { littleEndian } from '../../../src/sys/endian.ts';
import { errno } from '../../../src/sys/errno.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import type { NetlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import type { NamedNamespace } from '../../../src/watch/unified/namespace-target.ts';
import { DEAD } from '../../../src/watch/unified/namespace-record.ts';
import { ScratchTable } from '../../../src/watch/unified/scratch-table.ts';
import { checkUnifiedOptions } from '../../../src/watch/unified/unified-options.ts';
import { addAlias, addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { knowsTheDead, withoutUnheld } from '../../support/old-kernels.ts';
import { waitFor } from '../../support/wait.ts';
import { reportedElsewhere } from './reported-elsewhere.ts';
import { smallBuffer } from './small-buffer.ts';

async function open(t: TestContext, system: NetlinkSystem = netlinkSystem()): Promise<ScratchTable> {
  const table = await ScratchTable.open({ system, clock: systemClock }, checkUnifiedOptions({}), () => {});
  t.after(() => table.close());
  return table;
}

/** What stands behind a path now. */
function targetAt(path: string): NamedNamespace {
  const seen = new Observer(netlinkSystem()).observe(cPath(path), true);
  assert(seen.kind === 'namespace');
  return { path, namespace: seen.namespace };
}

test('two names of one namespace: the same number, at once and later', async (t) => {
  const table = await open(t);
  const directory = netnsDirectory();
  const [a, b, c] = [`${directory}/a`, `${directory}/b`, `${directory}/c`] as const;
  addNamespace(a);
  addAlias(a, b);
  addNamespace(c);
  const targets = [a, b, c].map(targetAt);
  const [first, second, third] = await table.number(targets);
  assert(typeof first === 'number' && first >= 1_000_000);
  assert.equal(second, first);
  assert.notEqual(third, first);
  assert.deepEqual(await table.number(targets), [first, first, third]);
  assert.deepEqual(await Promise.all([table.isAlive(first), table.isAlive(third as number)]), [true, true]);
  deleteNamespace(a);
  assert.equal(await table.isAlive(first), true);
  deleteNamespace(b);
  assert.equal(await table.isAlive(first), false);
  await waitFor('its death', () => table.next() === first);
  table.shift();
  assert.equal(table.next(), undefined);
});

// Fails if each namespace that is seen again costs memory for ever.
test('numbers that nobody has got are not kept', async (t) => {
  const table = await open(t);
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  const targets = [targetAt(path)];
  const [number] = await table.number(targets);
  assert.deepEqual(await table.number(targets), [number]);
  assert.deepEqual(await table.numberProcesses([2 ** 31 - 1]), [null]);
  assert.deepEqual([...table.engine.known], [number]);
});

test('freed before it was numbered: known to be dead where the kernel opens by id', async (t) => {
  const path = `${netnsDirectory()}/a`;
  addNamespace(path);
  const target = targetAt(path);
  deleteNamespace(path);
  const real = netlinkSystem();
  assert.deepEqual(await (await open(t)).number([target]), [knowsTheDead(real) ? DEAD : null]);
  const old = await open(t, { ...real, openNamespace: () => -errno.EBADF });
  assert.deepEqual(await old.number([target]), [null]);
  addNamespace(path);
  assert.deepEqual(await old.number([target]), [null], 'another namespace has no number by that name');
});

// Fails if a namespace that does not open by its id counts as freed: since Linux 6.19 one that lives
// may not either.
for (const kernel of ['this kernel', 'one that opens only what is held by more than sockets'] as const)
  test(`only a socket holds it when it is to be numbered: never dead (${kernel})`, async (t) => {
    const directory = netnsDirectory();
    const path = `${directory}/a`;
    const real = netlinkSystem();
    const isReal = kernel === 'this kernel';
    const table = await open(t, isReal ? real : withoutUnheld(real, directory));
    addNamespace(path);
    const target = targetAt(path);
    const [socket] = openSockets(real, NETLINK_ROUTE, { namespace: { path } }, 1);
    deleteNamespace(path);
    const [number] = await table.number([target]);
    if (isReal && knowsTheDead(real)) assert(typeof number === 'number' && number !== DEAD);
    else assert.equal(number, null);
    assert.equal(table.canNumberLater, isReal && knowsTheDead(real));
    // One whose name is there is numbered, and its death is told.
    addNamespace(path);
    const [other] = await table.number([targetAt(path)]);
    assert(typeof other === 'number' && other !== DEAD);
    assert.equal(table.canNumberLater, isReal && knowsTheDead(real));
    deleteNamespace(path);
    await waitFor('its death', () => table.next() === other);
    socket?.close();
  });

test('one descriptor is left: one after the other; none: tried again later', async (t) => {
  const directory = netnsDirectory();
  const paths = ['a', 'b', 'c'].map((name) => `${directory}/${name}`);
  for (const path of paths) addNamespace(path);
  const targets = paths.map(targetAt);
  const real = netlinkSystem();
  const state = { free: 1 };
  const take = (result: number): number => {
    if (result >= 0) state.free--;
    return result;
  };
  const table = await open(t, {
    ...real,
    openNamespace: (handle) => (state.free > 0 ? take(real.openNamespace(handle)) : -errno.EMFILE),
    // By their names on a kernel that does not open by id; each look at one opens /proc, too.
    open: (path, flags, mode) =>
      state.free > 0 || !Buffer.from(path).toString().startsWith(directory)
        ? real.open(path, flags, mode)
        : -errno.EMFILE,
    close(fd) {
      state.free++;
      return real.close(fd);
    },
  });
  state.free = 1;
  const numbers = await table.number(targets);
  assert.equal(new Set(numbers).size, 3);
  assert(numbers.every((number) => typeof number === 'number'));
  assert.equal(table.retry.pending, false);
  state.free = 0;
  assert.deepEqual(await table.number(targets.slice(0, 1)), [null]);
  assert.equal(table.retry.pending, true);
  state.free = 1;
});

/** Numbers forty namespaces, which die before the table reads on: more than its buffer holds. */
async function lose(t: TestContext, table: ScratchTable, directory: string): Promise<void> {
  const paths = Array.from({ length: 40 }, (_, index) => `${directory}/n${index}`);
  for (const path of paths) addNamespace(path);
  const numbers = await table.number(paths.map(targetAt));
  const freed = reportedElsewhere(t, paths);
  for (const path of paths) deleteNamespace(path);
  let left = numbers.length;
  await waitFor('the end of all', () => (left -= freed()) === 0);
}

/** Takes the deaths that are there. */
function take(table: ScratchTable, onDeath: (number: number) => unknown): void {
  for (let number = table.next(); number !== undefined; number = table.next()) {
    table.shift();
    onDeath(number);
  }
}

// Fails if what is not in the list counts as dead, although it is younger.
test('numbered while a loss is made up for: alive', async (t) => {
  const small = smallBuffer().system;
  const state = { isLate: false };
  const table = await open(t, {
    ...small,
    // An answer of the listing comes late, so that the event loop goes on.
    receive(fd, into) {
      if (!state.isLate) return small.receive(fd, into);
      state.isLate = false;
      return -errno.EAGAIN;
    },
  });
  const directory = netnsDirectory();
  const [listing, telling] = [`${directory}/listing`, `${directory}/telling`] as const;
  addNamespace(listing);
  addNamespace(telling);
  await lose(t, table, directory);
  state.isLate = true;
  assert.equal(table.next(), undefined);
  assert.deepEqual([table.busy, state.isLate], [true, false]);
  const living = await table.number([targetAt(listing)]);
  const dead: number[] = [];
  await waitFor('the end of the loss', () => {
    take(table, (number) => {
      if (dead.push(number) === 1) living.push(...(table.number([targetAt(telling)]) as number[]));
    });
    return table.takeLoss();
  });
  assert.equal(dead.length, 40);
  assert.equal(living.length, 2);
  assert(!living.includes(null) && !living.some((number) => dead.includes(number as number)));
  for (const path of [listing, telling]) deleteNamespace(path);
  const ends: (number | null)[] = [];
  await waitFor('the end of both', () => {
    take(table, (number) => ends.push(number));
    return ends.length === 2;
  });
  assert.deepEqual(new Set(ends), new Set(living));
});

// Fails if a number that was refused is taken for none that could be had.
for (const [why, number] of [
  ['memory is short', errno.ENOMEM],
  ['the privilege was given up', errno.EPERM],
] as const)
  test(`${why} when a number is given: ${number === errno.EPERM ? 'the end of it' : 'tried again later'}`, async (t) => {
    const path = `${netnsDirectory()}/a`;
    addNamespace(path);
    const real = netlinkSystem();
    const state = { refuses: false };
    const table = await open(t, {
      ...real,
      receive(fd, into) {
        const length = real.receive(fd, into);
        // The number of the error, after struct nlmsghdr.
        if (state.refuses && length > 0) new DataView(into.buffer).setInt32(16, -number, littleEndian);
        return length;
      },
    });
    state.refuses = true;
    assert.deepEqual(await table.number([targetAt(path)]), [null]);
    state.refuses = false;
    assert.equal(table.retry.pending, true);
    if (number === errno.ENOMEM) assert.equal(table.next(), undefined);
    else assert.throws(() => table.next(), { code: 'EPERM', syscall: 'RTM_NEWNSID' });
  });
