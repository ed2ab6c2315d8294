/**
 * What the machine lacks for a moment, just when the directory is replaced: the watcher tries
 * again, though nothing more happens.
 */
import { strict as assert } from 'node:assert';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { NamespaceWatcher } from '../../../src/watch/names/namespace-watcher.ts';
import { hastyClock, noDiagnosis } from '../support/fast-clock.ts';
import { describeFault, Injection } from '../../support/injection.ts';
import type { Fault } from '../../support/injection.ts';
import { netnsDirectory } from '../../support/netns.ts';
import { within } from '../../support/wait.ts';

const FAULTS: Fault[] = [
  { call: 'stat', nth: 1, code: 'ENOMEM' },
  { call: 'inotifyAddWatch', nth: 1, code: 'ENOSPC' },
  { call: 'readDirectory', nth: 1, code: 'EMFILE' },
];

for (const fault of FAULTS) {
  // Fails where a watcher that could not look at a directory that came leaves it at that.
  test(`follows a replaced directory although ${describeFault(fault)}`, async (t) => {
    const directory = `${netnsDirectory()}/netns`;
    mkdirSync(directory);
    const injection = new Injection();
    const io = { system: injection.system, clock: hastyClock, diagnosis: noDiagnosis };
    const watcher = await NamespaceWatcher.open({ directory, readyTimeout: 0 }, io);
    t.after(() => watcher.stop());
    // The look after opening is over.
    await setTimeout(5);
    injection.arm(fault);
    renameSync(directory, `${directory}.old`);
    mkdirSync(directory);
    writeFileSync(`${directory}/new`, '');
    const event = await within('created', watcher.recv());
    assert.equal(event?.type === 'created' && event.name, 'new');
    assert.ok(injection.struck);
    await watcher.stop();
    injection.assertClosed(describeFault(fault));
  });
}
