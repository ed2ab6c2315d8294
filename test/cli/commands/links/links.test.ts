/** `nlink links` over namespaces and links made of values. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { links } from '../../../../src/cli/commands/links/links.ts';
import type { LinksEntry } from '../../../../src/format/link-row.ts';
import { UsageError } from '../../../../src/cli/output/usage-error.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { givenBy } from '../../support/given.ts';
import { OTHER } from '../../support/lines.ts';
import { counters, end, entryOf, host, linkOf, lo, named, netnsOf, veth } from '../../support/links.ts';

async function run(entries: LinksEntry[], ...words: string[]): Promise<FakeIo> {
  const io = new FakeIo();
  io.links = { ...io.links, entries };
  assert.equal(await links(givenBy('links', ...words), io), 0);
  return io;
}

const table = async (entries: LinksEntry[], ...words: string[]): Promise<string[]> =>
  (await run(entries, ...words)).stdout.lines;

interface Row {
  netns: string;
  name: string;
  [field: string]: unknown;
}

const json = async (entries: LinksEntry[], ...words: string[]): Promise<Row[]> =>
  JSON.parse((await run(entries, '--json', ...words)).stdout.text) as Row[];

test('a row for each link, with where it leads', async () => {
  const io = await run(host());
  assert.deepEqual(io.stdout.lines, [
    'NAMESPACE            LINK   KIND       STATE             MASTER  PEER',
    'blue                 eth0   veth       up                -       (this namespace):vethb',
    'blue                 wg0    wireguard  up                -       ?',
    'blue                 alone  veth       no-carrier        -       (no other end)',
    'blue                 up     veth       up                -       nsid:9:if7 (closed)',
    '(this namespace)     br0    bridge     up                -       -',
    '(this namespace)     vethb  veth       up                br0     blue:eth0',
    '(this namespace)     eth9   -          down              if99    -',
    'docker 4f797c539e6c  vlan7  vlan       lower-layer-down  -       blue:eth0',
    'docker 4f797c539e6c  gre1   gre        up                -       (this namespace) (not bound)',
  ]);
  assert.match(io.stderr.text, /^nlink: the links of one namespace may not be looked at: that requires CAP_/);
  assert.deepEqual(io.linksRequest, {
    directories: ['/var/run/netns'],
    proc: '/proc',
    fallbackTunnels: false,
    ownTable: false,
    statistics: false,
    addresses: false,
  });
});

test('what is set up and carries nothing stands out on a terminal', async () => {
  const io = new FakeIo();
  io.env = { FORCE_COLOR: '1' };
  io.links = { ...io.links, entries: host() };
  await links(givenBy('links'), io);
  const yellow = io.stdout.lines.filter((line) => line.includes('\u001B[33m'));
  assert.deepEqual(
    yellow.map((line) => /(alone|vlan7)/.exec(line)?.[0]),
    ['alone', 'vlan7'],
  );
});

test('patterns choose namespaces by their names; far ends keep theirs', async () => {
  assert.deepEqual(await table(host(), 'b*', '--exclude-link', 'w*', '--exclude-link', 'a?*'), [
    'NAMESPACE  LINK  KIND  STATE  MASTER  PEER',
    'blue       eth0  veth  up     -       (this namespace):vethb',
    'blue       up    veth  up     -       nsid:9:if7 (closed)',
  ]);
});

test('kinds are left out, several at once; a master keeps its name', async () => {
  const rows = await table(host(), '--exclude-kind', 'bridge,gre', '--exclude-kind', 'wireguard');
  assert.deepEqual(
    rows.filter((line) => /bridge|gre1|wg0/.test(line)),
    [],
  );
  assert.ok(rows.some((line) => /vethb .* br0 /.test(line)));
});

test('lo only with --all, which reads fallback tunnels as well', async () => {
  const io = await run(host(), '--all');
  assert.equal(io.stdout.lines.filter((line) => / lo /.test(line)).length, 3);
  assert.equal(io.linksRequest?.fallbackTunnels, true);
  assert.equal((await run(host(), '--own-table')).linksRequest?.ownTable, true);
});

test('nothing to print: a note says why', async () => {
  const said = async (entries: LinksEntry[], ...words: string[]): Promise<string> => {
    const io = await run(entries, ...words);
    assert.equal(io.stdout.text, '');
    return io.stderr.text;
  };
  const red = named(1, 'red');
  assert.equal(await said([entryOf(red, [lo()])]), 'nlink: nothing but lo: --all shows it\n');
  assert.equal(await said([entryOf(red, [lo()])], 'blue'), 'nlink: no matching names in /var/run/netns\n');
  assert.equal(await said([entryOf(red, [])], 'red'), 'nlink: no links\n');
  assert.equal(
    await said([entryOf(red, [lo()])], '--all', '--exclude-link', '*'),
    'nlink: no links but those that were excluded\n',
  );
  assert.deepEqual(await json([entryOf(red, [lo()])]), []);
});

test('a name of another directory is its path; one that is not plain is quoted', async () => {
  const [first, second] = [named(1, 'a b'), named(2, 'red', OTHER)];
  const entries = [
    entryOf(first, [veth(2, 'e0', end(second, 2, 'e0'))]),
    entryOf(second, [veth(2, 'e0', end(first, 2, 'e0'))]),
  ];
  assert.deepEqual((await table(entries)).slice(1), [
    '"a b"                  e0    veth  up     -       /run/docker/netns/red:e0',
    '/run/docker/netns/red  e0    veth  up     -       "a b":e0',
  ]);
  const [row] = await json(entries);
  assert.equal(row?.netns, 'a b');
});

test('two namespaces of one owner are told apart, wherever they stand', async () => {
  const owner = { kind: 'service', name: 'vpn.service', id: null } as const;
  const [one, other] = [netnsOf(1, { owner }), netnsOf(2, { owner, nsid: 7 })];
  const entries = [
    entryOf(one, [veth(2, 'e0', end(other, 2, 'e0'))]),
    entryOf(other, [veth(2, 'e0', end(one, 2, 'e0'))]),
  ];
  const rows = await json(entries);
  assert.deepEqual(
    rows.map(({ netns, number, peer }) => [netns, number, peer]),
    [
      ['vpn.service number:1', 1, { netns: 'vpn.service nsid:7', number: 2, ifindex: 2, name: 'e0' }],
      ['vpn.service nsid:7', 2, { netns: 'vpn.service number:1', number: 1, ifindex: 2, name: 'e0' }],
    ],
  );
  assert.match(
    (await table(entries))[1] as string,
    /^vpn\.service number:1 {2}e0 .* vpn\.service nsid:7:e0$/,
  );
});

test('JSON: all fields, in one order', async () => {
  const rows = await json(host());
  const row = rows.find(({ name }) => name === 'vethb');
  assert.deepEqual(Object.entries(row ?? {}), [
    ['netns', '(this namespace)'],
    ['number', 1],
    ['nsid', null],
    ['own', true],
    ['namespace', null],
    ['names', []],
    ['owner', null],
    ['linksState', 'live'],
    ['ifindex', 3],
    ['name', 'vethb'],
    ['kind', 'veth'],
    ['state', 'up'],
    ['up', true],
    ['mtu', 1500],
    ['address', '02:00:00:00:00:01'],
    ['altNames', []],
    ['alias', null],
    ['master', 2],
    ['slaveKind', 'bridge'],
    ['peer', { netns: 'blue', number: 2, ifindex: 2, name: 'eth0' }],
    ['peerState', 'paired'],
    ['flags', 0x1043],
    ['details', null],
    ['masterName', 'br0'],
  ]);
  assert.deepEqual(rows.find(({ name }) => name === 'vlan7')?.['details'], {
    kind: 'vlan',
    id: 7,
    protocol: '802.1Q',
  });
  assert.deepEqual(rows.find(({ name }) => name === 'eth0')?.['namespace'], {
    id: '2',
    dev: '4',
    ino: '4026532002',
    since: '1',
  });
});

test('counters with --stats: columns and a field', async () => {
  const io = await run(host(), '--stats', '--exclude-link', '[!v]*');
  assert.equal(io.linksRequest?.statistics, true);
  assert.deepEqual(io.stdout.lines, [
    'NAMESPACE            LINK   KIND  STATE             MASTER  RX-BYTES  TX-BYTES  ERRORS  DROPPED  PEER',
    '(this namespace)     vethb  veth  up                br0      1234567        89       3        7  blue:eth0',
    'docker 4f797c539e6c  vlan7  vlan  lower-layer-down  -              -         -       -        -  blue:eth0',
  ]);
  const rows = await json(host(), '--stats');
  assert.deepEqual(
    rows.map(({ statistics }) => statistics).filter((found) => found !== null),
    [counters],
  );
  await assert.rejects(run(host(), '--stats', '--format', 'dot'), UsageError);
});

test('where only names are known nothing else is made up', async () => {
  const entries = [entryOf(named(1, 'red'), [linkOf(0, 'eth0')], { linksState: 'limited' })];
  const io = await run(entries);
  assert.deepEqual(io.stdout.lines, [
    'NAMESPACE  LINK  KIND  STATE  MASTER  PEER',
    'red        eth0  ?     ?      ?       ?',
  ]);
  assert.match(io.stderr.text, /^nlink: of the links of one namespace only names are known, from \/proc: /);
  const [row] = await json(entries);
  assert.deepEqual([row?.['ifindex'], row?.['state'], row?.['up'], row?.['mtu']], [null, null, null, null]);
});

test('what could not be found is said; nothing of it with --quiet', async () => {
  const io = new FakeIo();
  io.links = {
    entries: [
      entryOf(named(1, 'a'), [], { linksState: 'pending' }),
      entryOf(named(2, 'b'), [linkOf(2, 'e')], { linksState: 'approximate' }),
      entryOf(named(3, 'c'), [linkOf(2, 'e')], { linksState: 'approximate' }),
    ],
    linksFault: new Error('no rights'),
    unnamedFault: new Error('no user namespaces'),
    unseen: { processes: 0, hidden: true, outside: false },
  };
  await links(givenBy('links'), io);
  assert.deepEqual(io.stderr.lines, [
    'nlink: the links of one namespace could not be read in time: run it again',
    'nlink: the links of 2 namespaces change too fast to be followed: they may differ by now',
    'nlink: links may be missed: no rights',
    'nlink: namespaces without a name or an nsid are not found: no user namespaces',
    'nlink: namespaces without a name may be missed: /proc hides processes of others from this user (hidepid)',
  ]);
});
