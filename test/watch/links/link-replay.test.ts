/** What the replay of link events refuses: events that cannot follow those before. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Link, LinkEvent, LinkNamespace } from '../../../src/watch/links/link-types.ts';
import { describeLinks, LinkReplay } from './support/link-replay.ts';
import type { EntryWithLinks } from './support/link-replay.ts';

const netns = (number: number | null): LinkNamespace => ({
  namespace: null,
  number,
  nsid: null,
  names: [],
  own: number === null,
  owner: null,
  pids: [],
});

const link = (ifindex: number, rest: Partial<Link> = {}): Link => ({
  ifindex,
  name: `e${ifindex}`,
  altNames: [],
  alias: null,
  kind: 'veth',
  slaveKind: null,
  state: 'down',
  up: false,
  flags: 0,
  mtu: 1500,
  address: null,
  master: null,
  details: null,
  peer: null,
  peerState: 'unpaired',
  ...rest,
});

const entry = (number: number | null, ...links: Link[]): EntryWithLinks => ({
  ...netns(number),
  names: [],
  owner: null,
  pids: [],
  lingering: false,
  links,
});

const far = { netns: netns(2), ifindex: 7, name: 'far' };
const added: LinkEvent = { type: 'linkAdded', netns: netns(1), link: link(5) };

function replay(...events: LinkEvent[]): LinkReplay {
  const one = new LinkReplay([entry(null, link(1)), entry(1, link(4))]);
  for (const event of events) one.apply(event);
  return one;
}

test('comes to what the events say', () => {
  const paired = link(5, { peer: far, peerState: 'paired' });
  const one = replay(
    added,
    { type: 'linkChanged', netns: netns(1), link: paired, changed: ['peerState', 'peer'] },
    {
      type: 'linkMoved',
      from: { netns: netns(null), ifindex: 1, name: 'e1' },
      to: { netns: netns(1), ifindex: 9, name: 'new' },
      link: link(9, { name: 'new' }),
    },
    { type: 'linkRemoved', netns: netns(1), link: link(4) },
  );
  assert.deepEqual(one.describe(), describeLinks([entry(1, link(9, { name: 'new' }), paired)]));
  const closer = { ...far, netns: { ...netns(2), names: [{ name: 'a', directory: '/', path: '/a' }] } };
  const named = { ...paired, peer: closer };
  // That the far end's namespace has a name now is told by another event.
  assert.deepEqual(one.describe(), describeLinks([entry(1, link(9, { name: 'new' }), named)]));
  one.apply({ type: 'destroyed', number: 1, nsid: null, namespace: null, names: [] });
  assert.deepEqual(one.describe(), []);
});

test('refuses what cannot follow', () => {
  const refused: [RegExp, LinkEvent[]][] = [
    [/it was there/, [added, added]],
    [/was not there/, [{ type: 'linkRemoved', netns: netns(2), link: link(5) }]],
    [/linkRemoved/, [{ type: 'linkRemoved', netns: netns(1), link: link(4, { mtu: 1400 }) }]],
    [/was not there/, [{ type: 'linkChanged', netns: netns(1), link: link(6), changed: ['mtu'] }]],
    [/linkChanged/, [{ type: 'linkChanged', netns: netns(1), link: link(4), changed: ['mtu'] }]],
    [/linkChanged/, [{ type: 'linkChanged', netns: netns(1), link: link(4, { mtu: 9 }), changed: [] }]],
    [
      /linkMoved/,
      [
        {
          type: 'linkMoved',
          from: { netns: netns(null), ifindex: 1, name: 'other' },
          to: { netns: netns(1), ifindex: 9, name: 'e9' },
          link: link(9),
        },
      ],
    ],
    [
      /it was there/,
      [
        {
          type: 'linkMoved',
          from: { netns: netns(null), ifindex: 1, name: 'e1' },
          to: { netns: netns(1), ifindex: 4, name: 'e4' },
          link: link(4),
        },
      ],
    ],
  ];
  for (const [why, events] of refused) assert.throws(() => replay(...events), why);
});
