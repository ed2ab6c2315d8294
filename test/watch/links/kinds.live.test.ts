/**
 * Where a link of each kind leads, by the kernel that is there: at home, abroad, and when what it
 * stands upon dies. A kernel that lacks a kind says so.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { read } from '../../docs/tables.ts';
import { freshRun, ip } from '../../support/netns.ts';
import { freshTable } from '../../support/nsids.ts';
import { waitFor } from '../../support/wait.ts';
import { KINDS, madeOrLacking } from './support/kinds.ts';
import type { Fate, Kind } from './support/kinds.ts';
import { WatchedLinks } from './support/watched-links.ts';

/** The device that others stand upon: every kernel has veths. */
function makeLower(): void {
  ip('-n', 'home', 'link', 'add', 'low', 'type', 'veth', 'peer', 'name', 'low-far');
}

function scene(t: TestContext): void {
  freshRun(t);
  freshTable(t);
  for (const name of ['home', 'away']) ip('netns', 'add', name);
  makeLower();
}

const make = ({ add }: Kind, name: string): boolean =>
  madeOrLacking('-n', 'home', 'link', 'add', ...add.replace('NAME', name).split(' '));

const move = (name: string): string => ip('-n', 'home', 'link', 'set', name, 'netns', 'away');

/** What a watcher says that never saw the link at home. */
const lateFate = ({ late }: Kind, fate: Fate): string => (fate === 'gone' ? fate : (late ?? fate));

for (const kind of KINDS)
  test(`tells where ${kind.kind}${kind.variant ?? ''} leads, at home and abroad`, async (t) => {
    scene(t);
    const watched = await WatchedLinks.open(t);
    if (!make(kind, 'one')) return;
    await waitFor('the link', () => watched.link('home', 'one') !== undefined);
    await watched.leads('home', 'one', kind.home);
    const link = watched.link('home', 'one');
    const lower = watched.link('home', 'low')?.ifindex;
    assert.equal(link?.kind, kind.kind);
    if (kind.details !== undefined) {
      const wanted = { ...kind.details };
      if (wanted['lower'] === 'low') wanted['lower'] = lower;
      assert.deepEqual(link.details, wanted);
    }
    assert.equal(link.peerState, link.peer === null ? null : 'one-sided');

    move('one');
    await waitFor('the move', () => watched.link('away', 'one') !== undefined);
    await watched.leads('away', 'one', kind.abroad);
    const events = ['linkAdded home', 'linkMoved home:one away:one'];
    await watched.tells('one', events);
    const late = await WatchedLinks.open(t);
    assert.equal(late.lead('away', 'one'), kind.late ?? kind.abroad);

    ip('-n', 'home', 'link', 'del', 'low');
    for (const one of [watched, late]) {
      await waitFor('the end of the lower device', () => one.link('home', 'low') === undefined);
      await one.leads('away', 'one', one === late ? lateFate(kind, kind.lowerDies) : kind.lowerDies);
    }
    if (kind.lowerDies === 'gone') events.push('linkRemoved away');
    await watched.tells('one', events);
  });

for (const kind of KINDS)
  test(`tells what becomes of ${kind.kind}${kind.variant ?? ''} when its home is deleted`, async (t) => {
    scene(t);
    const watched = await WatchedLinks.open(t);
    if (!make(kind, 'one')) return;
    move('one');
    await waitFor('the move', () => watched.link('away', 'one') !== undefined);
    const late = await WatchedLinks.open(t);
    await watched.leads('away', 'one', kind.abroad);
    ip('netns', 'del', 'home');
    for (const one of [watched, late]) {
      await waitFor('the end of its home', () => one.names('home').length === 0);
      await one.leads('away', 'one', one === late ? lateFate(kind, kind.homeDies) : kind.homeDies);
    }
  });

test('docs/links.md has each kind in its table', () => {
  const rows = read('docs/links.md').match(/^\| [^|\n]+(?=\|(?:[^|\n]*\|){6}$)/gm) ?? [];
  const documented = new Set(rows.flatMap((cell) => cell.match(/[\w]+/g) ?? []));
  for (const { kind } of KINDS) assert(documented.has(kind), kind);
});
