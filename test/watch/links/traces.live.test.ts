/**
 * Watching links leaves no trace: no nsid in any table, nothing open, nothing kept alive, whether
 * the watcher stops or is killed; and without `links` nothing of it is loaded or opened.
 */
import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { NameDiagnosis } from '../../../src/netns/diagnosis/name-diagnosis.ts';
import { netlinkSystem } from '../../../src/sys/socket.ts';
import { systemClock } from '../../../src/watch/stream/clock.ts';
import { UnifiedNamespaceWatcher } from '../../../src/watch/unified/unified-namespace-watcher.ts';
import { openDescriptors, withoutLeak } from '../../support/descriptors.ts';
import { faulty } from '../../support/faults.ts';
import { watchUnifiedProgram } from '../../support/watching.ts';
import { within } from '../../support/wait.ts';
import { freshHost, inside, LinkStory, veth } from './support/link-story.ts';
import type { LinkHost, Place } from './support/link-host.ts';

/**
 * The nsids of a namespace, as `ip netns list-id` prints them, with those of the namespaces that
 * they mean. Gives none itself.
 */
function tableOf({ path }: Place): string {
  const { stdout, status } = spawnSync('nsenter', [`--net=${path}`, 'ip', 'netns', 'list-id'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  return stdout;
}

const tables = (host: LinkHost): string[] => host.places.map((place) => `${place.label}\n${tableOf(place)}`);

/** The host, one with a name, and two that only links lead to, one behind the other. */
function town(host: LinkHost): Place[] {
  const places = [host.addNamed('one'), host.addHeld(), host.addHeld()] as const;
  const [one, near, far] = places;
  // The far ends of these have nsids where they are made, and nowhere else.
  veth({ place: host.own, name: 'a', index: 40 }, { place: one, name: 'b', index: 50 });
  veth({ place: one, name: 'c', index: 51 }, { place: near, name: 'd', index: 50 });
  veth({ place: near, name: 'e', index: 51 }, { place: far, name: 'f', index: 50 });
  return [...places];
}

test('the tables of nsids are as before: while it watches, after use, after the stop', async (t) => {
  const host = freshHost(t);
  const [one, near, far] = town(host) as [Place, Place, Place];
  // A veth of which anything is told gets its far end an nsid, by whomever: these have none.
  for (const place of [host.own, one, near, far])
    inside(place, (requests) => requests.add('bridge', { name: 'br', index: 90 }));
  const before = tables(host);
  const { namespaces, watcher } = await UnifiedNamespaceWatcher.listAndWatch({ links: true });
  t.after(() => watcher.stop());
  assert.equal(namespaces.length, 4);
  assert.deepEqual(tables(host), before);
  for (const place of [host.own, one, near, far]) inside(place, (requests) => requests.mtu(90, 1400));
  for (let changed = 0; changed < 4;)
    if ((await within('an event', watcher.recv()))?.type === 'linkChanged') changed++;
  assert.deepEqual(tables(host), before);
  await watcher.stop();
  assert.deepEqual(tables(host), before);
});

test('the same after it was killed, and what it watched dies', async (t) => {
  const host = freshHost(t);
  town(host);
  const before = tables(host);
  const child = spawn('setpriv', [
    ...['--pdeathsig', 'KILL', process.execPath],
    ...[watchUnifiedProgram, JSON.stringify({ links: true, unnamed: true })],
  ]);
  child.stderr.pipe(process.stderr);
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.match(String((await within('open', lines.next())).value), /"type":"open"/);
  assert.deepEqual(tables(host), before);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await within('its end', exited);
  assert.deepEqual(tables(host), before);
});

// Fails if a socket or a descriptor is kept in it.
test('nothing is held: each namespace ends with its last name or descriptor', async (t) => {
  const host = freshHost(t);
  const places = town(host);
  const held = (): string[] => [...openDescriptors().values()].filter((target) => target.includes('net:['));
  const before = held();
  const story = await LinkStory.open(t, host);
  assert.deepEqual(held(), before);
  await story.settle();
  assert.deepEqual(held(), before);
  for (const place of places) {
    // The kernel says what it has freed, and when.
    const start = performance.now();
    if (place.hold === 'name') host.unname(place, false);
    else host.release(place);
    await story.until(`destroyed ${place.label}`);
    const took = performance.now() - start;
    t.diagnostic(`${place.label}: ${Math.round(took)} ms`);
  }
});

test('opened and stopped, twenty times: no descriptor is left', async (t) => {
  const host = freshHost(t);
  town(host);
  await (await UnifiedNamespaceWatcher.open({ links: true })).stop();
  await withoutLeak(async () => {
    for (let round = 0; round < 20; round++) {
      const watcher = await UnifiedNamespaceWatcher.open({ links: true });
      inside(host.own, (requests) => requests.mtu(40, 1400 + (round % 2)));
      while ((await within('an event', watcher.recv()))?.type !== 'linkChanged');
      await watcher.stop();
    }
  });
});

test('without links no socket more is opened, and two more with them', async (t) => {
  const host = freshHost(t);
  town(host);
  const sockets = async (options: { links?: boolean; deaths: 'require' }): Promise<number> => {
    const { system, calls } = faulty(netlinkSystem(), () => undefined);
    const io = { system, clock: systemClock, diagnosis: new NameDiagnosis() };
    await (await UnifiedNamespaceWatcher.open(options, io)).stop();
    return calls.filter((call) => call === 'netlinkSocket').length;
  };
  const without = await sockets({ deaths: 'require' });
  assert.equal(await sockets({ links: false, deaths: 'require' }), without);
  assert.equal(await sockets({ links: true, deaths: 'require' }), without + 2);
});

test('without links none of its modules is loaded', async (t) => {
  freshHost(t);
  const loaded = async (options: object): Promise<string> => {
    const coverage = mkdtempSync('/run/loaded-');
    const child = spawn(process.execPath, [watchUnifiedProgram, JSON.stringify(options)], {
      env: { ...process.env, NODE_V8_COVERAGE: coverage },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await within('open', once(child.stdout, 'data'));
    child.stdout.resume();
    child.stdin.end();
    assert.deepEqual(await within('its end', exited), [0, null]);
    return readdirSync(coverage)
      .map((name) => readFileSync(`${coverage}/${name}`, 'utf8'))
      .join();
  };
  const modules = [
    'unified/link-source.js',
    'links/link-watcher.js',
    'links/link-graph.js',
    'link-group-reader.js',
  ];
  const without = await loaded({ unnamed: true });
  assert(without.includes('unified/unified-engine.js'));
  for (const module of modules) assert(!without.includes(module), module);
  const all = await loaded({ links: true });
  for (const module of modules) assert(all.includes(module), module);
});
