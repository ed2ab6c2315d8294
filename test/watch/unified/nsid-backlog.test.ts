/** Changes of ids that wait for their turn: how often each begins in them, and whether it ends. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { NsidBacklog } from '../../../src/watch/unified/nsid-backlog.ts';

/** `+7 -7`: id 7 begins, then ends. */
function coming(...changes: string[]): NsidBacklog {
  const ids = new NsidBacklog();
  for (const change of changes) {
    const nsid = Number(change.slice(1));
    ids.push({ type: change.startsWith('+') ? 'newNsid' : 'delNsid', nsid });
  }
  return ids;
}

test('counts how often an nsid is assigned in what is not committed', () => {
  const ids = coming('+7', '-7', '+7', '+8');
  assert.deepEqual(
    [...ids.pendingAssigns],
    [
      [7, 2],
      [8, 1],
    ],
  );
  ids.shift();
  assert.equal(ids.pendingAssigns.get(7), 2, 'taken, but not told');
  ids.commit(7);
  assert.equal(ids.pendingAssigns.get(7), 1);
  ids.commit(7);
  ids.commit(8);
  assert.deepEqual([...ids.pendingAssigns], []);
});

test('finds the end of the owner of a generation', () => {
  const ids = coming('+7', '-7', '+7');
  assert.equal(ids.endsAfter(7, 1, 0), true, 'the first of its owners is gone');
  assert.equal(ids.endsAfter(7, 2, 0), false, 'the second is the last');
  assert.equal(coming('+7', '-8').endsAfter(7, 1, 0), false, 'the end of another one');
});

test('counts an assignment that was shifted and not committed', () => {
  const ids = coming('+7', '-7', '+7');
  ids.shift();
  assert.equal(ids.endsAfter(7, 1, 1), true);
  assert.equal(ids.endsAfter(7, 2, 1), false);
});

test('knows no end of an nsid that is not assigned in it', () => {
  assert.equal(coming('+8', '-7').endsAfter(7, 1, 0), false);
});

test('returns thousands of changes in order', () => {
  const ids = new NsidBacklog();
  for (let nsid = 0; nsid < 3000; nsid++) ids.push({ type: 'newNsid', nsid });
  for (let nsid = 0; nsid < 3000; nsid++) {
    assert.equal(ids.first?.nsid, nsid);
    assert.equal(ids.size, 3000 - nsid);
    ids.shift();
  }
  assert.deepEqual([ids.first, ids.size], [undefined, 0]);
});
