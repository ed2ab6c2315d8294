/**
 * Links as those see them who may not look by the scratch table: an ordinary user, and whoever has
 * CAP_NET_ADMIN without CAP_SYS_ADMIN. The table: src/watch/unified/link-source.ts.
 */
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RawSocket } from '../../../src/netlink/raw-socket.ts';
import { LinkSource } from '../../../src/watch/unified/link-source.ts';
import { Inventory } from '../../../src/watch/unified/inventory.ts';
import type { InventoryEntry, UnifiedEvent } from '../../../src/watch/unified/unified-events.ts';
import type { LinkEvent } from '../../../src/watch/links/link-types.ts';
import { checkLinkOptions } from '../../../src/watch/links/link-options.ts';
import type { LinkSettings } from '../../../src/watch/links/link-options.ts';
import { ip } from '../../support/netns.ts';
import { spawnOrdinary } from '../../support/ordinary.ts';
import { follow, watchUnifiedProgram } from '../../support/watching.ts';
import type { Line } from '../../support/watching.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { Place } from './support/link-host.ts';
import { freshHost, inside, veth } from './support/link-story.ts';

/** What a watcher of another process tells. */
class Told {
  readonly entries: InventoryEntry[];
  readonly events: UnifiedEvent[] = [];
  readonly #next: () => Promise<Line>;

  private constructor(entries: InventoryEntry[], next: () => Promise<Line>) {
    this.entries = entries;
    this.#next = next;
  }

  static async open(t: TestContext, child: ChildProcessWithoutNullStreams): Promise<Told> {
    const next = follow(t, child);
    const line = (await next()) as unknown as { type: string; namespaces: InventoryEntry[] };
    assert.equal(line.type, 'open', JSON.stringify(line));
    return new Told(line.namespaces, next);
  }

  /** Waits for an event; all that came before are in {@link events}. */
  async until(isWanted: (event: UnifiedEvent) => boolean): Promise<UnifiedEvent> {
    for (;;) {
      const event = (await this.#next()) as unknown as UnifiedEvent;
      this.events.push(event);
      if (isWanted(event)) return event;
    }
  }

  get own(): InventoryEntry {
    return this.#one(({ own }) => own);
  }

  named(name: string): InventoryEntry {
    return this.#one(({ names }) => names.some((one) => one.name === name));
  }

  inhabitedBy(pid: number): InventoryEntry {
    return this.#one(({ pids = [] }) => pids.includes(pid));
  }

  #one(isIt: (entry: InventoryEntry) => boolean): InventoryEntry {
    const entry = this.entries.find(isIt);
    assert(entry !== undefined, JSON.stringify(this.entries));
    return entry;
  }
}

const OPTIONS = { unnamed: true };

/** With CAP_NET_ADMIN and CAP_NET_BROADCAST, and not CAP_SYS_ADMIN. */
function spawnNetAdmin(options: object): ChildProcessWithoutNullStreams {
  const drop = ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin', '--pdeathsig', 'KILL'];
  return spawn('setpriv', [...drop, process.execPath, watchUnifiedProgram, JSON.stringify(options)]);
}

const isLink =
  (type: LinkEvent['type'], name: string) =>
  (event: UnifiedEvent): boolean =>
    event.type === type && event.link.name === name;

const names = ({ links = [] }: InventoryEntry): string[] => links.map(({ name }) => name);

test('an ordinary user: the own namespace in full, names of those with processes, nothing of others', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  const inhabited = await host.addInhabited();
  veth({ place: host.own, name: 'a', index: 40 }, { place: one, name: 'b', index: 50 });
  veth({ place: inhabited, name: 'c', index: 60 }, { place: inhabited, name: 'd', index: 61 });
  const told = await Told.open(
    t,
    spawnOrdinary(watchUnifiedProgram, JSON.stringify({ links: true, ...OPTIONS })),
  );
  assert.equal(told.own.linksState, 'live');
  const a = told.own.links?.find(({ name }) => name === 'a');
  assert.deepEqual([a?.kind, a?.peerState, a?.peer?.ifindex, a?.peer?.name], ['veth', 'closed', 50, null]);
  assert.equal(told.named('one').linksState, 'closed');
  assert.deepEqual(told.named('one').links, []);
  const limited = told.inhabitedBy(inhabited.holder?.pid ?? 0);
  assert.equal(limited.linksState, 'limited');
  assert.deepEqual(
    names(limited)
      .filter((name) => name.length === 1)
      .toSorted(),
    ['c', 'd'],
  );
  const c = limited.links?.find(({ name }) => name === 'c');
  assert.deepEqual([c?.ifindex, c?.kind, c?.peerState], [60, null, 'unknown']);
  // Its own are told of at once, others at the next look.
  inside(host.own, (requests) => requests.mtu(40, 1400));
  const changed = await told.until(isLink('linkChanged', 'a'));
  assert(changed.type === 'linkChanged' && changed.link.mtu === 1400);
  inside(inhabited, (requests) => requests.rename(60, 'cc'));
  await told.until(isLink('linkAdded', 'cc'));
  assert(told.events.some(isLink('linkRemoved', 'c')));
  await host.leave(inhabited, false);
  const number = limited.number ?? null;
  const end = await told.until((event) => event.type === 'destroyed' && event.number === number);
  for (const name of ['cc', 'd']) assert(told.events.some(isLink('linkRemoved', name)), name);
  assert.equal(told.events.at(-1), end);
});

test('with CAP_NET_ADMIN and the own table: what has an nsid there, told of in one way only', async (t) => {
  const host = freshHost(t);
  const one = host.addNamed('one');
  const inhabited = await host.addInhabited();
  veth({ place: host.own, name: 'a', index: 40 }, { place: one, name: 'b', index: 50 });
  veth({ place: inhabited, name: 'c', index: 60 }, { place: inhabited, name: 'd', index: 61 });
  const told = await Told.open(t, spawnNetAdmin({ links: { ownTable: true }, ...OPTIONS }));
  const a = told.own.links?.find(({ name }) => name === 'a');
  assert.deepEqual([a?.peerState, a?.peer?.name], ['paired', 'b']);
  assert.equal(told.named('one').linksState, 'live');
  const limited = told.inhabitedBy(inhabited.holder?.pid ?? 0);
  assert.equal(limited.linksState, 'limited');
  // From now on it has an nsid here.
  veth({ place: host.own, name: 'e', index: 41 }, { place: inhabited, name: 'f', index: 62 });
  const added = await told.until(
    (event) => event.type === 'linkAdded' && event.link.name === 'c' && event.link.kind === 'veth',
  );
  assert(added.type === 'linkAdded');
  const { nsid } = added.netns;
  const ofC = told.events.flatMap((event) =>
    (event.type === 'linkAdded' || event.type === 'linkRemoved') && event.link.name === 'c'
      ? [`${event.type} ${event.link.kind}`]
      : [],
  );
  assert.deepEqual(ofC, ['linkRemoved null', 'linkAdded veth']);
  await host.leave(inhabited, false);
  // Namespaces with processes end elsewhere on the machine as well.
  await told.until((event) => event.type === 'destroyed' && event.nsid === nsid);
  const ends = told.events.filter((event) => event.type === 'linkRemoved' && event.link.name === 'd');
  assert.deepEqual(
    ends.map((event) => (event.type === 'linkRemoved' ? event.link.kind : '')),
    [null, 'veth'],
  );
});

// The numbers of the scratch table begin with 1,000,000, and an nsid of the own one may be as high.
test('a namespace that died by its number does not end another one that has it as its nsid', async (t) => {
  const host = freshHost(t);
  // Whatever the order in which names are numbered, one of the others has the nsid of one of these.
  const kept = [
    { name: 'one', nsid: '1000006' },
    { name: 'two', nsid: '1000001' },
  ];
  for (const { name, nsid } of kept) {
    inside(host.addNamed(name), (requests) => requests.add('bridge', { name: `in-${name}`, index: 50 }));
    ip('netns', 'set', name, nsid);
  }
  const others = ['u', 'v', 'w', 'x'].map((name) => host.addNamed(name));
  const told = await Told.open(t, spawnNetAdmin({ links: { ownTable: true } }));
  for (const { name } of kept) assert.equal(told.named(name).linksState, 'live');
  for (const other of others) host.unname(other, false);
  for (const _ of others) await told.until(({ type }) => type === 'destroyed');
  for (const { name } of kept) {
    inside(host.named(name) as Place, (requests) => requests.mtu(50, 1400));
    await told.until(isLink('linkChanged', `in-${name}`));
    assert(!told.events.some(isLink('linkRemoved', `in-${name}`)));
  }
});

test('one may not hear of all: nothing is left open', async () => {
  const closed: string[] = [];
  const socket = (name: string, isRefused: boolean): RawSocket =>
    ({
      requestReceiveBuffer: () => {},
      listenAll: () => {
        if (isRefused) throw new Error('refused');
      },
      close: () => closed.push(name),
    }) as unknown as RawSocket;
  const inventory = new Inventory(null);
  const table = {
    sockets: { asker: socket('asker', false), listener: socket('listener', true) },
    self: -2,
    all: true,
    follow: () => {},
    nsidOf: () => null,
    recordOf: () => undefined,
    isSelf: () => false,
    discover: () => null,
    nextFound: () => null,
    enterFound: () => [],
    died: () => null,
    close: () => closed.push('table'),
  };
  const parts = { inventory, table, processes: null, clock: new FakeClock() };
  await assert.rejects(LinkSource.open(parts, checkLinkOptions(true) as LinkSettings), /refused/u);
  assert.deepEqual([...new Set(closed)].toSorted(), ['asker', 'listener', 'table']);
});
