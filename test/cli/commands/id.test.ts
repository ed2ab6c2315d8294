/** `nlink id` and `nlink set` over a connection that the test holds. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { run } from '../../../src/cli/run.ts';
import { RTM_NEWNSID } from '../../../src/netlink/constants.ts';
import { refusal } from '../support/fake-connection.ts';
import { FakeIo } from '../support/fake-io.ts';
import { identity, listed } from '../support/lines.ts';

/** A host with the names `blue` (id 5) and `77` (none), and process 1234 (id 3). */
function host(): FakeIo {
  const io = new FakeIo();
  io.namespaces = ['blue', '77'].map((name) => ({ ...listed(name), ready: true, namespace: identity }));
  io.connection.nsids = { '/run/netns/blue': 5, '/run/netns/77': null, '/proc/1/ns/net': 0, 1234: 3 };
  return io;
}

const meant: [string, string, string][] = [
  ['blue', '5', '{"nsid":5,"name":"blue","path":"/run/netns/blue"}'],
  ['77', 'none', '{"nsid":null,"name":"77","path":"/run/netns/77"}'],
  ['1234', '3', '{"nsid":3,"pid":1234}'],
  ['/proc/1/ns/net', '0', '{"nsid":0,"path":"/proc/1/ns/net"}'],
];

for (const [word, human, json] of meant) {
  test(`nlink id ${word}: ${human}`, async () => {
    for (const [words, expected] of [
      [[word], human],
      [['--json', word], json],
    ] as const) {
      const io = host();
      assert.equal(await run(['id', '-d', '/run/netns', ...words], io), 0);
      assert.deepEqual([io.stdout.text, io.stderr.text], [`${expected}\n`, '']);
      assert.ok(io.connection.closed);
    }
  });
}

test('a path is one with a slash: a relative one starts where the command does', async () => {
  const io = host();
  const path = `${process.cwd()}/./blue`;
  io.connection.nsids[path] = 9;
  assert.equal(await run(['id', './blue'], io), 0);
  assert.equal(io.stdout.text, '9\n');
});

test('what is not there: what it was taken for, and 1', async () => {
  for (const [word, expected] of [
    ['nope', /^nlink: ENOENT: open '\/run\/netns\/nope': there is no such namespace/],
    ['4711', /^nlink: ESRCH: RTM_GETNSID: .*; 4711 is not a name in \/run\/netns either\n$/],
    // No process can have these numbers.
    ['0', /^nlink: ENOENT: open '\/run\/netns\/0'/],
    ['99999999999', /^nlink: ENOENT: open '\/run\/netns\/99999999999'/],
  ] as const) {
    const io = host();
    assert.equal(await run(['id', '-d', '/run/netns', word], io), 1);
    assert.match(io.stderr.text, expected);
    assert.equal(io.stdout.text, '');
    assert.ok(io.connection.closed);
  }
});

test('what no namespace can be called: 2, before anything is asked', async () => {
  for (const word of ['.', '..', 'n'.repeat(256)]) {
    const io = host();
    assert.equal(await run(['id', word], io), 2);
    assert.match(io.stderr.text, /cannot be the name of a network namespace/);
    assert.deepEqual(io.connection.asked, []);
  }
});

test('nlink set: assigns, and prints the id', async () => {
  for (const [words, asked, printed] of [
    [['blue', '7'], 'set {"path":"/run/netns/blue"} 7', '7'],
    [['77', 'auto'], 'set {"path":"/run/netns/77"} auto', '7'],
    [['1234', '0'], 'set {"pid":1234} 0', '7'],
    [['--json', '1234', '2147483647'], 'set {"pid":1234} 2147483647', '{"nsid":7,"pid":1234}'],
  ] as const) {
    const io = host();
    io.connection.assign = 7;
    assert.equal(await run(['set', '-d', '/run/netns', ...words], io), 0);
    assert.deepEqual(io.connection.asked, [asked]);
    assert.deepEqual([io.stdout.text, io.stderr.text], [`${printed}\n`, '']);
    assert.ok(io.connection.closed);
  }
});

test('nlink set: a bad id is bad usage, before anything happens', async () => {
  for (const text of ['x', '1.5', '0x10', '1e3', '2147483648', ' 5', 'Auto', '+5']) {
    const io = host();
    assert.equal(await run(['set', 'blue', text], io), 2);
    assert.equal(
      io.stderr.text,
      `nlink: NSID must be a whole number from 0 to 2147483647, or auto, not "${text}"\n` +
        "nlink: Try 'nlink set --help'.\n",
    );
    assert.deepEqual([io.connection.asked, io.opened], [[], 0]);
  }
});

test('nlink set: refused', async () => {
  for (const [number, text, status, expected] of [
    [1, null, 3, /^nlink: EPERM: RTM_NEWNSID.*: assigning an nsid needs CAP_NET_ADMIN .*run as root/],
    [
      17,
      'The specified nsid is already used',
      1,
      /^nlink: EEXIST: RTM_NEWNSID: The specified nsid is already/,
    ],
    [3, 'Peer netns reference is invalid', 1, /; 4711 is not a name in \/var\/run\/netns either\n$/],
  ] as const) {
    const io = host();
    io.connection.assign = refusal(RTM_NEWNSID, number, text);
    assert.equal(await run(['set', '4711', '7'], io), status);
    assert.match(io.stderr.text, expected);
    assert.equal(io.stderr.lines.length, 1, 'no second remedy');
    assert.equal(io.stdout.text, '');
    assert.ok(io.connection.closed);
  }
});
