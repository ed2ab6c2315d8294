/** What a page shows after single events: the rows of the table in replay.ts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Replay } from '../../src/replay/replay.ts';
import type { PageLink, PageNamespace } from '../../src/replay/replay-types.ts';
import type { WireEvent, WireSnapshot } from '../../src/replay/wire.ts';
import { event, identity, link, linkRow, named, row, snapshot, TIME } from '../page/support/wire.ts';

const AT = Date.parse(TIME);
const HOST = { own: true, namespace: identity(1), number: 1 };
const BLUE = { namespace: identity(7), number: 3 };
const NAMED = { ...BLUE, ...named('blue'), ready: true };
/** As events of links say where they are. */
const where = { nsid: null, own: false, owner: null, names: [named('blue')], ...BLUE };

class Page {
  readonly replay = new Replay();
  seq = 0;
  now = 0;

  constructor(start: WireSnapshot = snapshot([row(HOST), row(NAMED)])) {
    this.replay.snapshot(start, this.now);
  }

  tell(...events: WireEvent[]): this {
    this.seq += events.length;
    this.replay.events(events, this.seq, this.now);
    return this;
  }

  box(key: string): PageNamespace | undefined {
    return this.replay.model.namespaces.get(key);
  }

  link(key: string): PageLink | undefined {
    return this.box(key.split('/')[0] ?? '')?.links.get(key);
  }

  get keys(): string[] {
    return [...this.replay.model.namespaces.keys()];
  }

  get last(): string | undefined {
    return this.replay.model.events.at(-1)?.text;
  }
}

test('a snapshot: boxes are called as nlink links calls them', () => {
  const owner = { kind: 'docker', name: 'abc', id: null };
  const page = new Page(
    snapshot([
      row(HOST),
      row(NAMED),
      row({
        ...named('my net'),
        path: '/run/x/my net',
        directory: '/run/x',
        ready: true,
        namespace: identity(8),
      }),
      row({ namespace: identity(9), number: 9, owner }),
      row({ nsid: 5 }),
      row({ number: 77, pids: [12] }),
      row({ ...named('stale'), ready: false, reason: 'not-a-namespace' }),
    ]),
  );
  assert.deepEqual(
    [...page.replay.model.namespaces.values()].map(({ key, label, shown }) => [key, label, shown]),
    [
      ['own', '(this namespace)', '(this namespace)'],
      ['id:7', 'blue', 'blue'],
      ['id:8', '/run/x/my net', '"/run/x/my net"'],
      ['id:9', 'docker abc', 'docker abc'],
      ['nsid:5', 'nsid:5', 'nsid:5'],
      ['number:77', 'pid:12', 'pid:12'],
      ['name:/var/run/netns/stale', 'stale', 'stale'],
    ],
  );
  assert.equal(page.box('name:/var/run/netns/stale')?.names[0]?.reason, 'not-a-namespace');
});

test('names: created, a second one, one that is not ready and then is', () => {
  const page = new Page();
  page.tell(event('created', { ...named('red'), ready: true, namespace: identity(8) }));
  assert.equal(page.last, 'red created');
  page.tell(event('created', { ...named('also'), ready: true, namespace: identity(7) }));
  assert.equal(page.last, 'also created, a name of blue');
  assert.deepEqual(
    page.box('id:7')?.names.map(({ name }) => name),
    ['blue', 'also'],
  );
  page.tell(event('created', { ...named('late'), ready: false, reason: 'pending' }));
  assert.equal(page.last, 'late created, not ready: pending');
  assert.deepEqual(page.keys.length, 4);
  page.tell(event('mounted', { ...named('late'), namespace: identity(9) }));
  assert.deepEqual(page.keys, ['own', 'id:7', 'id:8', 'id:9']);
  // Told once more, nothing is different.
  const { model } = page.replay;
  const boxes = [...model.namespaces.values()];
  page.tell(event('mounted', { ...named('late'), namespace: identity(9) }));
  assert.deepEqual(
    [...page.replay.model.namespaces.values()].map((box, at) => box === boxes[at]),
    [true, true, true, true],
  );
  assert.notEqual(page.replay.model, model);
});

test('a name goes: the namespace lingers, or ends, greyed for ten seconds', () => {
  const page = new Page();
  page.tell(event('deleted', { ...named('blue'), namespace: identity(7), alive: true }));
  assert.deepEqual([page.box('id:7')?.lingering, page.box('id:7')?.label], [true, 'inode:4026530007']);
  assert.equal(page.last, 'blue deleted, its namespace lives on');
  page.tell(event('destroyed', { ...BLUE, names: [named('blue')] }));
  assert.deepEqual(page.box('id:7')?.ended, { at: AT, reason: 'destroyed' });
  assert.equal(page.box('id:7')?.label, 'blue', 'as it was called');
  assert.equal(page.last, 'blue destroyed');
  assert.equal(page.replay.due, 10_000);
  assert.equal(page.replay.tick(9999), false);
  assert.equal(page.replay.tick(10_000), true);
  assert.deepEqual([page.keys, page.replay.due], [['own'], null]);
});

test('a name goes whose namespace nobody follows', () => {
  const page = new Page(snapshot([row({ ...NAMED, number: null })]));
  page.tell(event('deleted', { ...named('blue'), namespace: identity(7), alive: null }));
  assert.deepEqual(page.box('id:7')?.ended?.reason, 'deleted');
  const dead = new Page();
  dead.tell(event('deleted', { ...named('blue'), namespace: identity(7), alive: false }));
  assert.deepEqual(dead.box('id:7')?.ended?.reason, 'destroyed');
  dead.tell(event('destroyed', { ...BLUE, names: [named('blue')] }));
  assert.deepEqual([dead.keys, dead.last], [['own', 'id:7'], 'blue destroyed']);
});

test('unmounted: the name has a box of its own, which ends with it', () => {
  const page = new Page();
  page.tell(event('unmounted', { ...named('blue'), namespace: identity(7), alive: true }));
  const key = 'name:/var/run/netns/blue';
  assert.deepEqual(page.box(key)?.names, [{ ...named('blue'), ready: false, reason: 'unmounted' }]);
  assert.equal(page.box('id:7')?.lingering, true);
  page.tell(event('deleted', { ...named('blue'), namespace: identity(7), alive: true }));
  assert.deepEqual(page.box(key)?.ended?.reason, 'deleted');
  page.tell(event('created', { ...named('blue'), ready: false, reason: 'pending' }));
  assert.equal(page.box(key)?.ended, null, 'it is back');
  page.replay.tick(10_000);
  assert.ok(page.keys.includes(key));
});

test('nsids change hands', () => {
  const page = new Page();
  page.tell(event('nsidAssigned', { nsid: 3, namespace: identity(7), names: [named('blue')] }));
  assert.equal(page.box('id:7')?.nsid, 3);
  page.tell(event('nsidAssigned', { nsid: 3, names: [] }));
  assert.equal(page.keys.length, 2, 'the same told once more, without who it is');
  page.tell(event('nsidAssigned', { nsid: 3, namespace: identity(8), names: [] }));
  assert.deepEqual([page.box('id:7')?.nsid, page.box('id:8')?.nsid], [null, 3]);
  page.tell(event('nsidAssigned', { nsid: 4, names: [] }));
  assert.deepEqual([page.keys.at(-1), page.last], ['nsid:4', 'nsid:4 got nsid 4']);
  page.tell(event('created', { ...named('red'), ready: true, nsid: 4, namespace: identity(9) }));
  assert.deepEqual(page.box('nsid:4')?.names[0]?.name, 'red', 'it has a name now');
  page.tell(event('destroyed', { nsid: 4, namespace: identity(9), names: [] }));
  assert.equal(page.box('nsid:4')?.ended?.reason, 'destroyed');
});

test('one that was known by its processes alone has a name now', () => {
  const page = new Page();
  const owner = { kind: 'docker', name: 'abc', id: null };
  page.tell(event('found', { number: 9, pids: [5], owner, loOnly: true }));
  assert.deepEqual([page.box('number:9')?.label, page.last], ['docker abc', 'docker abc found']);
  page.tell(event('linkAdded', { ...where, namespace: null, number: 9, names: [], link: link(2, 'eth0') }));
  // Which namespace it is nobody knew: two boxes, until something says that they are one.
  page.tell(event('created', { ...named('red'), ready: true, namespace: identity(9) }));
  assert.equal(page.keys.length, 4);
  page.tell(
    event('linkAdded', {
      ...where,
      namespace: identity(9),
      number: 9,
      names: [named('red')],
      link: link(3, 'eth1'),
    }),
  );
  assert.deepEqual(page.keys, ['own', 'id:7', 'number:9']);
  const box = page.box('number:9');
  assert.deepEqual([box?.label, box?.owner?.name, box?.identity?.id], ['red', 'abc', '9']);
  assert.deepEqual([...(box?.links.keys() ?? [])], ['number:9/2', 'number:9/3']);
});

test('links: added, changed, moved, removed', () => {
  const page = new Page();
  const peer = { netns: '(this namespace)', number: 1, ifindex: 5, name: 'vethb' };
  const host = { nsid: null, owner: null, names: [], ...HOST };
  page.tell(event('linkAdded', { ...where, link: link(2, 'eth0', { peer, peerState: 'paired' }) }));
  assert.equal(page.last, 'blue:eth0 added, paired with (this namespace):vethb');
  assert.deepEqual(page.link('id:7/2')?.peer, {
    namespace: 'own',
    label: '(this namespace)',
    shown: '(this namespace)',
    ifindex: 5,
    name: 'vethb',
  });
  assert.equal(page.box('id:7')?.linksState, 'live');
  const before = page.box('id:7');
  const hostBefore = page.box('own');
  page.tell(event('linkChanged', { ...where, link: link(2, 'eth0', { mtu: 9000 }), changed: ['mtu'] }));
  assert.equal(page.last, 'blue:eth0 mtu 9000');
  assert.notEqual(page.box('id:7'), before, 'a new object');
  assert.equal(page.box('own'), hostBefore, 'the same object');
  page.tell(
    event('linkMoved', {
      ...host,
      from: { ...where, ifindex: 2, name: 'eth0' },
      link: link(6, 'eth0', { up: false }),
    }),
  );
  assert.equal(page.last, '(this namespace):eth0 moved from blue:eth0');
  assert.deepEqual([page.link('id:7/2'), page.link('own/6')?.name], [undefined, 'eth0']);
  page.tell(event('linkRemoved', { ...host, link: link(6, 'eth0') }));
  assert.deepEqual(
    [page.link('own/6')?.ended, page.last],
    [{ at: AT, reason: 'removed' }, '(this namespace):eth0 removed'],
  );
  page.now = 4000;
  page.tell(event('linkAdded', { ...host, link: link(6, 'eth1') }));
  assert.equal(page.link('own/6')?.ended, null);
  page.tell(event('linkRemoved', { ...host, link: link(6, 'eth1') }));
  page.replay.tick(10_000);
  assert.notEqual(page.link('own/6'), undefined, 'its own ten seconds are not over');
  page.replay.tick(14_000);
  assert.equal(page.link('own/6'), undefined);
  page.tell(event('linkRemoved', { ...where, namespace: identity(99), number: 99, link: link(1, 'lo') }));
  assert.deepEqual(page.keys, ['own', 'id:7'], 'of one that is not there any more');
});

test('links are in the order of their indexes, whenever they come', () => {
  const page = new Page();
  for (const index of [5, 2, 9, 1, 7])
    page.tell(event('linkAdded', { ...where, link: link(index, `v${index}`) }));
  assert.deepEqual(
    [...(page.box('id:7')?.links.values() ?? [])].map(({ ifindex }) => ifindex),
    [1, 2, 5, 7, 9],
  );
});

test('links whose index is not known, and is known later', () => {
  const unknown = { kind: null, state: null, up: null, mtu: null, peerState: null } as const;
  const page = new Page();
  page.tell(event('linkAdded', { ...where, link: link(null, 'eth0', unknown) }));
  assert.deepEqual([page.link('id:7/=eth0')?.name, page.box('id:7')?.linksState], ['eth0', 'limited']);
  page.tell(event('linkChanged', { ...where, link: link(2, 'eth0'), changed: ['mtu'] }));
  assert.deepEqual([...(page.box('id:7')?.links.keys() ?? [])], ['id:7/2']);
});

test('the far end is called as its box is called now', () => {
  const red = { namespace: identity(8), number: 4 };
  const peer = { netns: 'inode:4026530008', number: 4, ifindex: 2, name: 'eth0' };
  const page = new Page(
    snapshot([row(NAMED), row(red)], [linkRow(BLUE, link(2, 'eth0', { peer, peerState: 'paired' }))]),
  );
  assert.equal(page.link('id:7/2')?.peer?.label, 'inode:4026530008');
  const before = page.box('id:7');
  page.tell(event('created', { ...named('red'), ready: true, namespace: identity(8) }));
  assert.equal(page.link('id:7/2')?.peer?.label, 'red');
  assert.notEqual(page.box('id:7'), before);
  // A far end that has no box yet.
  const later = { netns: 'x', number: 50, ifindex: 2, name: 'eth0' };
  page.tell(event('linkAdded', { ...where, link: link(3, 'eth1', { peer: later, peerState: 'paired' }) }));
  assert.deepEqual(page.link('id:7/3')?.peer?.namespace, null);
  page.tell(event('found', { number: 50, namespace: identity(50) }));
  assert.deepEqual(
    [page.link('id:7/3')?.peer?.namespace, page.link('id:7/3')?.peer?.label],
    ['id:50', 'inode:4026530050'],
  );
});

test('two of one owner have a number, for as long as there are two', () => {
  const owner = { kind: 'service', name: 'a.service', id: null };
  const [one, two] = [8, 9].map((id) => ({ namespace: identity(id), number: id, owner }));
  const page = new Page(snapshot([row({ ...one })]));
  assert.equal(page.box('id:8')?.label, 'a.service');
  page.tell(event('found', { ...two }));
  assert.deepEqual(
    ['id:8', 'id:9'].map((key) => page.box(key)?.label),
    ['a.service inode:4026530008', 'a.service inode:4026530009'],
  );
  page.tell(event('destroyed', { ...two, names: [] }));
  assert.equal(page.box('id:8')?.label, 'a.service');
  assert.equal(page.box('id:9')?.label, 'a.service inode:4026530009');
});

test('another snapshot: who is in it stays the same object, who is not is greyed', () => {
  const rows = [
    row(HOST),
    row(NAMED),
    row({ ...named('red'), ready: true, namespace: identity(8), number: 4 }),
  ];
  const links = [linkRow(BLUE, link(1, 'lo')), linkRow(BLUE, link(2, 'eth0'))];
  const page = new Page(snapshot(rows, links));
  const [host, blue] = [page.box('own'), page.box('id:7')];
  page.replay.snapshot(snapshot(rows, links), 0);
  assert.deepEqual([page.box('own') === host, page.box('id:7') === blue], [true, true]);
  page.replay.snapshot(snapshot(rows.slice(0, 2), links.slice(0, 1)), 0);
  assert.equal(page.box('own'), host);
  assert.deepEqual([page.box('id:8')?.ended?.reason, page.link('id:7/2')?.ended?.reason], ['gone', 'gone']);
  page.replay.tick(10_000);
  assert.deepEqual([page.keys, page.link('id:7/2')], [['own', 'id:7'], undefined]);
});

test('another server: numbers count for nothing, identities do', () => {
  const page = new Page(snapshot([row(HOST), row(NAMED), row({ number: 4 })]));
  page.tell(event('deleted', { ...named('x') }));
  page.replay.snapshot(
    snapshot([row({ ...NAMED, number: 1 }), row({ ...HOST, number: 3 }), row({ number: 4 })], [], {
      epoch: 'two',
    }),
    0,
  );
  assert.deepEqual([page.box('id:7')?.number, page.box('own')?.number], [1, 3]);
  assert.equal(page.box('number:4')?.ended?.reason, 'gone', 'it may be any other');
  assert.deepEqual(page.replay.model.events, [], 'numbers of events begin anew');
  assert.equal([...page.replay.model.namespaces.values()].filter(({ ended }) => ended === null).length, 3);
});

test('lost events and parts are said; without a part a snapshot is needed', () => {
  const page = new Page(snapshot([row(HOST)], [], { unavailable: ['deaths'] }));
  page.tell(event('resynced', { lost: ['names', 'links'] }));
  assert.deepEqual(page.replay.model.resynced, { at: AT, lost: ['names', 'links'] });
  assert.equal(page.last, 'events were lost (names, links), all was read again');
  page.tell(event('nsidsUnavailable', { reason: 'ENOBUFS' }));
  assert.deepEqual(page.replay.model.unavailable, ['deaths', 'nsids']);
  assert.equal(page.replay.isSnapshotNeeded, true);
  page.replay.snapshot(snapshot([row(HOST)]), 0);
  assert.deepEqual([page.replay.isSnapshotNeeded, page.replay.model.unavailable], [false, []]);
});

test('rows say what no event tells; who is there or not counts by two of them', () => {
  const page = new Page();
  const owner = { kind: 'docker', name: 'abc', id: null };
  const blue = row({ ...NAMED, pids: [4], processes: 20, owner, linksState: 'approximate' });
  page.replay.rows([row(HOST), blue, row({ number: 9 })], 0);
  const box = page.box('id:7');
  assert.deepEqual([box?.pids, box?.processes, box?.linksState], [[4], 20, 'approximate']);
  assert.deepEqual([page.keys, page.replay.isUnsure], [['own', 'id:7'], true]);
  page.replay.rows([row(HOST), row({ number: 9 })], 0);
  assert.deepEqual([page.box('number:9')?.ended, page.box('id:7')?.ended], [null, null]);
  page.replay.rows([row(HOST), row({ number: 9 })], 0);
  assert.equal(page.box('id:7')?.ended?.reason, 'gone');
  assert.equal(page.replay.isUnsure, true);
  page.replay.rows([row(HOST), row({ number: 9 })], 0);
  assert.equal(page.replay.isUnsure, false);
});

test('an event that is older than the snapshot takes no name from who has it now', () => {
  const red = { ...named('blue'), ready: true, namespace: identity(8) };
  const page = new Page(snapshot([row(red)], [linkRow({ namespace: identity(8) }, link(2, 'eth0'))]));
  for (const type of ['deleted', 'unmounted'])
    page.tell(event(type, { ...named('blue'), namespace: identity(7), alive: null }));
  assert.deepEqual([page.keys, page.box('id:8')?.names.length, page.box('id:8')?.ended], [['id:8'], 1, null]);
  page.tell(event('created', red));
  assert.equal(page.box('id:8')?.links.size, 1);
});

test('one that looked as if it had ended is back, with the links that ended with it', () => {
  const there = { namespace: identity(7) };
  const peer = { netns: '(this namespace)', number: 1, ifindex: 5, name: 'vethb' };
  const links = [2, 3].map((index) =>
    linkRow(there, link(index, `eth${index}`, { peer, peerState: 'paired' })),
  );
  const page = new Page(snapshot([row(HOST), row({ ...NAMED, number: null })], links));
  page.tell(event('linkRemoved', { ...where, number: null, link: link(3, 'eth3') }));
  // Where deaths are not watched nobody knows whether it lives.
  page.tell(event('deleted', { ...named('blue'), namespace: identity(7), alive: null }));
  assert.deepEqual(
    [page.box('id:7')?.ended?.reason, page.link('id:7/2')?.ended?.reason],
    ['deleted', 'deleted'],
  );
  page.tell(event('created', { ...named('red'), ready: true, namespace: identity(7) }));
  assert.deepEqual([page.box('id:7')?.ended, page.box('id:7')?.label], [null, 'red']);
  assert.deepEqual([page.link('id:7/2')?.ended, page.link('id:7/3')?.ended?.reason], [null, 'removed']);
  assert.equal(page.link('id:7/2')?.peer?.namespace, 'own');
  page.replay.tick(10_000);
  assert.deepEqual([...(page.box('id:7')?.links.keys() ?? [])], ['id:7/2']);
});

test('what is told of one that is not in sight any more says what it is about', () => {
  const page = new Page();
  page.tell(event('destroyed', { number: 50, namespace: identity(50), names: [named('r4')] }));
  assert.deepEqual([page.last, page.replay.model.events.at(-1)?.namespace], ['r4 destroyed', null]);
  const gone = { nsid: null, own: false, owner: null, names: [], number: 50, namespace: identity(50) };
  const peer = { netns: 'red', number: 51, ifindex: 2, name: 'to-r4' };
  page.tell(event('linkRemoved', { ...gone, link: link(2, 'to-r3', { peer, peerState: 'paired' }) }));
  assert.equal(page.last, 'inode:4026530050:to-r3 removed, was paired with red:to-r4');
  page.tell(event('linkRemoved', { ...gone, names: [named('r4')], link: link(2, 'x') }));
  assert.equal(page.last, 'r4:x removed');
  // Its links are told of after its last name, and it ended with that.
  page.tell(event('linkAdded', { ...where, link: link(2, 'eth0') }));
  page.tell(event('deleted', { ...named('blue'), namespace: identity(7), alive: false }));
  page.tell(event('linkRemoved', { ...where, names: [], link: link(2, 'eth0') }));
  assert.equal(page.last, 'blue:eth0 removed');
  assert.deepEqual(page.replay.model.events.at(-1)?.link, 'id:7/2');
  assert.equal(page.link('id:7/2')?.ended?.reason, 'destroyed');
  page.tell(event('unmounted', { ...named('no'), path: '/x/no', directory: '/x' }));
  assert.equal(page.last, '/x/no unmounted');
});

test('hostile names are text, escaped in the time line', () => {
  const page = new Page();
  const name = '<b>\u202e\n\udce9';
  page.tell(event('created', { ...named(name), ready: true, namespace: identity(8) }));
  assert.equal(page.last, '"<b>\\u202e\\n\\xe9" created');
  assert.deepEqual([page.box('id:8')?.label, page.box('id:8')?.shown], [name, '"<b>\\u202e\\n\\xe9"']);
});

test('the time line keeps the last 300, each with its number', () => {
  const page = new Page();
  for (let at = 0; at < 310; at++) page.tell(event('resynced', { lost: [] }));
  page.tell(event('linkAdded', { ...where, link: link(2, 'eth0') }));
  const { events } = page.replay.model;
  assert.deepEqual([events.length, events[0]?.seq, events.at(-1)?.seq], [300, 12, 311]);
  assert.deepEqual([events.at(-1)?.namespace, events.at(-1)?.link], ['id:7', 'id:7/2']);
});
