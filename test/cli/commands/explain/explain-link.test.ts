/** `nlink explain` of a link: which one is meant, and what is said of it. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import type { LinksEntry } from '../../../../src/format/link-row.ts';
import type { Link } from '../../../../src/watch/links/link-types.ts';
import type { FakeIo } from '../../support/fake-io.ts';
import { end, entryOf, linkOf, named, netnsOf, veth } from '../../support/links.ts';
import { identity, listed } from '../../support/lines.ts';
import { DIRECTORY, host as namespaceHost } from './explain-host.ts';

const home = netnsOf(1, { own: true });
const docker = netnsOf(3, {
  namespace: { ...identity, id: 77n, ino: 4026530077n },
  owner: { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6c745d' },
  pids: [4711, 4712],
});
const blue = { ...named(2, 'blue', DIRECTORY), namespace: identity, nsid: 5 };

/** Blue's eth0 is at a port of this namespace's bridge, as that of a container is. */
function host(...more: LinksEntry[]): FakeIo {
  const io = namespaceHost();
  const port = (ifindex: number, name: string, other: typeof home): Link =>
    veth(ifindex, name, end(other, 2, 'eth0'), { master: 2, slaveKind: 'bridge' });
  const eth0 = veth(2, 'eth0', end(home, 3, 'vethb'), { altNames: ['wan'], alias: 'to home' });
  const vlan = linkOf(3, 'eth0.7', {
    kind: 'vlan',
    peer: end(blue, 2, 'eth0'),
    peerState: 'one-sided',
    details: { kind: 'vlan', id: 7, protocol: '802.1Q' },
  });
  io.links.entries = [
    entryOf(blue, [eth0, vlan], { addresses: new Map([[2, ['10.0.0.2/24', 'fe80::1/64']]]) }),
    entryOf(home, [linkOf(2, 'br0', { kind: 'bridge' }), port(3, 'vethb', blue), port(4, 'vethc', docker)], {
      addresses: new Map(),
    }),
    entryOf(docker, [veth(2, 'eth0', end(home, 4, 'vethc'), { state: 'down', up: false })]),
    ...more,
  ];
  return io;
}

async function explained(io: FakeIo, ...words: string[]): Promise<string[]> {
  assert.equal(await run(['explain', '-d', DIRECTORY, ...words], io), 0, io.stderr.text);
  return io.stdout.lines;
}

test('a link in a namespace with a name: both ends', async () => {
  const io = host();
  assert.deepEqual(await explained(io, 'blue:eth0'), [
    'blue:eth0  veth  index 2  up',
    'Its other end is (this namespace):vethb, a port of br0 there',
    '  in  net:[4026532178]  id 9007199254740993  nsid 5',
    '  names  /run/netns/blue',
    '  addresses  10.0.0.2/24, fe80::1/64',
    '  hardware  02:00:00:00:00:01, mtu 1500',
    '  altnames  wan',
    '  alias  "to home"',
    '  carries  blue:eth0.7',
    'Where it leads:',
    '  (this namespace):vethb  veth  index 3  up',
    '    in  own',
    '    addresses  none',
    '    hardware  02:00:00:00:00:01, mtu 1500',
    '    master  br0',
  ]);
  assert.deepEqual(io.linksRequest, {
    directories: [DIRECTORY],
    proc: '/proc',
    fallbackTunnels: true,
    ownTable: false,
    statistics: false,
    addresses: true,
  });
});

test('--device: whose container is behind a veth of this namespace', async () => {
  assert.deepEqual((await explained(host(), '--device', 'vethc')).slice(0, 2), [
    '(this namespace):vethc  veth  index 4  up',
    'Its other end is docker 4f797c539e6c:eth0',
  ]);
  const lines = await explained(host(), '--device', 'vethc');
  assert.deepEqual(lines.slice(lines.indexOf('Where it leads:') + 1), [
    '  docker 4f797c539e6c:eth0  veth  index 2  down',
    '    in  net:[4026530077]  id 77',
    '    belongs to  docker 4f797c539e6c, PID 4711',
    '    hardware  02:00:00:00:00:01, mtu 1500',
  ]);
});

test('whatever nlink prints can be given, and an altname', async () => {
  for (const [word, title] of [
    ['blue:wan', 'blue:eth0'],
    ['nsid:5:eth0', 'blue:eth0'],
    ['net:[4026532178]:eth0', 'blue:eth0'],
    ['inode:4026532178:eth0', 'blue:eth0'],
    ['4711:eth0', 'blue:eth0'],
    ['/run/netns/blue:eth0', 'blue:eth0'],
    ['docker 4f797c539e6c:eth0', 'docker 4f797c539e6c:eth0'],
    ['(this namespace):br0', '(this namespace):br0'],
  ] as const) {
    const io = host();
    io.calls.isMissing = async (path) => path.endsWith(':eth0');
    const [line] = await explained(io, word);
    assert.ok(line?.startsWith(`${title}  `), `${word}: ${line}`);
  }
});

test('a namespace whose name holds a colon comes first', async () => {
  const io = host();
  io.namespaces.push({ ...listed('blue:eth0'), ready: true, namespace: { ...identity, id: 9n } });
  io.host.paths.set(`${DIRECTORY}/blue:eth0`, { ...identity, id: 9n });
  const [line] = await explained(io, 'blue:eth0');
  assert.match(line as string, /^net:\[4026532178\] {2}id 9/);
  assert.equal(io.linksRequest, null);
  // So does a path, and a link in it can still be given.
  io.links.entries = [entryOf(named(7, 'blue:eth0', DIRECTORY), [linkOf(2, 'x')])];
  io.stdout.text = '';
  assert.match((await explained(io, 'blue:eth0:x'))[0] as string, /^blue:eth0:x {2}index 2 {2}up$/);
});

test('where it leads, in a sentence', async () => {
  const closed = netnsOf(9);
  const said = async (link: Link): Promise<string> => {
    const io = host(entryOf(named(5, 'red', DIRECTORY), [link]));
    return (await explained(io, `red:${link.name}`))[1] as string;
  };
  const of = (peer: Link['peer'], peerState: Link['peerState'], kind = 'veth'): Link =>
    linkOf(8, 'x', { kind, peer, peerState });
  for (const [link, sentence] of [
    [of(end(docker, 2, 'eth0'), 'paired'), 'Its other end is docker 4f797c539e6c:eth0'],
    [of(end(blue, 2, 'eth0'), 'one-sided'), 'It stands on blue:eth0'],
    [of(end(home, null, null), 'one-sided', 'gre'), 'It sends in (this namespace), bound to no link there'],
    [of(null, 'one-sided', 'gre'), 'It stands on nothing'],
    [of(null, 'unpaired'), 'Its other end is not there: not yet, or no more'],
    [of(end(closed, 7, null), 'closed'), 'It leads to a namespace that may not be looked into: number:9:if7'],
    [of(null, 'closed'), 'It leads to a namespace that may not be looked into'],
    [
      of(null, 'unknown', 'wireguard'),
      'Where it leads is not known: of wireguard the kernel does not tell, and nobody saw it made',
    ],
    [of(null, null, 'dummy'), 'It leads to no other link'],
  ] as const)
    assert.equal(await said(link), sentence);
  assert.equal((await explained(host(), '--device', 'br0'))[1], 'It connects 2 ports');
});

test('the owner of a far end that has a name is said', async () => {
  const owned = { ...blue, owner: { kind: 'service', name: 'vpn.service', id: null } } as const;
  const io = host();
  const [, here] = io.links.entries;
  io.links.entries = [entryOf(owned, [veth(2, 'eth0', end(home, 3, 'vethb'))]), here as LinksEntry];
  assert.equal((await explained(io, '--device', 'vethb'))[1], 'Its other end is blue:eth0, of vpn.service');
});

test('JSON: the link, its far end, and what stands on it', async () => {
  const found = JSON.parse((await explained(host(), '--json', 'blue:eth0')).join(''));
  assert.deepEqual(
    [found.link.netns, found.link.name, found.link.addresses, found.link.pids],
    ['blue', 'eth0', ['10.0.0.2/24', 'fe80::1/64'], []],
  );
  assert.deepEqual(
    [found.far.netns, found.far.masterName, found.far.addresses],
    ['(this namespace)', 'br0', []],
  );
  assert.deepEqual(found.carries, [{ netns: 'blue', number: 2, ifindex: 3, name: 'eth0.7' }]);
  const bridge = JSON.parse((await explained(host(), '--json', '--device', 'br0')).join(''));
  assert.deepEqual(
    [bridge.far, bridge.ports.map(({ name }: { name: string }) => name)],
    [null, ['vethb', 'vethc']],
  );
});

test('what is not there, and what may not be looked at', async () => {
  const said = async (word: string, ...more: LinksEntry[]): Promise<[number, string]> => {
    const io = host(...more);
    return [await run(['explain', '-d', DIRECTORY, ...word.split(' ')], io), io.stderr.text];
  };
  assert.deepEqual(await said('blue:eth1'), [1, 'nlink: no link eth1 in blue; did you mean eth0?\n']);
  assert.match((await said('blau:eth0'))[1], /^nlink: ENOENT.*blau/);
  assert.deepEqual(await said('red:eth0'), [
    1,
    "nlink: ENOENT: open '/run/netns/red': there is no such namespace\n",
  ]);
  const [status, text] = await said(
    'shut:x',
    entryOf(named(4, 'shut', DIRECTORY), [], { linksState: 'closed' }),
  );
  assert.equal(status, 3);
  assert.match(text, /^nlink: the links of shut may not be looked at: that requires CAP_SYS_ADMIN/);
  const limited = entryOf(named(4, 'part', DIRECTORY), [linkOf(0, 'eth0')], { linksState: 'limited' });
  assert.deepEqual((await explained(host(limited), 'part:eth0')).slice(0, 2), [
    'part:eth0',
    'Only its name is known, from /proc',
  ]);
});
