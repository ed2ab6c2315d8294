/**
 * What is told of an id for each notification, whatever their order and whatever the kernel says
 * when it is asked: nsid-table.ts.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NsidStates } from '../../../src/watch/ids/nsid-states.ts';
import { brief } from '../../support/nsid-brief.ts';

/**
 * `new`: RTM_NEWNSID. `del`: RTM_DELNSID of an id that is not assigned, `del+` of one that is,
 * `del?` where the kernel cannot tell.
 */
type Notification = 'new' | 'del' | 'del+' | 'del?';

const STATES = { del: false, 'del+': true, 'del?': null } as const;

/** What each notification of the id 5 comes to. */
function tell(table: NsidStates, ...notifications: Notification[]): string[] {
  return notifications.map((notification) => {
    const told =
      notification === 'new'
        ? table.assigned({ type: 'newNsid', nsid: 5 })
        : table.removed({ type: 'delNsid', nsid: 5 }, STATES[notification]);
    return told.map(brief).join(', ');
  });
}

const reconcile = (table: NsidStates, ...listed: number[]): string =>
  [...table.reconcile(new Set(listed))].map(brief).join(', ');

const HANDS = 'del 5, new 5';

/** By what comes after an id that nobody has told of. */
const unknown: [Notification[], told: string[]][] = [
  [
    ['new', 'del', 'new'],
    ['new 5', 'del 5', 'new 5'],
  ],
  // Its new owner's beginning is yet to come.
  [
    ['del+', 'new'],
    ['', 'new 5'],
  ],
  [
    ['del', 'del?'],
    ['', ''],
  ],
];

/** By what comes after an id that was listed. */
const listed: [Notification[], told: string[]][] = [
  [
    ['del', 'new'],
    ['del 5', 'new 5'],
  ],
  [
    ['del+', 'new'],
    ['', HANDS],
  ],
  [
    ['new', 'del+'],
    ['', HANDS],
  ],
  [
    ['del+', 'new', 'new', 'del+'],
    ['', HANDS, '', HANDS],
  ],
  [
    ['del+', 'del+', 'new', 'new'],
    ['', '', HANDS, HANDS],
  ],
  [
    ['new', 'new', 'del+', 'del+'],
    ['', '', HANDS, HANDS],
  ],
  // The beginning of what has ended since: the end of the first is the end of both.
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
    ['', HANDS],
  ],
];

/** By what comes after an id whose beginning was notified. */
const heard: [Notification[], told: string[]][] = [
  // Fails if the life of an owner that came before its predecessor's end, and is gone when the
  // kernel is asked, is not told.
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
    ['', HANDS, 'del 5'],
  ],
  [
    ['del+', 'new', 'del', 'new'],
    ['', HANDS, 'del 5', 'new 5'],
  ],
  [
    ['new', 'del?', 'del?'],
    ['', HANDS, 'del 5'],
  ],
];

for (const [state, complete, table] of [
  ['unknown', true, unknown],
  ['heard', true, heard],
  ['heard', false, heard],
  ['listed', true, listed],
  ['listed', false, listed],
] as const) {
  for (const [notifications, told] of table) {
    test(`${state}${complete ? '' : ', not all are'}: ${notifications.join(', ')}`, () => {
      const ids = new NsidStates(complete);
      if (state === 'listed') ids.adopt([5]);
      if (state === 'heard') tell(ids, 'new');
      assert.deepEqual(tell(ids, ...notifications), told);
    });
  }
}

// Fails if an id stays known that is not assigned.
test('an end that comes before its own beginning is mended by the next end', () => {
  const told = tell(new NsidStates(true), 'del', 'new', 'new', 'del', 'new', 'del');
  assert.deepEqual(told, ['', 'new 5', '', 'del 5, new 5, del 5', 'new 5', 'del 5']);
});

test('not all ids are known: the end of an unknown one is told, unless somebody has the id', () => {
  assert.deepEqual(tell(new NsidStates(false), 'del'), ['del 5']);
  assert.deepEqual(tell(new NsidStates(false), 'del?'), ['del 5']);
  assert.deepEqual(tell(new NsidStates(false), 'del+', 'new'), ['', 'new 5']);
});

test('a listing tells what differs, and forgets what was owed', () => {
  const ids = new NsidStates(true);
  ids.adopt([3, 5]);
  assert.deepEqual(tell(ids, 'del+'), ['']);
  assert.equal(reconcile(ids, 5, 7), 'del 3, new 7');
  assert.deepEqual(tell(ids, 'new', 'del'), ['', 'del 5']);
  assert.deepEqual([...ids.known], [7]);
  // Heard of before the loss, only listed after it.
  assert.deepEqual(tell(ids, 'new'), ['new 5']);
  assert.equal(reconcile(ids, 5, 7), '');
  assert.deepEqual(tell(ids, 'new', 'del'), ['', 'del 5']);
});

// Fails if the notification of an end that a listing has found is taken for the end of another one
// that was never told.
test('an end that a listing found is told once, whether the kernel tells it later or not', () => {
  for (const complete of [true, false]) {
    const ids = new NsidStates(complete);
    ids.adopt([5]);
    assert.equal(reconcile(ids), 'del 5');
    assert.deepEqual(tell(ids, 'del', 'new', 'del'), ['', 'new 5', 'del 5']);
    assert.equal(reconcile(ids, 5), 'new 5');
    assert.equal(reconcile(ids), 'del 5');
    // That notification was lost; the next one is of another namespace.
    assert.deepEqual(tell(ids, 'new', 'del'), ['new 5', 'del 5']);
  }
});

test('the ids of another namespace say whose they are', () => {
  const ids = new NsidStates(false, 10);
  ids.adopt([5]);
  assert.equal(reconcile(ids), 'del 5 in 10');
});
