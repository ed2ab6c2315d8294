/**
 * The event loop is blocked again and again, ever longer, while names and ids come and go, so that
 * inotify's queue and the receive buffer of netlink overflow together: at each `resynced`, what was
 * told comes to what is, at once.
 */
import { strict as assert } from 'node:assert';
import { unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { listNamespaces } from '../../../src/index.ts';
import { addNamespace, deleteNamespace, netnsDirectory } from '../../support/netns.ts';
import { NsidReplay } from '../support/nsid-replay.ts';
import { freshTable } from '../../support/nsids.ts';
import { Replay } from '../support/replay.ts';
import { runs } from '../../support/runs.ts';
import { smallBuffer } from './small-buffer.ts';
import { destroyAll } from '../../support/block-event-loop.ts';
import { describe } from '../support/unified-model.ts';
import { UnifiedReplay } from '../support/unified-replay.ts';

const SECONDS = runs(60);
/** The longest that it is blocked at a time. */
const LONGEST = 8000;
/** Enough that the receive buffer overflows by their ids alone. */
const NAMES = 20;

test(`both queues overflow under a blocked event loop, for ${SECONDS} s`, async (t) => {
  freshTable(t);
  const directory = netnsDirectory();
  const both = await UnifiedReplay.open(t, { directory }, smallBuffer());
  const names = await Replay.open(t, { directory });
  const ids = await NsidReplay.open(t, { receiveBufferSize: 4096 });
  const { connection } = both;

  let generation = 0;
  let alive: { path: string; nsid: number }[] = [];
  /**
   * Names with ids come, and those before them go; some names without. Nothing else gets a turn.
   */
  const change = async (): Promise<void> => {
    const before = alive;
    alive = [];
    generation++;
    for (let index = 0; index < NAMES; index++) {
      const path = `${directory}/n${generation % 3}-${index}`;
      addNamespace(path);
      if (index % 5 === 4) continue;
      alive.push({ path, nsid: await connection.setNsid({ path }, 'auto') });
    }
    const paths = before.map(({ path }) => path);
    for (let index = 4; index < NAMES && before.length > 0; index += 5)
      deleteNamespace(`${directory}/n${(generation + 2) % 3}-${index}`);
    await destroyAll(
      connection,
      paths,
      before.map(({ nsid }) => nsid),
    );
  };

  const start = performance.now();
  let [rounds, block, blocked] = [0, 500, 0];
  while (performance.now() - start < SECONDS * 1000) {
    const begun = performance.now();
    do {
      await change();
      // More than inotify's queue of 16,384 holds.
      for (let pair = 0; pair < 8500; pair++) {
        writeFileSync(`${directory}/storm`, '');
        unlinkSync(`${directory}/storm`);
      }
    } while (performance.now() - begun < block);
    blocked += performance.now() - begun;
    block = Math.min(1.5 * block, LONGEST);
    rounds++;

    await both.rush('resynced names nsids');
    const fresh = await both.fresh();
    assert.deepEqual(both.model.describe(), fresh, `round ${rounds}: both, at resynced`);
    assert.deepEqual(describe(both.watcher.namespaces()), fresh);
    await names.rush('resynced (overflow)');
    const listed = (await listNamespaces({ directory })).map(({ name }) => name);
    assert.deepEqual(
      [...names.model.names.keys()].sort(),
      listed.sort(),
      `round ${rounds}: names, at resynced`,
    );
    await ids.rush('resynced (overflow)');
    const { entries } = await connection.listNsids();
    assert.deepEqual(
      [...ids.model.ids].sort((a, b) => a - b),
      entries.map(({ nsid }) => nsid),
      `round ${rounds}: ids, at resynced`,
    );
    for (const replay of [both, names, ids]) await replay.settle();
  }
  t.diagnostic(`${rounds} rounds, blocked for ${Math.round(blocked)} ms of ${SECONDS} s`);
  assert(blocked > 100 * SECONDS, 'blocked for less than a tenth of the time');
  const { overflows, resyncs } = both.watcher.stats();
  assert(overflows >= rounds && resyncs >= rounds);
});
