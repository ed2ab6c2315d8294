/** What the words of a search find. */
import { strict as assert } from 'node:assert';
import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { Replay } from '../../src/replay/replay.ts';
import { search } from '../../src/search/search.ts';
import type { Addresses } from '../../src/search/search.ts';
import type { PageModel } from '../../src/replay/replay-types.ts';
import { identity, link, linkRow, named, row, snapshot } from '../page/support/wire.ts';

function modelOf(): PageModel {
  const replay = new Replay();
  const blue = { namespace: identity(7), number: 3 };
  const owner = { kind: 'docker', name: '4f797c539e6c', id: '4f797c539e6cdeadbeef' };
  const box = { namespace: identity(8), number: 4, nsid: 12 };
  const rows = [
    row({ own: true, namespace: identity(1), number: 1, pids: [1] }),
    row({ ...blue, ...named('Blue'), ready: true }),
    row({ ...box, owner, pids: [2214, 2300] }),
  ];
  const links = [
    linkRow(blue, link(2, 'eth0', { address: '02:42:AC:11:00:02', peerState: 'unpaired', alias: 'up link' })),
    linkRow(blue, link(3, 'down0', { kind: 'dummy', up: false })),
    linkRow(box, link(2, 'eth0', { state: 'down', altNames: ['enp0s3'] })),
  ];
  replay.snapshot(snapshot(rows, links), 0);
  return replay.model;
}

const ADDRESSES: Addresses = new Map([['id:8/2', ['10.0.0.2/24', 'fe80::1/64']]]);

const found: readonly [query: string, namespaces: string[], links: string[]][] = [
  ['', [], []],
  ['  ', [], []],
  ['blue', ['id:7 name Blue'], []],
  ['BLU', ['id:7 name Blue'], []],
  ['docker', ['id:8 name docker 4f797c539e6c'], []],
  ['owner:4f79', ['id:8 owner docker 4f797c539e6c'], []],
  ['deadbeef', ['id:8 owner 4f797c539e6cdeadbeef'], []],
  ['2300', ['id:8 pid 2300'], []],
  ['pid:230', [], []],
  ['pid:1', ['own pid 1'], []],
  ['12', ['id:8 nsid 12'], []],
  ['nsid:12', ['id:8 nsid 12'], []],
  ['4026530007', ['id:7 inode 4026530007'], []],
  ['inode:4026530007', ['id:7 inode 4026530007'], []],
  ['id:7', ['id:7 id 7'], []],
  ['number:4', ['id:8 number 4'], []],
  ['index:3', [], ['id:7/3 index 3']],
  ['eth0', [], ['id:7/2 name eth0', 'id:8/2 name eth0']],
  ['enp0', [], ['id:8/2 name enp0s3']],
  ['uplink', [], []],
  ['link', [], ['id:7/2 alias up link']],
  ['blue eth0', [], ['id:7/2 name Blue, name eth0']],
  ['eth0 docker', [], ['id:8/2 name eth0, name docker 4f797c539e6c']],
  ['blue docker', [], []],
  ['02:42', [], ['id:7/2 MAC 02:42:ac:11:00:02']],
  ['02-42-AC', [], ['id:7/2 MAC 02:42:ac:11:00:02']],
  ['0242ac110002', [], ['id:7/2 MAC 02:42:ac:11:00:02']],
  ['mac:11:00', [], ['id:7/2 MAC 02:42:ac:11:00:02']],
  ['10.0.0', [], ['id:8/2 address 10.0.0.2/24']],
  ['ip:fe80::1', [], ['id:8/2 address fe80::1/64']],
  ['kind:dummy', [], ['id:7/3 kind dummy']],
  ['dummy', [], []],
  ['state:down', [], ['id:7/3 state down']],
  ['state:no-carrier', [], ['id:8/2 state no-carrier']],
  ['state:unpaired kind:veth', [], ['id:7/2 state unpaired, kind veth']],
  ['state:live', ['id:7 state live', 'id:8 state live'], []],
  ['pid:', ['id:7 ', 'id:8 ', 'own '], ['id:7/2 ', 'id:7/3 ', 'id:8/2 ']],
  ['(', ['own name (this namespace)'], []],
  ['.*', [], []],
];

for (const [query, namespaces, links] of found)
  test(`search for '${query}'`, () => {
    const matches = search(modelOf(), query, ADDRESSES);
    const lines = (map: ReadonlyMap<string, string>): string[] =>
      [...map].map(([key, why]) => `${key} ${why}`).sort();
    assert.deepEqual([lines(matches.namespaces), lines(matches.links)], [namespaces, links]);
  });

test('5,000 namespaces with 2 links each', (t) => {
  const rows = [];
  const links = [];
  for (let at = 1; at <= 5000; at++) {
    const where = { namespace: identity(at), number: at };
    rows.push(row({ ...where, ...named(`ns-${at}`), ready: true, pids: [at * 10] }));
    links.push(linkRow(where, link(1, 'lo', { kind: null })));
    links.push(linkRow(where, link(2, `eth${at}`, { address: `02:42:00:00:00:${(at % 90) + 10}` })));
  }
  const replay = new Replay();
  const begun = performance.now();
  replay.snapshot(snapshot(rows, links), 0);
  const taken = performance.now() - begun;
  const times = ['', 'ns-4', 'ns-49', '4999', 'mac:02:42', 'zzz zz', 'kind:veth eth4'].map((query) => {
    const start = performance.now();
    search(replay.model, query);
    return `${(performance.now() - start).toFixed(1)} ms '${query}'`;
  });
  t.diagnostic(`snapshot ${taken.toFixed(0)} ms, first words after it ${times.join(', ')}`);
  assert.equal(search(replay.model, 'ns-4999').namespaces.size, 1);
});
