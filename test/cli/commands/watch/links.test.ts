/** `nlink watch --links` over a watcher that the test holds: lines, JSON, hooks, what is chosen. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { namespaceSettings } from '../../../../src/cli/commands/watch/settings.ts';
import { run } from '../../../../src/cli/run.ts';
import type { Link, LinkEvent, LinkNamespace } from '../../../../src/watch/links/link-types.ts';
import type { InventoryEntry } from '../../../../src/watch/unified/unified-events.ts';
import { waitFor, within } from '../../../support/wait.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { givenBy } from '../../support/given.ts';
import { end, linkOf, named, netnsOf, veth } from '../../support/links.ts';

const home = netnsOf(1, { own: true });
const blue = named(2, 'blue');
const docker = netnsOf(3, { owner: { kind: 'docker', name: '4f79', id: '4f79a' }, pids: [7] });
const br0 = linkOf(2, 'br0', { kind: 'bridge' });
const port = veth(3, 'vethb', end(blue, 2, 'eth0'), { master: 2, slaveKind: 'bridge' });
const eth0 = veth(2, 'eth0', end(home, 3, 'vethb'));

const entryOf = (netns: LinkNamespace, links: Link[]): InventoryEntry => {
  const names = netns.names.map((name) => ({ ...name, ready: true }) as const);
  return { ...netns, names, lingering: false, links };
};

const changedTo = (
  link: Link,
  ...changed: Extract<LinkEvent, { type: 'linkChanged' }>['changed']
): LinkEvent => ({
  type: 'linkChanged',
  netns: blue,
  link,
  changed,
});

async function watch(io: FakeIo, words: string[], events: readonly LinkEvent[] = []): Promise<void> {
  const status = run(['watch', '--links', ...words], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  io.watcher.push(...events);
  await waitFor('all to be taken', () => io.watcher.taken === events.length);
  io.interrupt();
  assert.equal(await within('the end', status), 0);
}

/** What is printed of events after a bridge with a port in this namespace. */
async function printed(events: readonly LinkEvent[], ...words: string[]): Promise<string[]> {
  const io = new FakeIo();
  io.inventory = [entryOf(home, [br0, port])];
  await watch(io, ['--no-snapshot', '--time', 'none', ...words], events);
  return io.stdout.lines;
}

test('what is there: after each namespace its links', async () => {
  const io = new FakeIo();
  io.inventory = [entryOf(blue, [eth0]), entryOf(home, [br0, port])];
  await watch(io, []);
  assert.deepEqual(io.stdout.lines, [
    '03:04:05.006  present    blue              net:[4026532002]  id 2',
    '03:04:05.006  present    blue              eth0  veth  up  peer (this namespace):vethb',
    '03:04:05.006  present    -                 own',
    '03:04:05.006  present    (this namespace)  br0  bridge  up',
    '03:04:05.006  present    (this namespace)  vethb  veth  up  master br0  peer blue:eth0',
  ]);
});

test('a line for each event, with the names that it does not have', async () => {
  const moved = veth(5, 'eth0', end(blue, 9, 'x"y'), { state: 'down', up: false });
  assert.deepEqual(
    await printed([
      { type: 'linkAdded', netns: home, link: veth(9, 'vethc', end(docker, 2, 'eth0'), { master: 2 }) },
      { type: 'linkAdded', netns: home, link: veth(10, 'vethd', end(docker, null, null), { master: 77 }) },
      {
        type: 'linkMoved',
        from: { netns: blue, ifindex: 4, name: 'tmp' },
        to: { netns: docker, ifindex: 5, name: 'eth0' },
        link: moved,
      },
      { type: 'linkRemoved', netns: docker, link: moved },
      { type: 'linkRemoved', netns: blue, link: linkOf(6, 'e\n') },
    ]),
    [
      'added      (this namespace)  vethc  veth  up  master br0  peer docker 4f79:eth0',
      'added      (this namespace)  vethd  veth  up  master if77  peer docker 4f79 (not bound)',
      'moved      docker 4f79       eth0  from blue:tmp  veth  down  peer blue:"x\\"y"',
      'removed    docker 4f79       eth0  veth',
      'removed    blue              "e\\n"',
    ],
  );
});

test('of a change only what is new', async () => {
  const told = async (link: Partial<Link>, ...changed: (keyof Omit<Link, 'ifindex'>)[]): Promise<string> => {
    const before: LinkEvent = { type: 'linkAdded', netns: blue, link: eth0 };
    const master: LinkEvent = { type: 'linkAdded', netns: blue, link: linkOf(7, 'br1') };
    const lines = await printed([master, before, changedTo({ ...eth0, ...link }, ...changed)]);
    return lines[2]?.replace(/^changed {4}blue {14}/, '') as string;
  };
  assert.equal(await told({ state: 'down' }, 'state', 'flags'), 'eth0  no-carrier');
  assert.equal(await told({ state: 'down', up: false }, 'state', 'up', 'flags'), 'eth0  down');
  assert.equal(await told({ name: 'wan' }, 'name'), 'wan  renamed from eth0');
  assert.equal(await told({ mtu: 9000, address: null }, 'mtu', 'address'), 'eth0  mtu 9000, no address');
  assert.equal(await told({ master: 7, slaveKind: 'bridge' }, 'master', 'slaveKind'), 'eth0  master br1');
  assert.equal(await told({}, 'master'), 'eth0  no master');
  assert.equal(
    await told({ peer: end(docker, 2, 'e'), peerState: 'paired' }, 'peer', 'peerState'),
    'eth0  peer docker 4f79:e',
  );
  assert.equal(
    await told({ peer: null, peerState: 'unpaired' }, 'peer', 'peerState'),
    'eth0  peer (no other end)',
  );
  assert.equal(await told({ peer: null, peerState: null }, 'peer', 'peerState'), 'eth0  no peer');
  assert.equal(
    await told({ altNames: ['a b', 'c'], alias: 'up link' }, 'altNames', 'alias'),
    'eth0  altnames "a b" c, alias "up link"',
  );
  assert.equal(await told({ altNames: [], alias: null }, 'altNames', 'alias'), 'eth0  no altnames, no alias');
  assert.equal(await told({ details: { kind: 'vlan', id: 7, protocol: null } }, 'details'), 'eth0  id 7');
  assert.equal(await told({ address: '02:00:00:00:00:09' }, 'address'), 'eth0  address 02:00:00:00:00:09');
  assert.equal(await told({ flags: 0x1143 }, 'flags'), 'eth0  flags 0x1143');
});

test('of a link of which only the name is known nothing is made up', async () => {
  const part = linkOf(0, 'eth0', { state: 'unknown', up: false, flags: 0, mtu: 0, address: null });
  const events: LinkEvent[] = [
    { type: 'linkAdded', netns: docker, link: part },
    { type: 'linkRemoved', netns: docker, link: part },
  ];
  assert.deepEqual(await printed(events), [
    'added      docker 4f79       eth0',
    'removed    docker 4f79       eth0',
  ]);
  const [line = ''] = await printed(events, '--json');
  const { link } = JSON.parse(line) as { link: Record<string, unknown> };
  assert.deepEqual([link['ifindex'], link['name'], link['up'], link['mtu']], [null, 'eth0', null, null]);
});

test('JSON: the namespace, then the link', async () => {
  const [added, changed, moved] = (
    await printed(
      [
        { type: 'linkAdded', netns: blue, link: eth0 },
        changedTo({ ...eth0, mtu: 9000 }, 'mtu'),
        {
          type: 'linkMoved',
          from: { netns: blue, ifindex: 2, name: 'eth0' },
          to: { netns: home, ifindex: 5, name: 'eth0' },
          link: { ...port, ifindex: 5 },
        },
      ],
      '--json',
    )
  ).map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
  assert.deepEqual(Object.keys(added ?? {}), [
    'type',
    'netns',
    'number',
    'nsid',
    'own',
    'namespace',
    'names',
    'owner',
    'link',
  ]);
  assert.deepEqual(
    [added?.['netns'], added?.['number'], added?.['link']?.['peer']],
    ['blue', 2, { netns: '(this namespace)', number: 1, ifindex: 3, name: 'vethb' }],
  );
  assert.deepEqual(changed?.['changed'], ['mtu']);
  assert.equal(changed?.['link']?.['mtu'], 9000);
  assert.equal(moved?.['netns'], '(this namespace)');
  const { netns, number, ifindex, name } = moved?.['from'] ?? {};
  assert.deepEqual([netns, number, ifindex, name], ['blue', 2, 2, 'eth0']);
  assert.equal(moved?.['link']?.['masterName'], 'br0');
});

test('patterns: a link of a wanted name, or one that moved from or to one', async () => {
  const added = (netns: LinkNamespace): LinkEvent => ({ type: 'linkAdded', netns, link: eth0 });
  const moved = (from: LinkNamespace, to: LinkNamespace): LinkEvent => ({
    type: 'linkMoved',
    from: { netns: from, ifindex: 2, name: 'a' },
    to: { netns: to, ifindex: 2, name: 'eth0' },
    link: eth0,
  });
  const red = named(4, 'red');
  const lines = await printed(
    [added(blue), added(red), moved(blue, red), moved(red, blue), moved(red, home)],
    'bl*',
  );
  assert.deepEqual(
    lines.map((line) => line.split(/ +/).slice(0, 5)),
    [
      ['added', 'blue', 'eth0', 'veth', 'up'],
      ['moved', 'red', 'eth0', 'from', 'blue:a'],
      ['moved', 'blue', 'eth0', 'from', 'red:a'],
    ],
  );
});

test('--events takes their types and words; without --links it says what they need', () => {
  const { events } = namespaceSettings(givenBy('watch', '--links', '-e', 'linkMoved,added,created'));
  assert.deepEqual([...events], ['linkMoved', 'linkAdded', 'created']);
  for (const word of ['linkAdded', 'removed'])
    assert.throws(
      () => namespaceSettings(givenBy('watch', '-e', word)),
      new RegExp(`unknown type "${word}"; known: .*; ${word} requires --links$`),
    );
  assert.throws(
    () => namespaceSettings(givenBy('watch', '--links', '--format', 'ip')),
    /--links cannot be used/,
  );
});

test('which links are watched: not lo, unless asked for', () => {
  const linksOf = (...words: string[]): unknown =>
    namespaceSettings(givenBy('watch', '--links', ...words)).watcher.links;
  assert.deepEqual(linksOf(), { excludeKinds: [], excludeNames: ['lo'], fallbackTunnels: false });
  assert.deepEqual(
    linksOf(
      '--all-links',
      '--own-table',
      '--exclude-kind',
      'dummy,ifb',
      '--exclude-link',
      'v*',
      '--exclude-link',
      'x',
    ),
    { excludeKinds: ['dummy', 'ifb'], excludeNames: ['v*', 'x'], fallbackTunnels: true, ownTable: true },
  );
  assert.equal(namespaceSettings(givenBy('watch')).watcher.links, undefined);
});

test('a hook has the link, its far end and where it came from in its environment', async () => {
  const io = new FakeIo();
  io.env = { NLINK_PEER_NAME: 'not mine', HOME: '/root' };
  io.inventory = [entryOf(home, [br0])];
  const status = run(['watch', '--links', '--no-snapshot', '--exec', 'x'], io);
  await waitFor('the command to be loaded', () => io.listening === 2);
  const push = (...events: LinkEvent[]): void => io.watcher.push(...events);
  push(
    {
      type: 'linkMoved',
      from: { netns: blue, ifindex: 2, name: 'tmp' },
      to: { netns: home, ifindex: 3, name: 'vethb' },
      link: port,
    },
    { type: 'linkRemoved', netns: blue, link: linkOf(9, 'gone') },
    changedTo({ ...eth0, peer: null, peerState: 'unpaired' }, 'peer', 'peerState'),
  );
  await waitFor('a hook', () => io.hooks.length === 1);
  const [first] = io.hooks;
  const env = Object.entries(first?.start.env ?? {}).filter(([name]) => /^NLINK_(?!TIME)/.test(name));
  assert.deepEqual(Object.fromEntries(env), {
    NLINK_TYPE: 'linkMoved',
    NLINK_OWN: 'true',
    NLINK_NUMBER: '1',
    NLINK_NETNS: '(this namespace)',
    NLINK_LINK_IFINDEX: '3',
    NLINK_LINK_NAME: 'vethb',
    NLINK_LINK_KIND: 'veth',
    NLINK_LINK_STATE: 'up',
    NLINK_LINK_UP: 'true',
    NLINK_LINK_MTU: '1500',
    NLINK_LINK_ADDRESS: '02:00:00:00:00:01',
    NLINK_LINK_MASTER: 'br0',
    NLINK_PEER_NETNS: 'blue',
    NLINK_PEER_IFINDEX: '2',
    NLINK_PEER_NAME: 'eth0',
    NLINK_PEER_STATE: 'paired',
    NLINK_FROM_NETNS: 'blue',
    NLINK_FROM_IFINDEX: '2',
    NLINK_FROM_NAME: 'tmp',
  });
  // The next concern blue, from which it came: they wait for it.
  first?.end({ status: 3 });
  await waitFor('the next hook', () => io.hooks.length === 2);
  assert.match(io.stderr.text, /the hook for linkMoved \(this namespace\):vethb ended with status 3/);
  io.hooks[1]?.end();
  await waitFor('the last hook', () => io.hooks.length === 3);
  const last: NodeJS.ProcessEnv = io.hooks[2]?.start.env ?? {};
  assert.deepEqual(
    [
      last['NLINK_NAME'],
      last['NLINK_CHANGED'],
      last['NLINK_PEER_STATE'],
      last['NLINK_PEER_NAME'],
      last['HOME'],
    ],
    ['blue', 'peer peerState', 'unpaired', undefined, '/root'],
  );
  io.hooks[2]?.end();
  io.interrupt();
  assert.equal(await within('the end', status), 0);
});
