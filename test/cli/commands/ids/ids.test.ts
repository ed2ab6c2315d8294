/**
 * `nlink ids` over connections that the test holds: what is printed, and how it is put together
 * while things change.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../../src/cli/run.ts';
import { RTM_GETNSID } from '../../../../src/netlink/constants.ts';
import type { NamespaceEntry } from '../../../../src/netns/names/entry.ts';
import { systemError } from '../../../../src/sys/errno.ts';
import { FakeConnection, listing, OWN, refusal } from '../../support/fake-connection.ts';
import { FakeIo } from '../../support/fake-io.ts';
import { identity, listed } from '../../support/lines.ts';

const path = (name: string): string => listed(name).path;
const entry = (name: string): NamespaceEntry => ({ ...listed(name), ready: true, namespace: identity });
const DIRECTORY = ['-d', '/run/netns'];
const denied = refusal(RTM_GETNSID, 13, 'Target netns reference is invalid');

/** Ids 0, 5 and 12: the own namespace, one with two names, one without. */
function host(): FakeIo {
  const io = new FakeIo();
  io.namespaces = [
    entry('blue'),
    entry('my net'),
    entry('free'),
    { ...listed('stale'), ready: false, namespace: null, reason: 'not-a-namespace' },
  ];
  io.connection.nsids = { [OWN]: 0, [path('blue')]: 5, [path('my net')]: 5, [path('free')]: null };
  io.connection.list = listing(0, 5, 12);
  return io;
}

/** Runs it to its end; whatever happened, everything is closed. */
async function ids(io: FakeIo, ...words: string[]): Promise<number> {
  const status = await run(['ids', ...DIRECTORY, ...words], io);
  assert.ok(io.connection.closed);
  for (const connection of io.inside.values()) assert.equal(connection.closed, io.entered.length > 0);
  return status;
}

test('columns: numbers to the right, all names of a namespace, escaped, one of them the own', async () => {
  const io = host();
  io.namespaces.push(entry('home'));
  io.connection.nsids[path('home')] = 0;
  assert.equal(await ids(io), 0);
  assert.deepEqual(io.stdout.lines, [
    'NSID  NAMES',
    '   0  home (this namespace)',
    '   5  blue, "my net"',
    '  12',
  ]);
  assert.equal(io.stderr.text, '');
});

test('JSON: one array', async () => {
  const io = host();
  assert.equal(await ids(io, '--json'), 0);
  assert.equal(
    io.stdout.text,
    '[{"nsid":0,"names":[],"own":true,"current":0},' +
      '{"nsid":5,"names":[{"name":"blue","path":"/run/netns/blue"},{"name":"my net","path":"/run/netns/my net"}],"own":false,"current":5},' +
      '{"nsid":12,"names":[],"own":false,"current":12}]\n',
  );
  assert.equal(io.stderr.text, '');
});

test('none: a note and no header; JSON: an empty array and no note', async () => {
  const io = new FakeIo();
  assert.equal(await ids(io), 0);
  assert.deepEqual(
    [io.stdout.text, io.stderr.text],
    ['', 'nlink: no nsids are assigned in this network namespace\n'],
  );
  const json = new FakeIo();
  assert.equal(await ids(json, '--json'), 0);
  assert.deepEqual([json.stdout.text, json.stderr.text], ['[]\n', '']);
});

test('colours on a terminal only', async () => {
  for (const terminal of [true, false]) {
    const io = host();
    io.stdout.isTTY = terminal;
    assert.equal(await ids(io), 0);
    assert.equal(io.stdout.text.includes('\x1b['), terminal);
  }
});

for (const [reason, meaning] of [
  ['dump-truncated', 'since Linux 6.10 the kernel truncates its list after about 1150 nsids'],
  ['dump-interrupted', 'nsids changed while the kernel listed them'],
] as const) {
  test(`${reason}: listed again with the ids of the names, said on stderr, 0`, async () => {
    const io = host();
    io.connection.list = { entries: [{ nsid: 0, current: 0 }], complete: false, reason };
    assert.equal(await ids(io, '--json'), 0);
    assert.deepEqual(io.connection.asked, ['list ', 'list 0,5,5']);
    assert.deepEqual(
      JSON.parse(io.stdout.text).map(({ nsid }: { nsid: number }) => nsid),
      [0, 5],
    );
    assert.equal(io.stderr.text, `nlink: there may be more nsids than these (${reason}): ${meaning}\n`);
  });
}

test('an id that is assigned after the list was made has its name all the same', async () => {
  const io = host();
  io.connection.list = () => {
    io.connection.nsids[path('free')] = 1;
    return listing(0, 5);
  };
  assert.equal(await ids(io), 0);
  assert.deepEqual(io.stdout.lines.slice(1), [
    '   0  (this namespace)',
    '   1  free',
    '   5  blue, "my net"',
  ]);
});

test('a name that cannot be asked for is noted, one that was deleted since is not', async () => {
  const io = host();
  delete io.connection.nsids[path('blue')];
  io.connection.nsids[path('free')] = systemError(13, 'open', path('free'));
  assert.equal(await ids(io), 0);
  assert.deepEqual(io.stdout.lines.slice(1), ['   0  (this namespace)', '   5  "my net"', '  12']);
  assert.equal(io.stderr.text, "nlink: cannot read the nsid of free: EACCES: open '/run/netns/free'\n");
});

test('what cannot be listed: the error, 3 for the directory', async () => {
  const io = host();
  const closed = Object.assign(io, {
    listNamespaces: () => Promise.reject(systemError(13, 'scandir', '/run/netns')),
  });
  assert.equal(await ids(closed), 3);
  assert.match(io.stderr.text, /^nlink: EACCES: scandir '\/run\/netns': listing needs read permission/);
  assert.equal(io.stdout.text, '');
});

test('--target: by its id here, with the id that each has here', async () => {
  const io = host();
  io.namespaces = [];
  const entries = [
    { nsid: 3, current: 12 },
    { nsid: 4, current: null },
    { nsid: 200, current: 0 },
  ];
  io.connection.targets[5] = { list: { entries, complete: true }, own: 200 };
  assert.equal(await ids(io, '--target', 'blue'), 0);
  assert.deepEqual(io.stdout.lines, [
    'NSID  CURRENT  NAMES',
    '   3       12',
    '   4        -',
    ' 200        0  (this namespace)',
  ]);
  assert.deepEqual(io.entered, []);
});

test('--target without an id here: from inside', async () => {
  const io = host();
  const inside = new FakeConnection();
  inside.nsids = { [OWN]: null, [path('blue')]: 1, [path('my net')]: 1, [path('free')]: 2 };
  inside.list = listing(1, 2, 3);
  io.inside.set(path('free'), inside);
  assert.equal(await ids(io, '--json', '--target', 'free'), 0);
  const rows = JSON.parse(io.stdout.text) as { nsid: number; current: number | null }[];
  assert.deepEqual(
    rows.map(({ nsid, current }) => [nsid, current]),
    [
      [1, 5],
      [2, null],
      [3, null],
    ],
  );
  assert.deepEqual(io.entered, [{ path: path('free') }]);
});

test('--target that has none: said so', async () => {
  const io = host();
  io.connection.targets[5] = { list: listing(), own: null };
  io.namespaces = [];
  assert.equal(await ids(io, '--target', 'blue'), 0);
  assert.deepEqual(
    [io.stdout.text, io.stderr.text],
    ['', 'nlink: no nsids are assigned in that network namespace\n'],
  );
});

for (const [what, error] of [
  ['without CAP_NET_ADMIN there', denied],
  ['before Linux 5.0', Object.assign(new Error('old'), { code: 'ERR_NLINK_UNSUPPORTED_KERNEL' })],
] as const) {
  test(`--target with an id here, but ${what}: from inside`, async () => {
    const io = host();
    io.connection.targets[5] = { list: error, own: null };
    const inside = new FakeConnection();
    inside.list = listing(8);
    io.inside.set(path('blue'), inside);
    assert.equal(await ids(io, '--target', 'blue'), 0);
    assert.deepEqual(io.stdout.lines, ['NSID  CURRENT  NAMES', '   8        -']);
  });
}

test('--target that may neither be asked for nor entered: 3, and the lesser right that is missing', async () => {
  const io = host();
  io.connection.targets[5] = { list: denied, own: null };
  assert.equal(await ids(io, '--target', 'blue'), 3);
  assert.match(io.stderr.text, /^nlink: EACCES: RTM_GETNSID: .*CAP_NET_ADMIN/);

  const unassigned = host();
  assert.equal(await ids(unassigned, '--target', 'free'), 3);
  assert.match(unassigned.stderr.text, /^nlink: EPERM: setns: .*CAP_SYS_ADMIN/);
});

test('--target that is replaced while it is listed: listed anew, by the id of the new one', async () => {
  const io = host();
  io.namespaces = [];
  io.connection.targets[5] = {
    list: () => {
      io.connection.nsids[path('blue')] = 6;
      return listing(1);
    },
    own: null,
  };
  io.connection.targets[6] = { list: listing(2), own: null };
  assert.equal(await ids(io, '--target', 'blue'), 0);
  assert.deepEqual(io.stdout.lines.slice(1), ['   2        2']);
});

test('--target that ends while it is listed: what the kernel says of it then', async () => {
  const io = host();
  io.connection.targets[5] = {
    list: () => {
      delete io.connection.nsids[path('blue')];
      return refusal(RTM_GETNSID, 22, 'Target netns reference is invalid');
    },
    own: null,
  };
  assert.equal(await ids(io, '--target', 'blue'), 1);
  assert.match(io.stderr.text, /^nlink: ENOENT: open '\/run\/netns\/blue': there is no such namespace\n$/);
});
