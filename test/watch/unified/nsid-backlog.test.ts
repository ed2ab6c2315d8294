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

test('how often an id begins in what is not told yet', () => {
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

test('an id ends after it has begun as often as its owner needs', () => {
  const ids = coming('+7', '-7', '+7');
  assert.equal(ids.endsAfter(7, 1, 0), true, 'the first of its owners is gone');
  assert.equal(ids.endsAfter(7, 2, 0), false, 'the second is the last');
  assert.equal(coming('+7', '-8').endsAfter(7, 1, 0), false, 'the end of another one');
});

test('a beginning that was taken and not told yet counts', () => {
  const ids = coming('+7', '-7', '+7');
  ids.shift();
  assert.equal(ids.endsAfter(7, 1, 1), true);
  assert.equal(ids.endsAfter(7, 2, 1), false);
});

test('an end alone is taken in at once, and does not wait here', () => {
  assert.equal(coming('+8', '-7').endsAfter(7, 1, 0), false);
});

test('thousands are taken in order', () => {
  const ids = new NsidBacklog();
  for (let nsid = 0; nsid < 3000; nsid++) ids.push({ type: 'newNsid', nsid });
  for (let nsid = 0; nsid < 3000; nsid++) {
    assert.equal(ids.first?.nsid, nsid);
    assert.equal(ids.size, 3000 - nsid);
    ids.shift();
  }
  assert.deepEqual([ids.first, ids.size], [undefined, 0]);
});
