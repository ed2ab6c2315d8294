/**
 * A thousand namespaces are made, given ids and destroyed by two programs as fast as they can,
 * followed by a quick consumer and a slow one: nothing is told twice
 * (test/support/unified-model.ts), and in the end what was told comes to what is.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import { addNamespace, netnsDirectory } from '../../support/netns.ts';
import { BARRIER, freshTable } from '../../support/nsids.ts';
import { UnifiedReplay } from '../../support/unified-replay.ts';
import { within } from '../../support/wait.ts';

const fixture = fileURLToPath(new URL('../fixtures/storm.js', import.meta.url));
const EACH = 500;

/** Starts the program; resolves at its end. */
async function storm(t: TestContext, prefix: string): Promise<void> {
  const program = [process.execPath, fixture, prefix, String(EACH)];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...program], { stdio: 'inherit' });
  t.after(() => child.kill('SIGKILL'));
  assert.deepEqual(await within('the end of the storm', once(child, 'exit'), 120_000), [0, null]);
}

/** Without what served to wait for the kernel. */
const told = ({ events }: UnifiedReplay): UnifiedEvent[] =>
  events.filter((event) => !('nsid' in event && event.nsid === BARRIER));

for (const [what, directories] of [
  ['one directory', 1],
  ['two directories', 2],
] as const) {
  test(`a thousand namespaces come and go in ${what}`, async (t) => {
    freshTable(t);
    const [one = '', two = one] = Array.from({ length: directories }, netnsDirectory);
    const options = { directories: [...new Set([one, two])] };
    const quick = await UnifiedReplay.open(t, { ...options, bufferSize: 10_000 });
    const slow = await UnifiedReplay.open(t, { ...options, bufferSize: 1, readyTimeout: 0 });
    const storms = Promise.all([storm(t, `${one}/a`), storm(t, `${two}/b`)]);
    const over = storms.then(() => addNamespace(`${one}/last`));
    // The slow one does not begin before the storm is over.
    await Promise.all([over, quick.until('created last')]);
    // Before the kernel has freed those that were deleted last, they are rightly there, without a
    // name.
    await quick.barrier();
    for (const replay of [quick, slow]) {
      await replay.settle();
      const alive = replay.watcher.namespaces();
      assert.equal(alive.filter(({ names }) => names.length === 1).length, 5);
      assert.equal(alive.length, 5);
      const count = (type: string): number => told(replay).filter((event) => event.type === type).length;
      assert.equal(count('created') - count('deleted'), 5);
      const { asked, nsids, overflows } = replay.watcher.stats();
      t.diagnostic(
        `${replay.events.length} events: ${count('created')} created, ${count('nsidAssigned')} ids assigned, ` +
          `${count('destroyed')} destroyed, ${count('resynced')} resynced; ` +
          JSON.stringify({ asked, overflows, lost: nsids?.overflows }),
      );
      const nameless = replay.events.filter(
        (event) => event.type === 'destroyed' && event.names.length === 0,
      );
      t.diagnostic(`${nameless.length} ends without a name`);
    }
    // After a loss, which has been told of, only what is there counts: the kernel's queue for ids
    // holds some hundred.
    const { overflows, nsids } = quick.watcher.stats();
    if (overflows > 0 || (nsids?.overflows ?? 0) > 0) return;
    assert.equal(told(quick).filter(({ type }) => type === 'created').length, 2 * EACH + 1);
    assert.equal(told(quick).filter(({ type }) => type === 'nsidAssigned').length, 1.8 * EACH);
  });
}
