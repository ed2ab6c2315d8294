/** `nlink list --all` on real namespaces: as whoever runs the tests, and as an ordinary user. */
import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ip, spawnHolder } from '../../../support/netns.ts';
import { forbidding, ordinaryCommand } from '../../../support/ordinary.ts';
import { within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, start } from '../../support/program.ts';
import type { Outcome, Program } from '../../support/program.ts';

interface Row {
  name: string | null;
  nsid: number | null;
  own: boolean;
  namespace: { ino: string } | null;
  processes: number | null;
  byThread: number | null;
  pids: number[];
  loOnly: boolean | null;
  mayBeNamed?: boolean;
}

type Start = (t: TestContext, ...words: string[]) => Program;

const running = (t: TestContext, [command, ...words]: readonly [string, ...string[]]): Program =>
  programOf(t, spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] }));
const asNobody: Start = (t, ...words) => running(t, ordinaryCommand(main, ...words));
const confined: Start = (t, ...words) => {
  const [command = '', ...rest] = forbidding('user/max_user_namespaces');
  return running(t, [command, ...rest, ...ordinaryCommand(main, ...words).slice(-2 - words.length)]);
};

async function rowsOf(t: TestContext, by: Start): Promise<Row[]> {
  const { stdout, status } = await outcomeOf(by(t, 'list', '--all', '--json'));
  assert.equal(status, 0);
  return JSON.parse(stdout.join('')) as Row[];
}

const threadFile = new URL('../../../netns/fixtures/thread.js', import.meta.url);

/** Who is where. */
interface Host {
  blue: number;
  five: number;
  unnamed: number;
  linked: number;
}

/**
 * Processes in two names, of which one has an nsid, and in two namespaces without a name, of which
 * one has an interface; one name is a thread's alone, and one is empty.
 */
async function host(t: TestContext): Promise<Host> {
  await freshHost(t, 'blue', 'five', 'thread', 'empty');
  ip('netns', 'set', 'five', '5');
  const holders = await Promise.all(
    ['/run/netns/blue', '/run/netns/five', undefined, undefined].map((path) => spawnHolder(t, path)),
  );
  const [blue = 0, five = 0, unnamed = 0, linked = 0] = holders.map(({ pid }) => pid);
  // Both ends are in it, so that it gets no nsid anywhere.
  const link = ['ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two'];
  execFileSync('nsenter', [`--net=/proc/${linked}/ns/net`, ...link]);
  const worker = new Worker(threadFile, { workerData: '/run/netns/thread' });
  t.after(() => worker.terminate());
  await within('the thread in its namespace', once(worker, 'message'));
  return { blue, five, unnamed, linked };
}

/** What does not depend on who asks. */
const known = ({ name, nsid, processes, byThread, loOnly }: Row): unknown[] => [
  name,
  nsid,
  processes,
  byThread,
  loOnly,
];

const of = (rows: readonly Row[], wanted: number): Row | undefined =>
  rows.find(({ pids }) => pids.includes(wanted));

for (const [who, by] of Object.entries<Start>({
  'whoever runs the tests': start,
  'an ordinary user': asNobody,
}))
  test(`every namespace, whatever its processes: ${who}`, async (t) => {
    const { blue, five, unnamed, linked } = await host(t);
    const rows = await rowsOf(t, by);
    const all = rows.map(known);
    assert.deepEqual(all.slice(0, 2), [
      ['blue', null, 1, 0, true],
      ['five', 5, 1, 0, true],
    ]);
    assert.deepEqual(
      [of(rows, blue), of(rows, five)].map((row) => row?.name),
      ['blue', 'five'],
    );
    assert.deepEqual(known(of(rows, unnamed) as Row), [null, null, 1, 0, true]);
    assert.deepEqual(known(of(rows, linked) as Row), [null, null, 1, 0, false]);
    const [, , thread, empty] = rows as [Row, Row, Row, Row];
    assert.deepEqual(known(thread), ['thread', null, 0, 1, true]);
    const [tid] = thread.pids;
    assert.match(readFileSync(`/proc/${tid}/status`, 'latin1'), new RegExp(`^Tgid:\\s+${process.pid}$`, 'm'));
    assert.deepEqual([empty.name, empty.pids, empty.loOnly], ['empty', [], null]);
    assert.deepEqual(
      rows.filter(({ own }) => own).map(({ name, namespace }) => [name, namespace === null]),
      [[null, false]],
    );
    assert.deepEqual(
      [blue, five, unnamed, linked].map((pid) => of(rows, pid)?.mayBeNamed),
      [undefined, undefined, false, false],
    );
    // Once each.
    const pids = rows.flatMap((row) => row.pids);
    assert.equal(new Set(pids).size, pids.length);
  });

test('an ordinary user who may make no user namespace: not known, and not said to have no name', async (t) => {
  const { blue, five, unnamed } = await host(t);
  const rows = await rowsOf(t, confined);
  assert.deepEqual([rows[0]?.name, rows[0]?.processes], ['blue', null]);
  assert.deepEqual(
    [blue, five, unnamed].map((pid) => of(rows, pid)).map((row) => [row?.name, row?.mayBeNamed]),
    [
      [null, true],
      ['five', undefined],
      [null, true],
    ],
  );
  const { stdout, stderr } = await outcomeOf(confined(t, 'list', '--all', '-v'));
  assert.match(
    stderr.join('\n'),
    /it is not known whether they have one of these names: .*max_user_namespaces/,
  );
  assert.match(stdout.join('\n'), /^\? +- +- /m);
});

test('sandboxes stand in one line', async (t) => {
  const { unnamed, linked } = await host(t);
  const columns = async (...words: string[]): Promise<string> => {
    const { stdout }: Outcome = await outcomeOf(start(t, 'list', '--all', ...words));
    return stdout.join('\n');
  };
  const folded = await columns();
  assert.match(folded, /\n\d+ sandbox(es)? with nothing but lo \(.*\d\): --sandboxes shows (it|them)$/);
  assert.doesNotMatch(folded, new RegExp(` ${unnamed}( |$)`, 'm'));
  assert.match(folded, new RegExp(` ${linked}( |$)`, 'm'));
  const all = await columns('--sandboxes');
  assert.match(all, new RegExp(` ${unnamed}( |$)`, 'm'));
  assert.doesNotMatch(all, /nothing but lo/);
});
