/**
 * Listing all ids where the kernel's dump cannot be relied on: over a socket whose kernel is the
 * test.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { RTM_GETNSID } from '../../src/netlink/constants.ts';
import { areAssigned, listNsids } from '../../src/netlink/nsid-listing.ts';
import { Requester } from '../../src/netlink/requester.ts';
import { errno } from '../../src/sys/errno.ts';
import { within } from '../support/wait.ts';
import { ScriptedKernel } from './scripted-kernel.ts';
import type { DumpScript } from './scripted-kernel.ts';

/** 0 to `end`, without `end`. */
const range = (end: number, start = 0): number[] =>
  Array.from({ length: end - start }, (_, index) => start + index);
const plain = (nsids: readonly number[]): { nsid: number; current: number }[] =>
  nsids.map((nsid) => ({ nsid, current: nsid }));

/** What a datagram holds that the kernel fills: 32 kB less the 320 bytes of its bookkeeping. */
const FULL = Math.floor((32 * 1024 - 320) / 28);
const FULL_SMALL = Math.floor((4096 - 320) / 28);
const FULL_PAGE_8K = Math.floor((8192 - 320) / 28);

function open(
  ids: readonly number[],
  dump: DumpScript = {},
): { kernel: ScriptedKernel; requester: Requester } {
  const kernel = new ScriptedKernel(ids, dump);
  return { kernel, requester: new Requester(kernel.socket.raw) };
}

for (const late of [false, true]) {
  const when = late ? 'answers that come later' : 'answers that are there at once';

  test(`no ids, one, and some: ${when}`, async () => {
    for (const ids of [[], [0], [2 ** 31 - 1], [0, 1, 7, 2 ** 31 - 1]]) {
      const { kernel, requester } = open(ids, { late });
      assert.deepEqual(await within('the list', listNsids(requester, null)), {
        entries: plain(ids),
        complete: true,
      });
      assert.equal(kernel.dumps, 1);
    }
  });

  test(`a dump in several datagrams, as before Linux 6.10, is complete: ${when}`, async () => {
    const ids = range(5000);
    const { kernel, requester } = open(ids, { late, perDatagram: FULL, cut: false });
    assert.deepEqual(await within('the list', listNsids(requester, null)), {
      entries: plain(ids),
      complete: true,
    });
    assert.equal(kernel.dumps, 1);
    assert.equal(kernel.questions, 1);
  });

  test(`a dump that is cut off at 32 kB: dense ids beyond it are found: ${when}`, async () => {
    const ids = range(2500);
    const { kernel, requester } = open(ids, { late, perDatagram: FULL, cut: true });
    assert.deepEqual(await within('the list', listNsids(requester, null)), {
      entries: plain(ids),
      complete: false,
      reason: 'dump-truncated',
    });
    assert.equal(kernel.dumps, 1);
  });
}

test('entries that come in no order, and one of them twice, are listed in order and once', async () => {
  const { requester } = open([7, 3, 5, 3]);
  assert.deepEqual((await listNsids(requester, null)).entries, plain([3, 5, 7]));
});

test('a dump far from its ceilings is believed', async () => {
  for (const count of [FULL_SMALL - 30, FULL_PAGE_8K + 20, 600, FULL - 30]) {
    const { kernel, requester } = open(range(count), { perDatagram: FULL, cut: true });
    const { entries, complete } = await listNsids(requester, null);
    assert.deepEqual([entries.length, complete, kernel.dumps], [count, true, 1]);
    assert.equal(kernel.questions, 1);
  }
});

test('a dump that just fits is taken for truncated, since both look the same', async () => {
  const { requester } = open(range(FULL), { perDatagram: FULL, cut: true });
  const { entries, complete, reason } = await listNsids(requester, null);
  assert.deepEqual([entries.length, complete, reason], [FULL, false, 'dump-truncated']);
});

test('cut off: known ids are found wherever they are, dense ones all the same', async () => {
  const far = [5_000, 1_000_000, 2 ** 31 - 1];
  const ids = [...range(2000), ...far];
  const { requester } = open(ids, { perDatagram: FULL, cut: true });
  const known = [...far, 3, 1_000_000, 4_000_000];
  const { entries, complete } = await listNsids(requester, null, known);
  assert.deepEqual(entries, plain(ids));
  assert.equal(complete, false);
});

test('cut off: many known ids, more than go in one batch', async () => {
  const far = range(1000).map((index) => 10_000 + 3 * index);
  const ids = [...range(FULL), ...far];
  const { requester } = open(ids, { perDatagram: FULL, cut: true });
  assert.deepEqual((await listNsids(requester, null, new Set(far))).entries, plain(ids));
});

test('cut off: the search goes on over a gap of 1,024 that are free, and ends at a longer one', async () => {
  // In batches of one, so that the end is where it is said to be.
  for (const [gap, isFound] of [
    [10, true],
    [1023, true],
    [1024, false],
    [3000, false],
  ] as const) {
    const beyond = FULL + gap;
    const { kernel, requester } = open([...range(FULL), beyond], {
      perDatagram: FULL,
      cut: true,
      receiveBuffer: 2304,
    });
    const { entries } = await listNsids(requester, null);
    assert.equal(entries.at(-1)?.nsid === beyond, isFound, `a gap of ${gap}`);
    const last = isFound ? beyond : FULL - 1;
    assert.equal(kernel.greatestAsked, last + 1024);
  }
});

test('cut off: the search ends at the greatest id there is', async () => {
  const top = 2 ** 31 - 1;
  const ids = range(top + 1, top - FULL - 50);
  const { kernel, requester } = open(ids, { perDatagram: FULL, cut: true });
  assert.deepEqual((await listNsids(requester, null)).entries, plain(ids));
  assert.equal(kernel.greatestAsked, top);
});

test('an interrupted dump is made again until it is whole', async () => {
  const ids = range(20);
  for (let interrupted = 1; interrupted <= 4; interrupted++) {
    const { kernel, requester } = open(ids, { interrupted });
    assert.deepEqual(await listNsids(requester, null), { entries: plain(ids), complete: true });
    assert.equal(kernel.dumps, interrupted + 1);
  }
});

test('interrupted five times: reported as incomplete, then searched', async () => {
  const { kernel, requester } = open([...range(20), 40, 5000], {
    interrupted: 99,
    perDatagram: 20,
    cut: true,
  });
  const { entries, complete, reason } = await listNsids(requester, null, [5000]);
  assert.deepEqual(entries, plain([...range(20), 40, 5000]));
  assert.deepEqual([complete, reason, kernel.dumps], [false, 'dump-interrupted', 5]);
});

test('an interrupted dump, flagged only in its last message', async () => {
  const { kernel, requester } = open(range(3), { interrupted: 2, interruptedAtEnd: true });
  assert.equal((await listNsids(requester, null)).complete, true);
  assert.equal(kernel.dumps, 3);
});

for (const [what, small] of [
  ['4 kB', FULL_SMALL],
  ['8 kB', FULL_PAGE_8K],
] as const) {
  test(`a dump that filled a buffer of ${what} is made again, and the longer one counts`, async () => {
    const ids = range(1000);
    for (const buffers of [[small], [small, small], [small, small - 1]]) {
      const { kernel, requester } = open(ids, { perDatagram: FULL, cut: true, small: buffers });
      assert.deepEqual(await listNsids(requester, null), { entries: plain(ids), complete: true });
      assert.equal(kernel.dumps, buffers.length + 1);
    }
    const { requester: short } = open(ids, { cut: true, small: [small, small - 2, small - 1] });
    assert.equal((await listNsids(short, null)).entries.length, small);
    // That many ids there may really be.
    const { kernel, requester } = open(range(small), { perDatagram: FULL, cut: true });
    assert.deepEqual(await listNsids(requester, null), { entries: plain(range(small)), complete: true });
    assert.equal(kernel.dumps, 3);
  });
}

test('the ids of a target: both of each entry, and nothing is searched', async () => {
  const ids = [0, 5, 2 ** 31 - 1];
  const { kernel, requester } = open(ids, { current: (nsid) => (nsid === 5 ? -1 : 2 ** 31 - 1 - nsid) });
  assert.deepEqual(await listNsids(requester, 9), {
    entries: [
      { nsid: 0, current: 2 ** 31 - 1 },
      { nsid: 5, current: null },
      { nsid: 2 ** 31 - 1, current: 0 },
    ],
    complete: true,
  });
  assert.equal(kernel.target, 9);
  const perDatagram = Math.floor((32 * 1024 - 320) / 36);
  const cut = open(range(2000), { perDatagram, cut: true, current: () => -1 });
  const { entries, complete, reason } = await listNsids(cut.requester, 0, [1999]);
  assert.deepEqual([entries.length, complete, reason], [perDatagram, false, 'dump-truncated']);
  assert.equal(cut.kernel.greatestAsked, 0);
  assert.equal(cut.kernel.target, 0);
});

test('a target that the kernel refuses, or does not know how to heed', async () => {
  const refused = open([], { refusal: errno.EACCES });
  await assert.rejects(listNsids(refused.requester, 1), { name: 'NetlinkError', code: 'EACCES' });
  const old = open([1], { strict: false });
  await assert.rejects(listNsids(old.requester, 1), { code: 'ERR_NLINK_UNSUPPORTED_KERNEL' });
  // Nothing was sent, for the kernel would have listed its own ids.
  assert.equal(old.kernel.socket.sent.length, 0);
  assert.deepEqual((await listNsids(old.requester, null)).entries, plain([1]));
});

test('Linux before 5.0: nsids cannot be queried by number, so alive is null', async () => {
  const ids = range(3000);
  const old = { isOld: true, strict: false, type: RTM_GETNSID, perDatagram: FULL, cut: false };
  const { requester } = open(ids, old);
  assert.deepEqual(await areAssigned(requester, [0, 5000]), [null, null]);
  assert.deepEqual(await areAssigned(requester, [0]), [null]);
  assert.deepEqual(await listNsids(requester, null), { entries: plain(ids), complete: true });
  // Should a dump there be interrupted each time, the search finds nothing, and ends.
  const interrupted = open(range(30), { ...old, interrupted: 99 });
  const { entries, complete } = await listNsids(interrupted.requester, null, [7, 99]);
  assert.deepEqual([entries.length, complete], [30, false]);
});

test('areAssigned: which of them are', async () => {
  for (const type of [undefined, RTM_GETNSID]) {
    const { requester } = open([0, 7, 2 ** 31 - 1], type === undefined ? {} : { type });
    assert.deepEqual(await areAssigned(requester, [0, 1, 7, 2 ** 31 - 1]), [true, false, true, true]);
    assert.deepEqual(await areAssigned(requester, [8]), [false]);
  }
  const { requester } = open([7], { late: true });
  assert.deepEqual(await within('the answers', Promise.resolve(areAssigned(requester, [7, 8]))), [
    true,
    false,
  ]);
  assert.deepEqual(await within('the answer', Promise.resolve(areAssigned(requester, [8]))), [false]);
});

test('areAssigned: what else the kernel says is thrown', async () => {
  const { requester } = open([7], { answerError: errno.EPERM });
  await assert.rejects(async () => areAssigned(requester, [7, 8]), { name: 'NetlinkError', code: 'EPERM' });
  await assert.rejects(listNsids(requester, null), { code: 'EPERM' });
});
