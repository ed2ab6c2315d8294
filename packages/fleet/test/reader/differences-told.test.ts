/** What is told of two pictures, row by row of the table of differences.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identity, link, linkRow, named, row, snapshot } from '../../../../test/page/support/wire.ts';
import type { NamespaceRow, WireLink, WireSnapshot } from '../../src/core.ts';
import { differences } from '../../src/reader/differences.ts';
import { Picture } from '../../src/reader/picture.ts';

const ONE = '00000001000000aa';
const RESTARTED = '00000001000000bb';
const BOOTED = '00000002000000aa';

const ready = (name: string, id: number, rest: Partial<NamespaceRow> = {}): NamespaceRow =>
  row({ ...named(name), ready: true, namespace: identity(id), number: id, linksState: 'live', ...rest });
const unready = (name: string): NamespaceRow => row({ ...named(name), ready: false, reason: 'empty' });
const nameless = (id: number, rest: Partial<NamespaceRow> = {}): NamespaceRow =>
  row({ namespace: identity(id), number: id, linksState: 'live', ...rest });
/** `IFF_*`, which a row has, and the page passes over. */
const flagged = (one: WireLink, flags: number): WireLink => ({ ...one, flags }) as WireLink;
const of = (namespaces: NamespaceRow[], rest: Partial<WireSnapshot> = {}): WireSnapshot =>
  snapshot(namespaces, [], { epoch: ONE, ...rest });
const withLinks = (...links: WireLink[]): WireSnapshot =>
  snapshot(
    [ready('a', 1)],
    links.map((one) => linkRow({ ...ready('a', 1), names: [named('a')] }, one)),
    { epoch: ONE },
  );

/** As words: the type, the name, what is another. And `incomplete`, where it is. */
function told(before: WireSnapshot, after: WireSnapshot): string[] {
  const { events, isComplete } = differences(new Picture(before), new Picture(after), 't');
  const words = events.map((event) => {
    const { type, name, changed } = event as typeof event & { changed?: string[] };
    return [type, event.link?.name ?? name, changed?.join()].filter(Boolean).join(' ');
  });
  return isComplete ? words : [...words, 'incomplete'];
}

const TABLE: Readonly<Record<string, [WireSnapshot, WireSnapshot, string[]]>> = {
  'a namespace that is gone': [of([ready('a', 1)]), of([]), ['deleted a', 'destroyed']],
  'one that is new, with a name and without': [
    of([]),
    of([ready('a', 1), nameless(2)]),
    ['created a', 'found'],
  ],
  'a name that is gone': [of([ready('a', 1)]), of([nameless(1)]), ['deleted a']],
  'a name without a namespace': [of([ready('a', 1)]), of([nameless(1), unready('a')]), ['unmounted a']],
  'a name of another namespace': [
    of([ready('a', 1)]),
    of([ready('a', 2)]),
    ['deleted a', 'destroyed', 'created a'],
  ],
  'a name that stood for none is gone: nothing is destroyed': [of([unready('a')]), of([]), ['deleted a']],
  'it is of a namespace now': [of([unready('a')]), of([ready('a', 1)]), ['mounted a']],
  'a new name that stands for none': [of([]), of([unready('a')]), ['created a']],
  'a name that stands after a new one was deleted, and is back': [
    of([ready('a', 1)]),
    of([ready('b', 1), ready('a', 1)]),
    ['deleted a', 'created b', 'created a'],
  ],
  'of another start the order says nothing': [
    of([ready('a', 1)]),
    of([ready('b', 1), ready('a', 1)], { epoch: RESTARTED }),
    ['created b'],
  ],
  'of another boot everything is another one': [
    of([ready('a', 1)]),
    of([ready('a', 1)], { epoch: BOOTED }),
    ['deleted a', 'destroyed', 'created a'],
  ],
  'an nsid, and another one': [
    of([ready('a', 1), ready('b', 2, { nsid: 4 })]),
    of([ready('a', 1, { nsid: 3 }), ready('b', 2, { nsid: 5 })]),
    ['nsidAssigned', 'nsidAssigned'],
  ],
  'an nsid that is gone, which no event tells': [
    of([ready('a', 1, { nsid: 3 })]),
    of([ready('a', 1)]),
    ['incomplete'],
  ],
  'an nsid that another one has now': [
    of([nameless(1, { nsid: 3 })]),
    of([nameless(2, { nsid: 3 })]),
    ['destroyed', 'found'],
  ],
  'an nsid is all that is known': [of([row({ nsid: 3 })]), of([row({ nsid: 3 })]), []],
  'a part that is known no more, which no event tells': [
    of([]),
    of([], { unavailable: ['links'] }),
    ['incomplete'],
  ],
  'a link that is gone, and one that is new': [
    withLinks(link(2, 'x')),
    withLinks(link(3, 'y')),
    ['linkRemoved x', 'linkAdded y'],
  ],
  'whatever differs of a link': [
    withLinks(flagged(link(2, 'x'), 1)),
    withLinks(
      flagged(
        link(2, 'y', {
          altNames: ['z'],
          alias: 'w',
          state: 'down',
          up: false,
          mtu: 9000,
          address: '02:00:00:00:00:01',
        }),
        3,
      ),
    ),
    ['linkChanged y name,altNames,alias,state,up,mtu,address,flags'],
  ],
};

for (const [what, [before, after, expected]] of Object.entries(TABLE))
  test(what, () => assert.deepEqual(told(before, after), expected));
