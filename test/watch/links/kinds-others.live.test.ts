/**
 * Links that lead nowhere, or to an end like themselves: pairs, masters and their ports, tun and
 * tap, and what tunnel modules put into every namespace. A kernel that lacks a kind says so.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { FALLBACK_TUNNELS } from '../../../src/netns/processes/lo-only.ts';
import { freshRun, ip } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { waitFor } from '../../support/wait.ts';
import { madeOrLacking } from './support/kinds.ts';
import { LinkRequests } from './support/link-requests.ts';
import { WatchedLinks } from './support/watched-links.ts';

const PATH = '/run/netns/home';

function scene(t: TestContext): void {
  freshRun(t);
  freshTable(t);
  for (const name of ['home', 'away']) ip('netns', 'add', name);
}

/** As ip-link(8) of later releases makes netkits. @returns false: the kernel does not have them */
function madePair(kind: string): boolean {
  try {
    LinkRequests.inside(PATH, (requests) =>
      requests.add(kind, { name: 'one', index: 0 }, { peer: { name: 'two', index: 0 } }),
    );
    return true;
  } catch (error) {
    assert.equal((error as { code?: unknown }).code, 'ENOTSUP');
    return false;
  }
}

for (const kind of ['veth', 'netkit'])
  test(`tells which ends of ${kind} belong together, at home and abroad`, async (t) => {
    scene(t);
    const watched = await WatchedLinks.open(t);
    if (!madePair(kind)) return;
    await watched.leads('home', 'one', 'home:two');
    await watched.leads('home', 'two', 'home:one');
    const { peerState, details } = watched.link('home', 'one') ?? {};
    assert.equal(peerState, 'paired');
    const isNetkit = kind === 'netkit';
    const detailsOf = (primary: boolean): object | null => (isNetkit ? { kind, mode: 'l3', primary } : null);
    assert.deepEqual(details, detailsOf(true));
    assert.deepEqual(watched.link('home', 'two')?.details, detailsOf(false));

    ip('-n', 'home', 'link', 'set', 'two', 'netns', 'away');
    await watched.leads('home', 'one', 'away:two');
    await watched.leads('away', 'two', 'home:one');
    await watched.tells('two', ['linkAdded home', 'linkMoved home:two away:two']);
    const late = await WatchedLinks.open(t);
    assert.equal(late.lead('home', 'one'), 'away:two');

    ip('netns', 'del', 'away');
    await watched.leads('home', 'one', 'gone');
    await late.leads('home', 'one', 'gone');
  });

test('tells a move that finds its name taken, and gets another, as one', async (t) => {
  scene(t);
  const watched = await WatchedLinks.open(t);
  for (const name of ['home', 'away'])
    ip('-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'two');
  await watched.leads('away', 'one', 'away:two');
  ip('-n', 'home', 'link', 'set', 'one', 'netns', 'away', 'name', 'other');
  await watched.leads('away', 'other', 'home:two');
  await watched.tells('other', ['linkMoved home:one away:other']);
});

test('tells nothing of an ipvtap whose lower device has moved', async (t) => {
  scene(t);
  ip('-n', 'home', 'link', 'add', 'low', 'type', 'veth', 'peer', 'name', 'low-far');
  const watched = await WatchedLinks.open(t);
  if (!madeOrLacking('-n', 'home', 'link', 'add', 'link', 'low', 'name', 'one', 'type', 'ipvtap')) return;
  await watched.leads('home', 'one', 'home:low');
  ip('-n', 'home', 'link', 'set', 'low', 'netns', 'away');
  await watched.leads('home', 'one', 'unknown');
  ip('-n', 'away', 'link', 'del', 'low');
  await watched.leads('home', 'one', 'gone');
});

for (const [kind, add, details] of [
  ['bridge', 'type bridge', { stp: false }],
  ['bond', 'type bond mode active-backup', { mode: 'active-backup' }],
  ['vrf', 'type vrf table 1007', { table: 1007 }],
  ['team', 'type team', {}],
] as const)
  test(`tells that a link is a port of a ${kind}, and no more`, async (t) => {
    scene(t);
    ip('-n', 'home', 'link', 'add', 'low', 'type', 'veth', 'peer', 'name', 'low-far');
    const watched = await WatchedLinks.open(t);
    if (!madeOrLacking('-n', 'home', 'link', 'add', 'top', ...add.split(' '))) return;
    await watched.leads('home', 'top', 'nothing');
    const master = watched.link('home', 'top');
    // Whether a bridge heeds VLANs, only kernels that can tell.
    assert.deepEqual({ ...master?.details, ...details }, { ...master?.details });
    ip('-n', 'home', 'link', 'set', 'low', 'master', 'top');
    await waitFor('the port', () => watched.link('home', 'low')?.master === master?.ifindex);
    assert.equal(watched.link('home', 'low')?.slaveKind, kind);
    assert.equal(watched.lead('home', 'low'), 'home:low-far');

    // Such cannot be moved. A port that moves is none any more.
    assert.throws(() => ip('-n', 'home', 'link', 'set', 'top', 'netns', 'away'));
    ip('-n', 'home', 'link', 'set', 'low', 'netns', 'away');
    await watched.leads('away', 'low', 'home:low-far');
    assert.equal(watched.link('away', 'low')?.master, null);
    assert.equal(watched.link('away', 'low')?.slaveKind, null);
    ip('-n', 'away', 'link', 'set', 'low', 'netns', 'home');
    await watched.leads('home', 'low', 'home:low-far');
    ip('-n', 'home', 'link', 'set', 'low', 'master', 'top');
    await waitFor('the port', () => watched.link('home', 'low')?.master === master?.ifindex);
    ip('-n', 'home', 'link', 'del', 'top');
    await watched.leads('home', 'top', 'gone');
    await waitFor('no master', () => watched.link('home', 'low')?.master === null);
    assert.equal(watched.link('home', 'low')?.slaveKind, null);
  });

for (const mode of ['tun', 'tap'])
  test(`tells that a ${mode} leads nowhere, and dies where it is`, async (t) => {
    scene(t);
    const watched = await WatchedLinks.open(t);
    if (!madeOrLacking('-n', 'home', 'tuntap', 'add', 'dev', 'one', 'mode', mode)) return;
    await watched.leads('home', 'one', 'nothing');
    assert.equal(watched.link('home', 'one')?.kind, 'tun');
    ip('-n', 'home', 'link', 'set', 'one', 'netns', 'away');
    await watched.leads('away', 'one', 'nothing');
    await watched.tells('one', ['linkAdded home', 'linkMoved home:one away:one']);
    ip('netns', 'del', 'home');
    await waitFor('the end of its home', () => watched.names('home').length === 0);
    assert.equal(watched.lead('away', 'one'), 'nothing');
    ip('netns', 'del', 'away');
    await watched.leads('away', 'one', 'gone');
  });

for (const [kind, fallbacks] of Object.entries({
  gre: ['gre0', 'gretap0', 'erspan0'],
  ip6gre: ['ip6gre0'],
  ipip: ['tunl0'],
  sit: ['sit0'],
  ip6tnl: ['ip6tnl0'],
  vti: ['ip_vti0'],
  vti6: ['ip6_vti0'],
}))
  test(`leaves out what ${kind} puts into every namespace, while it is down`, async (t) => {
    scene(t);
    const over = /6/.test(kind) ? '2001:db8::2' : '10.0.0.2';
    // Loads the module, if there is one. A namespace that is made later has its devices.
    if (!madeOrLacking('-n', 'home', 'link', 'add', 'one', 'type', kind, 'remote', over)) return;
    ip('netns', 'add', 'new');
    for (const name of fallbacks) assert(FALLBACK_TUNNELS.has(name), name);
    const watched = await WatchedLinks.open(t);
    const asked = await WatchedLinks.open(t, { fallbackTunnels: true });
    assert.deepEqual(watched.names('new'), ['lo']);
    for (const name of fallbacks) {
      assert.equal(asked.lead('new', name), 'nothing');
      // Those for Ethernet cannot be set up without one.
      if (/tap|span/.test(name)) ip('-n', 'new', 'link', 'set', name, 'address', '02:00:00:00:00:01');
      ip('-n', 'new', 'link', 'set', name, 'up');
      await watched.leads('new', name, 'nothing');
      ip('-n', 'new', 'link', 'set', name, 'down');
      await watched.leads('new', name, 'gone');
      await watched.tells(name, ['linkAdded new', 'linkRemoved new']);
      await asked.tells(name, []);
    }
    const all = ip('-n', 'new', '-o', 'link')
      .match(/^\d+: [^:@]+/gm)
      ?.map((line) => line.split(' ')[1]);
    assert.deepEqual(asked.names('new'), all);
  });
