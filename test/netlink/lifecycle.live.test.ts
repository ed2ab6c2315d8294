/**
 * Nothing is left of what was closed, however often, and nothing that is open keeps a program alive
 * unless somebody waits.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection, NetlinkSocket, RTNLGRP_NSID } from '../../src/netlink/index.ts';
import type { ReceiveBuffer } from '../../src/sys/receive-buffer.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { atPaths, connect, freshTable, makeNamespace } from '../support/nsids.ts';
import { within } from '../support/wait.ts';

const real = netlinkSystem();
const inboxes = new Set<ReceiveBuffer>();
/** Keeps count of the memory that is never freed. */
const system = {
  ...real,
  takeBuffer(slots: number, slotSize: number) {
    const inbox = real.takeBuffer(slots, slotSize);
    inboxes.add(inbox);
    return inbox;
  },
};

/** Opens one, uses all of it, and closes it while somebody waits. */
const uses: Record<string, () => Promise<void>> = {
  async Connection() {
    const connection = await Connection.open({}, system);
    await connection.subscribeNamespaceEvents();
    const waiting = connection.recv();
    await connection.getNsids(atPaths(['/proc/self/ns/net', '/dev/null']));
    await connection.listNsids();
    connection.close();
    assert.equal(await waiting, undefined);
  },
  async NetlinkSocket() {
    const socket = await NetlinkSocket.open({ receiveBufferSize: 100_000 }, system);
    socket.addMembership(RTNLGRP_NSID);
    const waiting = socket.recv();
    socket.close();
    assert.equal(await waiting, undefined);
  },
  async 'in another namespace'() {
    const connection = await Connection.open({ namespace: { path: '/proc/self/ns/net' } }, system);
    await connection.getNsid({ pid: process.pid });
    connection.close();
  },
};

for (const [what, use] of Object.entries(uses)) {
  test(`a thousand opened and closed leave nothing: ${what}`, async () => {
    await use();
    const before = inboxes.size;
    await withoutLeak(async () => {
      for (let round = 0; round < 1000; round++) await use();
    });
    assert.equal(inboxes.size, before);
  });
}

test('a hundred watchers at once, closed in another order, all get every event', async (t) => {
  freshTable(t);
  await uses['Connection']?.();
  await withoutLeak(async () => {
    const connections = await Promise.all(Array.from({ length: 100 }, () => Connection.open()));
    for (const connection of connections) await connection.subscribeNamespaceEvents();
    const waiting = connections.map((connection) => connection.recv());
    await connections[0]?.setNsid({ path: makeNamespace() }, 5);
    for (const event of await within('the events', Promise.all(waiting)))
      assert.deepEqual(event, { type: 'newNsid', nsid: 5 });
    for (const [index, connection] of connections.entries()) if (index % 3 !== 0) connection.close();
    for (const [index, connection] of connections.entries())
      if (index % 3 === 0) assert.equal(await connection.getNsid({ pid: process.pid }), null);
    for (const connection of connections.toReversed()) connection.close();
  });
});

interface Program {
  /** The next line that it prints; undefined when it has closed stdout. */
  line: () => Promise<string | undefined>;
  /** Its exit status, and fails if it wrote to stderr. */
  end: () => Promise<void>;
}

/** Starts fixtures/ending.ts and waits until it is ready. */
async function start(t: TestContext, way: string): Promise<Program> {
  const program = fileURLToPath(new URL('fixtures/ending.js', import.meta.url));
  const command = ['--pdeathsig', 'KILL', process.execPath, program, way];
  const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const complaints = text(child.stderr);
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | undefined> => {
    const { value, done } = await within(`a line of ${way}`, lines.next());
    return done === true ? undefined : value;
  };
  const end = async (): Promise<void> => {
    const [status, signal] = await within(`the end of ${way}`, exited);
    assert.deepEqual([await complaints, status, signal], ['', 0, null]);
    assert.equal(await line(), undefined);
  };
  return { line, end };
}

for (const [way, ...rest] of [
  ['idle'],
  ['subscribed'],
  ['unrefBefore'],
  ['unrefAfter'],
  ['late'],
  ['closed', '3'],
] as const) {
  test(`ends by itself: ${way}`, async (t) => {
    freshTable(t);
    const program = await start(t, way);
    assert.equal(await program.line(), 'open');
    for (const expected of rest) assert.equal(await program.line(), expected);
    await program.end();
  });
}

for (const [way, ...before] of [['recv'], ['loop'], ['served'], ['ref'], ['again', 'told 1002']] as const) {
  test(`lives while somebody waits, and ends by itself: ${way}`, async (t) => {
    freshTable(t);
    const program = await start(t, way);
    for (const expected of before) assert.equal(await program.line(), expected);
    assert.equal(await program.line(), 'open');
    // Long enough for a program that nothing keeps alive to end.
    await setTimeout(100);
    await (await connect(t)).setNsid({ path: makeNamespace() }, 5);
    assert.equal(await program.line(), 'told 5');
    await program.end();
  });
}
