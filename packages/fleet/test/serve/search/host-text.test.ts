/** Whatever the search finds on a host is in its JSON and in its texts: no host is passed over. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import fc from 'fast-check';
import { runs } from '../../../../../test/support/runs.ts';
import {
  event,
  identity,
  link,
  linkRow,
  named,
  row,
  snapshot,
} from '../../../../../test/page/support/wire.ts';
import { Replay, search, termsOf } from '../../../src/core.ts';
import type { LinkRow, NamespaceRow, WireEvent, WireSnapshot } from '../../../src/core.ts';
import { HostText } from '../../../src/serve/search/host-text.ts';
import { RawJson } from '../../../src/serve/search/raw-json.ts';
import { HOSTILE } from '../support/hosts.ts';

const text = fc.oneof(
  fc.constantFrom('web', 'Caf\u00e9', 'a"b', 'back\\slash', 'x:y', 'node-1', '4026', ...HOSTILE),
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
);
const small = fc.integer({ min: 1, max: 40 });
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
/** Called as no name is. */
const owner = orNull(
  fc.record({
    kind: fc.constantFrom('docker', 'service'),
    name: text.map((name) => `o-${name}`),
    id: orNull(text),
  }),
);

interface Made {
  row: NamespaceRow;
  links: LinkRow[];
}

const made: fc.Arbitrary<Made> = fc
  .record({
    name: orNull(text),
    at: small,
    nsid: orNull(small),
    own: fc.boolean(),
    hasId: fc.boolean(),
    pids: fc.array(small, { maxLength: 3 }),
    owner,
    lingering: fc.boolean(),
    linksState: fc.constantFrom('live', 'limited', 'pending', null),
    links: fc.array(
      fc.record({
        ifindex: small,
        name: text,
        kind: fc.constantFrom('veth', 'bridge', null),
        state: fc.constantFrom('up', 'down', 'unknown', 'lower-layer-down', null),
        up: orNull(fc.boolean()),
        address: fc.constantFrom(null, '02:42:AC:11:00:02', '02:00:00:00:00:01'),
        altNames: fc.array(text, { maxLength: 1 }),
        alias: orNull(text),
        peerState: fc.constantFrom('paired', 'closed', null),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ name, at, hasId, links, ...rest }) => {
    const one = row({
      ...(name === null ? {} : { ...named(name), ready: true }),
      ...rest,
      number: at,
      namespace: hasId ? identity(at) : { ...identity(at), id: null },
    });
    const where = { ...one, names: name === null ? [] : [named(name)] };
    const all = links.map(({ ifindex, name: of, ...more }) =>
      linkRow(where, link(ifindex, of, more as object)),
    );
    return { row: one, links: all };
  });

const host: fc.Arbitrary<WireSnapshot> = fc
  .uniqueArray(made, { minLength: 1, maxLength: 4, selector: ({ row: { number } }) => number })
  // A path leads to one namespace, and the agent is in one.
  .map((all) =>
    all.filter(
      ({ row: one }, at) =>
        !all
          .slice(0, at)
          .some(({ row: other }) => (one.own && other.own) || (one.name !== null && one.name === other.name)),
    ),
  )
  .map((all) =>
    snapshot(
      all.map((one) => one.row),
      all.flatMap(({ links }) => links),
    ),
  );

/** Words of all kinds that may be found in it, and parts of them. */
function wordsIn(replay: Replay): string[] {
  const words: string[] = [];
  for (const box of replay.model.namespaces.values()) {
    const { label, names, owner: of, nsid, number, identity: is, pids, links } = box;
    words.push(
      label,
      `nsid:${nsid}`,
      `number:${number}`,
      `${number}`,
      `state:${box.linksState}`,
      'state:ling',
    );
    words.push(`inode:${is?.ino}`, `id:${is?.id}`, ...pids.map((pid) => `pid:${pid}`), ...pids.map(String));
    for (const { name, path } of names) words.push(name, path, `name:${path}`);
    if (of !== null) words.push(of.kind, of.name, `owner:${of.name}`, of.id ?? '');
    for (const one of links.values()) {
      words.push(one.name, one.alias ?? '', ...one.altNames, `index:${one.ifindex}`, `mac:${one.address}`);
      words.push((one.address ?? '').replaceAll(':', ''), `kind:${one.kind}`, `state:${one.state}`);
      words.push('state:up', 'state:no-c', 'state:down', `state:${one.peerState}`);
    }
  }
  const parts = words.flatMap((word) => [word, word.slice(1), word.slice(0, -1), word.slice(2, 5)]);
  return [...new Set(parts.flatMap((part) => part.toLowerCase().split(/\s+/)))].filter((part) => part !== '');
}

function findsNoLess(replay: Replay, texts: HostText, json: string): void {
  const raw = new RawJson(json);
  for (const word of wordsIn(replay)) {
    const { namespaces, links } = search(replay.model, word);
    if (namespaces.size + links.size === 0) continue;
    const terms = termsOf(word);
    assert.ok(raw.mayHave(terms), `${JSON.stringify(word)} in JSON`);
    assert.ok(
      terms.every((term) => texts.mayHave(term)),
      `${JSON.stringify(word)} in texts`,
    );
  }
}

test('of a snapshot', () => {
  fc.assert(
    fc.property(host, (given) => {
      const replay = new Replay();
      replay.snapshot(given, 0);
      findsNoLess(replay, HostText.ofSnapshot(given), JSON.stringify(given));
    }),
    { numRuns: runs(200) },
  );
});

test('of events that add to a host', () => {
  const added = ({ row: { name, ...rest }, links }: Made): WireEvent[] => [
    event(name === null ? 'found' : 'created', { ...rest, ...(name === null ? {} : named(name)) }),
    ...links.map((one) => {
      const { ifindex, name: of, kind, state, up, address, altNames, alias, peerState } = one;
      const wire = link(ifindex, of, { kind, state, up, address, altNames, alias, peerState });
      const { nsid, number, namespace, own, pids, owner: whose, names } = one;
      return event('linkAdded', {
        nsid,
        number,
        namespace,
        own,
        pids,
        owner: whose,
        names,
        link: wire,
      } as object);
    }),
  ];
  fc.assert(
    fc.property(fc.array(made, { minLength: 1, maxLength: 4 }), (all) => {
      const events = all.flatMap(added);
      const replay = new Replay();
      replay.snapshot(snapshot([]), 0);
      replay.events(events, events.length, 0);
      findsNoLess(replay, HostText.ofEvents(events), JSON.stringify(events).slice(1, -1));
    }),
    { numRuns: runs(200) },
  );
});

test('fields that need not be there may be missing', () => {
  const name = { name: 'bare', path: '/x/bare', directory: '/x' };
  const where = { nsid: null, namespace: null, own: false };
  const bare = { ifindex: 4, name: 'wire', kind: null, altNames: [], peer: null, linksState: 'live' };
  const given = JSON.parse(
    JSON.stringify({ ...snapshot([]), namespaces: [{ ...where, ...name }], links: [{ ...where, ...bare }] }),
  ) as WireSnapshot;
  const { plain, numbers } = HostText.ofSnapshot(given);
  assert.match(plain, /\nbare\n[^]*\nwire\n/);
  assert.match(numbers, /\nindex 4\n/);
  const events = [
    { type: 'linksUnavailable', time: '' },
    { type: 'created', time: '', ...where, ...name },
  ];
  assert.match(HostText.ofEvents(events as WireEvent[]).plain, /\nbare\n/);
});
