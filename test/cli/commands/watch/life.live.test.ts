/**
 * `nlink watch` as a process, on the lives of real namespaces: ids, aliases, the end after the
 * name.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Connection } from '../../../../src/netlink/index.ts';
import { addAlias, deleteNamespace, spawnHolder } from '../../../support/netns.ts';
import { ip, still } from '../../../support/sigstop.ts';
import { spawnOrdinary } from '../../../support/ordinary.ts';
import { canRefuseNetlink } from '../../../support/seccomp.ts';
import { within } from '../../../support/wait.ts';
import { freshHost } from '../../support/nsid-host.ts';
import { main, outcomeOf, programOf, startProgram, startWatch } from '../../support/program.ts';
import type { Program } from '../../support/program.ts';

/** The next event of a program, without its time and with the identity in brief. */
async function next({ stdout }: Program): Promise<Record<string, unknown>> {
  const { time, ...event } = await stdout.nextJson();
  assert.ok(Math.abs(Date.now() - Date.parse(String(time))) < 60_000, String(time));
  return event;
}

const confined = fileURLToPath(new URL('../../fixtures/confined.js', import.meta.url));
const skip = canRefuseNetlink ? false : `the number of socket(2) on ${process.arch} is not known here`;

const DIRECTORY = '/var/run/netns';
const named = (name: string): object => ({ name, path: `${DIRECTORY}/${name}`, directory: DIRECTORY });

async function endBy(signal: NodeJS.Signals, { child, ended, stdout, stderr }: Program): Promise<void> {
  child.kill(signal);
  assert.equal(await within('the end', ended), 0);
  assert.deepEqual([await stdout.rest(), await stderr.rest()], [[], []]);
}

test('set, alias, deleted while a process holds it, destroyed with the process', async (t) => {
  await freshHost(t, 'first');
  const program = startWatch(t, '--json');
  const first = await next(program);
  assert.deepEqual(first, {
    type: 'present',
    ...named('first'),
    ready: true,
    nsid: null,
    own: false,
    namespace: first['namespace'],
  });
  await ip('netns', 'add', 'blue');
  const { namespace, ...created } = await next(program);
  assert.deepEqual(created, { type: 'created', ...named('blue'), ready: true, nsid: null });
  await ip('netns', 'set', 'blue', '7');
  assert.deepEqual(await next(program), {
    type: 'nsidAssigned',
    nsid: 7,
    namespace,
    names: [named('blue')],
  });
  const holder = await spawnHolder(t, '/run/netns/blue');
  await still(() => addAlias('/run/netns/blue', '/run/netns/azure'));
  assert.deepEqual(await next(program), {
    type: 'created',
    ...named('azure'),
    ready: true,
    nsid: 7,
    namespace,
  });
  for (const name of ['azure', 'blue']) {
    await ip('netns', 'del', name);
    const deleted = { type: 'deleted', ...named(name), nsid: 7, alive: true, namespace };
    assert.deepEqual(await next(program), deleted);
  }
  await holder.end();
  const destroyed = { type: 'destroyed', nsid: 7, namespace, names: [named('blue')] };
  assert.deepEqual(await next(program), destroyed);
  await endBy('SIGINT', program);
});

test('the same for a person', async (t) => {
  await freshHost(t, 'blue');
  await ip('netns', 'set', 'blue', '7');
  const holder = await spawnHolder(t, '/run/netns/blue');
  const program = startWatch(t);
  const { stdout } = program;
  assert.match(await stdout.next(), /^[\d:.]{12}  present    blue {14}net:\[\d+\](  id \d+)?  nsid 7$/);
  await ip('netns', 'del', 'blue');
  assert.match(await stdout.next(), /  deleted    blue .*  nsid 7  lives on$/);
  await holder.end();
  assert.match(await stdout.next(), /  destroyed  blue .*  nsid 7$/);
  await ip('netns', 'add', 'red');
  assert.match(await stdout.next(), /  created    red +net:\[\d+\](  id \d+)?$/);
  await ip('netns', 'set', 'red', '9');
  assert.match(await stdout.next(), /  assigned   red .*  nsid 9$/);
  await ip('netns', 'del', 'red');
  assert.match(await stdout.next(), /  deleted    red .*  nsid 9  is gone$/);
  assert.match(await stdout.next(), /  destroyed  red .*  nsid 9$/);
  await endBy('SIGTERM', program);
});

test('a namespace without a name: present, then destroyed; the own one is marked', async (t) => {
  await freshHost(t);
  const holder = await spawnHolder(t);
  const connection = await Connection.open();
  t.after(() => connection.close());
  await connection.setNsid({ pid: holder.pid }, 5);
  await ip('netns', 'attach', 'home', String(process.pid));
  const human = startWatch(t);
  const lines = [await human.stdout.next(), await human.stdout.next()];
  assert.match(lines.join('\n'), /  present    - {17}nsid 5$/m);
  assert.match(lines.join('\n'), /  present    home +net:\[\d+\](  id \d+)?  own$/m);
  const json = startWatch(t, '--json', '--events', 'destroyed');
  const present = [await next(json), await next(json)];
  assert.deepEqual(
    present.find(({ name }) => name === null),
    { type: 'present', name: null, nsid: 5, own: false, namespace: null },
  );
  assert.equal(present.find(({ name }) => name === 'home')?.['own'], true);
  await holder.end();
  assert.match(await human.stdout.next(), /  destroyed  - {17}nsid 5$/);
  assert.deepEqual(await next(json), { type: 'destroyed', nsid: 5, namespace: null, names: [] });
  await still(() => deleteNamespace('/run/netns/home'));
  assert.match(await human.stdout.next(), /  deleted    home .*  lives on$/);
});

test('--no-nsids: names alone', async (t) => {
  await freshHost(t, 'blue');
  await ip('netns', 'set', 'blue', '7');
  const program = startWatch(t, '--json', '--no-nsids');
  const { nsid } = await next(program);
  assert.equal(nsid, null);
  await ip('netns', 'del', 'blue');
  const { type, alive } = await next(program);
  assert.deepEqual([type, alive], ['deleted', null]);
  await ip('netns', 'add', 'red');
  await ip('netns', 'set', 'red', '8');
  await ip('netns', 'del', 'red');
  assert.deepEqual([(await next(program))['type'], (await next(program))['type']], ['created', 'deleted']);
  await endBy('SIGINT', program);
});

test('--assign-nsids: each namespace gets an nsid, and its end is reported', async (t) => {
  await freshHost(t, 'blue');
  const program = startWatch(t, '--json', '--assign-nsids');
  const blue = (await next(program))['nsid'];
  assert.ok(typeof blue === 'number', String(blue));
  await ip('netns', 'add', 'red');
  const events = [await next(program), await next(program)];
  assert.deepEqual(
    events.map(({ type }) => type),
    ['created', 'nsidAssigned'],
  );
  const red = events[1]?.['nsid'];
  assert.ok(typeof red === 'number' && red !== blue, String(red));
  for (const [name, nsid] of [
    ['blue', blue],
    ['red', red],
  ] as const) {
    await ip('netns', 'del', name);
    assert.deepEqual((await next(program))['type'], 'deleted');
    const destroyed = await next(program);
    assert.deepEqual([destroyed['type'], destroyed['nsid']], ['destroyed', nsid]);
  }
});

test('an ordinary user sees ids and ends, but may not assign ids: 3', async (t) => {
  await freshHost(t, 'blue');
  const program = programOf(t, spawnOrdinary(main, 'watch', '--json'));
  await next(program);
  await ip('netns', 'set', 'blue', '7');
  const { type, nsid, names } = await next(program);
  assert.deepEqual([type, nsid], ['nsidAssigned', 7]);
  await ip('netns', 'del', 'blue');
  assert.equal((await next(program))['type'], 'deleted');
  assert.deepEqual((await next(program))['names'], names);
  const refused = programOf(t, spawnOrdinary(main, 'watch', '--assign-nsids'));
  assert.match(await refused.stderr.next(), /^nlink: EPERM: /);
  assert.equal(await within('the end', refused.ended), 3);
});

test('where netlink is forbidden: names alone, and said so once', { skip }, async (t) => {
  await freshHost(t, 'blue');
  const said = /^nlink: continuing without nsids: .*netlink.*$/;
  const human = startProgram(t, confined, 'watch');
  assert.match(await human.stdout.next(), /  present    blue /);
  assert.match(await human.stderr.next(), said);
  const json = startProgram(t, confined, 'watch', '--json');
  assert.equal((await next(json))['type'], 'present');
  assert.match(await json.stderr.next(), said);
  const { type, reason } = await next(json);
  assert.deepEqual([type, reason], ['nsidsUnavailable', 'ERR_NLINK_NETLINK_UNAVAILABLE']);
  await ip('netns', 'del', 'blue');
  assert.match(await human.stdout.next(), /  deleted    blue +net:\[\d+\](  id \d+)?$/);
  const { alive } = await next(json);
  assert.equal(alive, null);
  for (const program of [human, json]) await endBy('SIGHUP', program);
  const { status, stderr } = await outcomeOf(startProgram(t, confined, 'watch', '--assign-nsids'));
  assert.deepEqual([status, stderr.length], [3, 1]);
});

// What is told of ids waits in the kernel, as what is told of names does.
test('SIGINT: prints what was assigned and destroyed before it, then ends', async (t) => {
  const all = Array.from({ length: 10 }, (_, index) => `n${index}`);
  await freshHost(t, ...all);
  const { child, stdout, ended } = startWatch(t, '--json');
  for (let line = 0; line < all.length; line++) await stdout.next();
  child.kill('SIGSTOP');
  for (const name of all) await ip('netns', 'set', name, 'auto');
  child.kill('SIGINT');
  child.kill('SIGCONT');
  const [lines, status] = await Promise.all([stdout.rest(), within('the end', ended)]);
  const types = lines.map((line) => JSON.parse(line).type);
  assert.deepEqual([types, status], [all.map(() => 'nsidAssigned'), 0]);
});
