/**
 * What is emitted of an nsid for each notification, whatever their order and whatever the kernel
 * answers when it is asked: the tables in the header of nsid-states.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NsidStates } from '../../../src/watch/ids/nsid-states.ts';
import { brief } from '../support/nsid-brief.ts';

/**
 * `new`: RTM_NEWNSID. `del`: RTM_DELNSID of an nsid that is not in use, `del+` of one that is, `del?`
 * if the kernel cannot tell.
 */
type Notification = 'new' | 'del' | 'del+' | 'del?';

const STATES = { del: false, 'del+': true, 'del?': null } as const;

/** What each notification of nsid 5 comes to. */
function apply(table: NsidStates, ...notifications: Notification[]): string[] {
  return notifications.map((notification) => {
    const events =
      notification === 'new'
        ? table.assigned({ type: 'newNsid', nsid: 5 })
        : table.removed({ type: 'delNsid', nsid: 5 }, STATES[notification]);
    return events.map(brief).join(', ');
  });
}

const reconcile = (table: NsidStates, ...listed: number[]): string =>
  [...table.reconcile(new Set(listed))].map(brief).join(', ');

const CHANGE = 'del 5, new 5';

/** Rows of the table: an nsid that is unknown. */
const unknown: [Notification[], emitted: string[]][] = [
  [
    ['new', 'del', 'new'],
    ['new 5', 'del 5', 'new 5'],
  ],
  // The RTM_NEWNSID of its owner is still to come.
  [
    ['del+', 'new'],
    ['', 'new 5'],
  ],
  [
    ['del', 'del?'],
    ['', ''],
  ],
];

/** Rows of the table: an nsid that came from a snapshot. */
const snapshot: [Notification[], emitted: string[]][] = [
  [
    ['del', 'new'],
    ['del 5', 'new 5'],
  ],
  [
    ['del+', 'new'],
    ['', CHANGE],
  ],
  [
    ['new', 'del+'],
    ['', CHANGE],
  ],
  [
    ['del+', 'new', 'new', 'del+'],
    ['', CHANGE, '', CHANGE],
  ],
  [
    ['del+', 'del+', 'new', 'new'],
    ['', '', CHANGE, CHANGE],
  ],
  [
    ['new', 'new', 'del+', 'del+'],
    ['', '', CHANGE, CHANGE],
  ],
  // Its own RTM_NEWNSID, or that of an owner that has ended since: one life either way.
  [
    ['new', 'del', 'del'],
    ['', 'del 5', ''],
  ],
  [
    ['del?', 'new'],
    ['del 5', 'new 5'],
  ],
  [
    ['new', 'del?'],
    ['', CHANGE],
  ],
];

/** Rows of the table: an nsid that is confirmed by its RTM_NEWNSID. */
const confirmed: [Notification[], emitted: string[]][] = [
  // Fails if the life of an owner is not emitted that came before the end of the owner before, and
  // is gone when the kernel is asked.
  [
    ['new', 'del', 'del'],
    ['', 'del 5, new 5, del 5', ''],
  ],
  [
    ['new', 'new', 'del', 'new', 'del'],
    ['', '', 'del 5, new 5, del 5, new 5, del 5', 'new 5', 'del 5'],
  ],
  [
    ['new', 'del+', 'del'],
    ['', CHANGE, 'del 5'],
  ],
  [
    ['del+', 'new', 'del', 'new'],
    ['', CHANGE, 'del 5', 'new 5'],
  ],
  [
    ['new', 'del?', 'del?'],
    ['', CHANGE, 'del 5'],
  ],
  // The trace in the header of nsid-states.ts.
  [
    ['new', 'del+', 'del+', 'new', 'del'],
    ['', CHANGE, '', CHANGE, 'del 5'],
  ],
];

for (const [state, complete, table] of [
  ['unknown', true, unknown],
  ['confirmed', true, confirmed],
  ['confirmed', false, confirmed],
  ['from a snapshot', true, snapshot],
  ['from a snapshot', false, snapshot],
] as const) {
  for (const [notifications, emitted] of table) {
    test(`${state}${complete ? '' : ', not all are known'}: ${notifications.join(', ')}`, () => {
      const ids = new NsidStates(complete);
      if (state === 'from a snapshot') ids.adopt([5]);
      if (state === 'confirmed') apply(ids, 'new');
      assert.deepEqual(apply(ids, ...notifications), emitted);
    });
  }
}

// Fails if an nsid stays known that is not assigned.
test('recovers, by the next RTM_DELNSID, from one that came before its own RTM_NEWNSID', () => {
  const emitted = apply(new NsidStates(true), 'del', 'new', 'new', 'del', 'new', 'del');
  assert.deepEqual(emitted, ['', 'new 5', '', 'del 5, new 5, del 5', 'new 5', 'del 5']);
});

test('emits the end of an unknown nsid if not all are known, unless it is in use', () => {
  assert.deepEqual(apply(new NsidStates(false), 'del'), ['del 5']);
  assert.deepEqual(apply(new NsidStates(false), 'del?'), ['del 5']);
  assert.deepEqual(apply(new NsidStates(false), 'del+', 'new'), ['', 'new 5']);
});

test('reconcile emits what differs from the list, and forgets unmatched notifications', () => {
  const ids = new NsidStates(true);
  ids.adopt([3, 5]);
  assert.deepEqual(apply(ids, 'del+'), ['']);
  assert.equal(reconcile(ids, 5, 7), 'del 3, new 7');
  assert.deepEqual(apply(ids, 'new', 'del'), ['', 'del 5']);
  assert.deepEqual([...ids.known], [7]);
  // Confirmed before the loss, from a snapshot after it.
  assert.deepEqual(apply(ids, 'new'), ['new 5']);
  assert.equal(reconcile(ids, 5, 7), '');
  assert.deepEqual(apply(ids, 'new', 'del'), ['', 'del 5']);
});

// Fails if the RTM_DELNSID of an end that was emitted after a listing counts as the end of another
// namespace, which was never emitted.
test('emits an end that a listing showed once, whether its RTM_DELNSID comes later or not', () => {
  for (const complete of [true, false]) {
    const ids = new NsidStates(complete);
    ids.adopt([5]);
    assert.equal(reconcile(ids), 'del 5');
    assert.deepEqual(apply(ids, 'del', 'new', 'del'), ['', 'new 5', 'del 5']);
    assert.equal(reconcile(ids, 5), 'new 5');
    assert.equal(reconcile(ids), 'del 5');
    // That RTM_DELNSID was lost; the next one is of another namespace.
    assert.deepEqual(apply(ids, 'new', 'del'), ['new 5', 'del 5']);
  }
});

test('events about nsids of another namespace have its nsid as origin', () => {
  const ids = new NsidStates(false, 10);
  ids.adopt([5]);
  assert.equal(reconcile(ids), 'del 5 in 10');
});

// Fails if each loss leaves something behind for every nsid that ended in it.
test('nsids that are never assigned twice: nothing is kept of those that ended in a loss', () => {
  const ids = new NsidStates(false, undefined, false);
  ids.adopt([5]);
  assert.deepEqual([...ids.reconcile(new Set())], [{ type: 'delNsid', nsid: 5 }]);
  // Not remembered, so emitted; whoever knows no nsid 5 any more makes nothing of it.
  assert.deepEqual(apply(ids, 'del'), ['del 5']);
});
