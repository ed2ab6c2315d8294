/**
 * Twenty processes watch one directory, names alone or with ids: each is told all, in order, while
 * names come and go.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { addNamespace, deleteNamespace, netnsDirectory } from '../support/netns.ts';
import { connect, freshTable } from '../support/nsids.ts';
import { follow, watchProgram, watchUnifiedProgram } from '../support/watching.ts';

const PROCESSES = 20;
const NAMES = 30;

test(`${PROCESSES} processes, one directory`, async (t) => {
  freshTable(t);
  // Each program's own is piped there.
  process.stderr.setMaxListeners(0);
  const directory = netnsDirectory();
  const connection = await connect(t);
  addNamespace(`${directory}/first`);
  const programs = Array.from({ length: PROCESSES }, (_, index) =>
    follow(
      t,
      spawn(process.execPath, [
        index % 2 === 0 ? watchProgram : watchUnifiedProgram,
        JSON.stringify({ directory }),
      ]),
    ),
  );
  for (const next of programs) assert.equal((await next()).type, 'open');
  for (let index = 0; index < NAMES; index++) {
    addNamespace(`${directory}/n${index}`);
    if (index % 5 === 0) await connection.setNsid({ path: `${directory}/n${index}` }, index);
  }
  const created = Array.from({ length: NAMES }, (_, index) => `n${index}`);
  for (const next of programs) {
    const told: (string | undefined)[] = [];
    while (told.length < NAMES) {
      const { type, name } = await next();
      if (type === 'created') told.push(name);
    }
    assert.deepEqual(told, created);
  }
  for (const name of created) deleteNamespace(`${directory}/${name}`);
  for (const next of programs) {
    const told: (string | undefined)[] = [];
    while (told.length < NAMES) {
      const { type, name } = await next();
      if (type === 'deleted') told.push(name);
    }
    assert.deepEqual(told, created);
  }
});
