/**
 * Names as `ip netns` makes them and as anyone can: told with the right identity, under exactly
 * their bytes, whatever those are; and what is no name stays untold.
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { decodeName, encodeName } from '../../../src/reference/names.ts';
import {
  addNamespace,
  deleteNamespace,
  freshRun,
  ip,
  ipAsync,
  netnsDirectory,
  spawnHolder,
} from '../../support/netns.ts';
import { Replay } from '../support/replay.ts';

const DEFAULT = '/var/run/netns';

/** What Node's own stat says of a name. */
function statOf(path: string): Omit<NamespaceId, 'id'> {
  const { dev, ino, mtimeNs } = statSync(encodeName(path), { bigint: true });
  return { dev, ino, since: mtimeNs };
}

// Fails without the readiness logic, and with any other inode's identity.
test('emits created for ip netns add and deleted for ip netns del, with the same identity', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'before');
  const replay = await Replay.open(t, { directory: DEFAULT });
  assert.deepEqual(
    replay.snapshot.map(({ name, path, ready }) => ({ name, path, ready })),
    [{ name: 'before', path: '/var/run/netns/before', ready: true }],
  );
  await ipAsync('netns', 'add', 'a');
  const created = await replay.next();
  assert(created.type === 'created' && created.ready);
  assert.equal(created.path, '/var/run/netns/a');
  const { id, ...status } = created.namespace;
  assert.deepEqual(status, statOf(created.path));
  assert(id === null || id > 0n);
  await ipAsync('netns', 'del', 'a');
  assert.deepEqual(await replay.next(), {
    type: 'deleted',
    name: 'a',
    path: '/var/run/netns/a',
    namespace: created.namespace,
  });
  await ipAsync('netns', 'del', 'before');
  assert.deepEqual(await replay.settle(), ['deleted before']);
});

test('lists in the order of creation, and emits nothing that the listing holds', async (t) => {
  const directory = netnsDirectory();
  const names = ['z', 'm', 'a', 'q', 'b'];
  for (const name of names) addNamespace(`${directory}/${name}`);
  const replay = await Replay.open(t, { directory });
  assert.deepEqual(
    replay.snapshot.map(({ name }) => name),
    names,
  );
  assert.deepEqual(await replay.settle(), []);
});

// ip(8) opens, lists and enters names all day; only the directory's entries count.
test('emits nothing when a name is used', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'a');
  const replay = await Replay.open(t, { directory: DEFAULT });
  await ipAsync('netns', 'exec', 'a', 'true');
  await ipAsync('-n', 'a', 'link');
  await ipAsync('netns');
  await assert.rejects(ipAsync('netns', 'add', 'a'));
  assert.deepEqual(await replay.settle(), []);
});

test("reports the identity of the process's namespace for ip netns attach", async (t) => {
  freshRun(t);
  ip('netns', 'add', 'other');
  const holder = await spawnHolder(t);
  const replay = await Replay.open(t, { directory: DEFAULT });
  await ipAsync('netns', 'attach', 'a', String(holder.pid));
  const event = await replay.next();
  assert(event.type === 'created' && event.ready);
  assert.equal(event.namespace.ino, statOf(`/proc/${holder.pid}/ns/net`).ino);
});

const odd: [what: string, bytes: Buffer][] = [
  ['a space', Buffer.from('a b')],
  ['a newline at the end', Buffer.from('a\n')],
  ['only a newline', Buffer.from('\n')],
  ['a leading dot', Buffer.from('.hidden')],
  ['three dots', Buffer.from('...')],
  ['a leading dash', Buffer.from('-v')],
  ['a backslash and what mountinfo makes of a space', Buffer.from('a\\040b')],
  ['the suffix that the kernel gives to what was unlinked', Buffer.from('a (deleted)')],
  ['255 bytes', Buffer.alloc(255, 'x')],
  ['255 bytes that are not ASCII', Buffer.from(`x${'é'.repeat(127)}`)],
  ['beyond the BMP', Buffer.from('🐧')],
  ['a true U+FFFD', Buffer.from('a\uFFFD')],
  ['a byte that is not UTF-8', Buffer.from([0x61, 0xff])],
  ['another such byte', Buffer.from([0x61, 0xfe])],
  ['a cut-off sequence', Buffer.from([0x61, 0xe2, 0x82])],
  ['a surrogate in UTF-8, which UTF-8 has not', Buffer.from([0x61, 0xed, 0xb3, 0xbf])],
  ['a control character', Buffer.from([0x1b, 0x5b, 0x41])],
];

// Fails where names pass through Node's own decoding: a\xff, a\xfe and a U+FFFD then are one name.
test('reports names of any bytes as exactly these bytes', async (t) => {
  const directory = netnsDirectory();
  const replay = await Replay.open(t, { directory });
  const names = odd.map(([, bytes]) => decodeName(bytes));
  for (const name of names) addNamespace(`${directory}/${name}`);
  assert.deepEqual(
    await replay.settle(),
    names.map((name) => `created ${name}`),
  );
  for (const [index, event] of replay.events.entries()) {
    const [what, bytes] = odd[index] as (typeof odd)[0];
    assert(event.type === 'created');
    assert.deepEqual(encodeName(event.name), bytes, what);
    assert.deepEqual(encodeName(event.path), Buffer.concat([Buffer.from(`${directory}/`), bytes]), what);
    assert.equal(event.namespace?.ino, statOf(event.path).ino, what);
  }
  const second = await Replay.open(t, { directory });
  assert.deepEqual(
    second.snapshot.map(({ name }) => encodeName(name).toString('hex')).sort(),
    readdirSync(directory, { encoding: 'buffer' })
      .map((bytes) => bytes.toString('hex'))
      .sort(),
  );
  for (const name of names) deleteNamespace(`${directory}/${name}`);
  const deleted = names.map((name) => `deleted ${name}`);
  assert.deepEqual(await replay.settle(), deleted);
  assert.deepEqual(await second.settle(), deleted);
});

test('reports such names from ip netns add and del', async (t) => {
  freshRun(t);
  ip('netns', 'add', 'first');
  const replay = await Replay.open(t, { directory: DEFAULT });
  const names = ['a', 'a b', '.hidden', 'a\n', 'a\udcff'];
  const each = 'for i in a "a b" .hidden "a\n" "$(printf "a\\377")"';
  execFileSync('sh', ['-ec', `${each}; do ip netns add "$i"; ip netns del "$i"; done`]);
  assert.deepEqual(
    await replay.settle(),
    names.flatMap((name) => [`created ${name} (vanished)`, `deleted ${name}`]),
  );
});

// Fails if records with IN_ISDIR count.
test('does not report a subdirectory', async (t) => {
  const directory = netnsDirectory();
  mkdirSync(`${directory}/before`);
  const replay = await Replay.open(t, { directory, readyTimeout: 0 });
  assert.deepEqual(replay.snapshot, []);
  mkdirSync(`${directory}/later`);
  rmdirSync(`${directory}/before`);
  renameSync(`${directory}/later`, `${directory}/renamed`);
  // One name ends where the other begins.
  rmdirSync(`${directory}/renamed`);
  addNamespace(`${directory}/renamed`);
  assert.deepEqual(await replay.settle(), ['created renamed']);
});

test('reports a renamed file as a deletion and a creation, and a linked one as a creation', async (t) => {
  const directory = netnsDirectory();
  const outside = netnsDirectory();
  writeFileSync(`${directory}/a`, '');
  writeFileSync(`${outside}/in`, '');
  const replay = await Replay.open(t, { directory, readyTimeout: 0 });
  renameSync(`${directory}/a`, `${directory}/b`);
  assert.deepEqual(await replay.settle(), ['deleted a', 'created b (not-a-namespace)']);
  linkSync(`${directory}/b`, `${directory}/c`);
  renameSync(`${outside}/in`, `${directory}/in`);
  renameSync(`${directory}/b`, `${outside}/b`);
  const told = await replay.settle();
  assert.deepEqual(told.sort(), ['created c (not-a-namespace)', 'created in (not-a-namespace)', 'deleted b']);
  // Onto a name that is there: that one goes on.
  renameSync(`${directory}/in`, `${directory}/c`);
  assert.deepEqual(await replay.settle(), ['deleted in']);
  unlinkSync(`${directory}/c`);
  assert.deepEqual(await replay.settle(), ['deleted c']);
});
