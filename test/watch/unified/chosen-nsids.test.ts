/** The numbers of namespaces whose nsid the kernel chose, and gives to others again. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { ChosenNsids } from '../../../src/watch/unified/chosen-nsids.ts';

test('a number stands for an nsid as long as its namespace lives', () => {
  const chosen = new ChosenNsids();
  assert.deepEqual([chosen.numberOf(0), chosen.nsidOf(1000)], [undefined, undefined]);
  chosen.add(0, 1000);
  chosen.add(1, 1001);
  assert.deepEqual([chosen.numberOf(0), chosen.nsidOf(1000)], [1000, 0]);
  chosen.delete(1000);
  assert.deepEqual([chosen.numberOf(0), chosen.nsidOf(1000)], [undefined, undefined]);
  assert.equal(chosen.numberOf(1), 1001);
  chosen.add(0, 1002);
  assert.deepEqual([chosen.numberOf(0), chosen.nsidOf(1002)], [1002, 0]);
  // One that died before has nothing to do with the next one.
  chosen.delete(1000);
  assert.equal(chosen.numberOf(0), 1002);
});
