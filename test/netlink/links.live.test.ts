/** Links and addresses of other namespaces, as the kernel tells them. */
import '../support/sandbox.ts';
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { AddressDump } from '../../src/netlink/address-dump.ts';
import { LinkDump, LinkQueries } from '../../src/netlink/link-request.ts';
import type { LinkMessage } from '../../src/netlink/link-message.ts';
import type { Dumped } from '../../src/netlink/target-dump.ts';
import { NETLINK_ROUTE } from '../../src/netlink/constants.ts';
import { openSockets } from '../../src/netlink/raw-socket.ts';
import type { RawSocket } from '../../src/netlink/raw-socket.ts';
import { Requester } from '../../src/netlink/requester.ts';
import type { Exchange } from '../../src/netlink/requester.ts';
import { errno } from '../../src/sys/errno.ts';
import { netlinkSystem } from '../../src/sys/socket.ts';
import { deleteNamespace, ip } from '../support/netns.ts';
import { freshTable, makeNamespaces } from '../support/nsids.ts';
import { waitFor } from '../support/wait.ts';
import { inside, LINK_SIZES, openScratch } from './scratch-links.ts';

test('a pair of devices between two namespaces: each end says where the other is', async (t) => {
  const [a, b] = makeNamespaces(2) as [string, string];
  const scratch = await openScratch(t);
  scratch.number(a, 1_000_001);
  scratch.number(b, 1_000_002);
  inside(
    a,
    'link',
    'add',
    'one',
    'address',
    '02:00:00:00:00:01',
    'mtu',
    '1400',
    'type',
    'veth',
    'peer',
    'name',
    'two',
    'netns',
    b,
  );
  inside(a, 'link', 'set', 'one', 'alias', 'the first', 'up');
  const one = scratch.links(1_000_001).get('one');
  const two = scratch.links(1_000_002).get('two');
  assert(one !== undefined && two !== undefined);
  assert.deepEqual(one, {
    family: 0,
    ifindex: one.ifindex,
    type: 1,
    flags: one.flags,
    name: 'one',
    altNames: [],
    alias: 'the first',
    kind: 'veth',
    slaveKind: null,
    details: null,
    operState: 'down',
    mtu: 1400,
    address: '02:00:00:00:00:01',
    master: null,
    link: two.ifindex,
    linkNsid: 1_000_002,
    targetNsid: 1_000_001,
    newNsid: null,
    newIfindex: null,
    statistics: null,
  });
  assert.equal(one.flags & 1, 1);
  assert.deepEqual(
    [two.link, two.linkNsid, two.operState, two.flags & 1],
    [one.ifindex, 1_000_001, 'down', 0],
  );
  assert.equal(scratch.links(1_000_001).get('lo')?.kind, null);
});

test('single links: there, not there, in no namespace', async (t) => {
  const [a = '', b = ''] = makeNamespaces(2);
  const scratch = await openScratch(t);
  scratch.number(a, 1_000_001);
  scratch.number(b, 1_000_002);
  const ask = (...queries: [number | null, number][]): unknown => {
    const answers = scratch.requester.exchange(
      new LinkQueries(queries.map(([target, ifindex]) => ({ target, ifindex }))),
    );
    assert(Array.isArray(answers));
    return answers.map((answer) => (typeof answer === 'number' ? answer : answer.name));
  };
  const queries: [number | null, number][] = [
    [1_000_001, 1],
    [1_000_001, 77],
    [5, 1],
    [null, 1],
    [1_000_002, 1],
  ];
  assert.deepEqual(ask(...queries), ['lo', errno.ENODEV, errno.EINVAL, 'lo', 'lo']);
  assert.deepEqual(ask([1_000_001, 1]), ['lo']);
  deleteNamespace(b);
  await waitFor('the end of the namespace', () => ask([1_000_002, 1])?.toString() === String(errno.EINVAL));
});

test('an answer that is longer than its slot', async (t) => {
  const [a = ''] = makeNamespaces(1);
  const scratch = await openScratch(t);
  scratch.number(a, 1_000_001);
  for (const name of ['one', 'two', 'three']) inside(a, 'link', 'add', name, 'type', 'bridge');
  const names = Array.from({ length: 60 }, (_, index) => `${index}-`.padEnd(120, 'x'));
  for (const name of names) inside(a, 'link', 'property', 'add', 'dev', 'two', 'altname', name);
  const links = scratch.links(1_000_001);
  assert.deepEqual(links.get('two')?.altNames, names);
  const indexes = ['one', 'two', 'three', 'two'].map((name) => links.get(name)?.ifindex ?? 0);
  const answers = await scratch.requester.exchange(
    new LinkQueries([...indexes, 99].map((ifindex) => ({ target: 1_000_001, ifindex }))),
  );
  assert.deepEqual(
    answers.map((answer) => (typeof answer === 'number' ? answer : [answer.name, answer.altNames.length])),
    [['one', 0], ['two', 60], ['three', 0], ['two', 60], errno.ENODEV],
  );
});

test("one's own links and addresses, with counters", async (t) => {
  freshTable(t);
  ip('link', 'set', 'lo', 'up');
  const requester = new Requester(
    openSockets(netlinkSystem(), NETLINK_ROUTE, {}, 1)[0] as RawSocket,
    LINK_SIZES,
  );
  t.after(() => requester.close());
  const { all: links, interrupted } = await requester.exchange(new LinkDump(null, 'all'));
  assert.equal(interrupted, false);
  const lo = links.find(({ name }) => name === 'lo');
  assert.deepEqual([lo?.targetNsid, lo?.operState, lo?.statistics?.rxErrors], [null, 'unknown', 0]);
  const { all: counted } = await requester.exchange(new LinkDump(null, 'counters'));
  assert.deepEqual(
    counted.map(({ name, ifindex, mtu }) => [name, ifindex, mtu]),
    links.map(({ name, ifindex }) => [name, ifindex, 0]),
  );
  assert.ok(counted.every(({ statistics }) => statistics?.carrierChanges !== undefined));
  const { all: addresses } = await requester.exchange(new AddressDump(null, requester.socket));
  assert.deepEqual(
    addresses.map(({ address, prefixLength, scope }) => [address, prefixLength, scope]),
    [
      ['127.0.0.1', 8, 254],
      ['::1', 128, 254],
    ],
  );
});

test('addresses of another namespace', async (t) => {
  const [a = ''] = makeNamespaces(1);
  const scratch = await openScratch(t);
  scratch.number(a, 1_000_001);
  inside(a, 'link', 'add', 'one', 'type', 'bridge');
  inside(a, 'address', 'add', '192.0.2.1/24', 'broadcast', '+', 'dev', 'one', 'label', 'one:x');
  inside(a, 'address', 'add', '192.0.2.5', 'peer', '192.0.2.6/32', 'dev', 'one');
  inside(a, 'address', 'add', '2001:db8::1:0:0:1/64', 'dev', 'one', 'nodad');
  const dump = await scratch.requester.exchange(new AddressDump(1_000_001, scratch.requester.socket));
  const ifindex = scratch.links(1_000_001).get('one')?.ifindex;
  const common = { ifindex, scope: 0, targetNsid: 1_000_001 };
  const ipv4 = { ...common, family: 2, flags: 0x80 };
  assert.deepEqual(dump, {
    all: [
      {
        ...ipv4,
        prefixLength: 24,
        address: '192.0.2.1',
        local: '192.0.2.1',
        broadcast: '192.0.2.255',
        label: 'one:x',
      },
      { ...ipv4, prefixLength: 32, address: '192.0.2.6', local: '192.0.2.5', broadcast: null, label: 'one' },
      {
        ...common,
        family: 10,
        flags: 0x82,
        prefixLength: 64,
        address: '2001:db8::1:0:0:1',
        local: null,
        broadcast: null,
        label: null,
      },
    ],
    interrupted: false,
  });
});

test('a socket that is not strict is not asked for the addresses of another namespace', () => {
  assert.throws(() => new AddressDump(7, { strict: false }), { code: 'ERR_NLINK_UNSUPPORTED_KERNEL' });
});

test('a namespace that is not there', async (t) => {
  const { requester } = await openScratch(t);
  const refused = { name: 'NetlinkError', code: 'EINVAL' };
  const links = { ...refused, syscall: 'RTM_GETLINK' };
  await assert.rejects(async () => requester.exchange(new LinkDump(77)), links);
  const addresses = { ...refused, syscall: 'RTM_GETADDR' };
  await assert.rejects(async () => requester.exchange(new AddressDump(77, requester.socket)), addresses);
});

test('a namespace that may not be looked into', async (t) => {
  const [a = ''] = makeNamespaces(1);
  // In a user namespace of its own, which does not own that network namespace.
  const { requester, number } = await openScratch(t, 0, { ...netlinkSystem(), setns: () => -errno.EPERM });
  number(a, 1_000_001);
  const refused = { name: 'NetlinkError', code: 'EACCES' };
  await assert.rejects(async () => requester.exchange(new LinkDump(1_000_001)), refused);
  await assert.rejects(async () => requester.exchange(new AddressDump(1_000_001, requester.socket)), refused);
  const queries = new LinkQueries([{ target: 1_000_001, ifindex: 1 }]);
  assert.deepEqual(await requester.exchange(queries), [errno.EACCES]);
});

test('a link that comes in the middle of a dump interrupts it', async (t) => {
  const [a = ''] = makeNamespaces(1);
  const scratch = await openScratch(t);
  scratch.number(a, 1_000_001);
  for (let index = 0; index < 100; index++) inside(a, 'link', 'add', `br${index}`, 'type', 'bridge');
  const dump = new LinkDump(1_000_001);
  let isFirst = true;
  const interrupted: Exchange<Dumped<LinkMessage>> = {
    count: 1,
    write: (buffer, sequence) => dump.write(buffer, sequence),
    take: (message) => {
      if (isFirst) inside(a, 'link', 'add', 'late', 'type', 'bridge');
      isFirst = false;
      return dump.take(message);
    },
    result: () => dump.result(),
  };
  assert.equal((await scratch.requester.exchange(interrupted)).interrupted, true);
  const again = await scratch.requester.exchange(new LinkDump(1_000_001));
  assert.deepEqual([again.all.length, again.interrupted], [102, false]);
});
