import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { digest } from '../../../src/page/layout/digest.ts';
import { holderWords, unseenWords } from '../../../src/page/layout/holder-words.ts';
import type { Holders } from '../../../src/page/layout/holder-words.ts';
import { orderOf } from '../../../src/page/layout/order.ts';
import { COLUMNS, tableRows } from '../../../src/page/layout/table-rows.ts';
import { boxWords, clipped, farWords, whoWords } from '../../../src/page/layout/words.ts';
import type { PageLink } from '../../../src/replay/replay-types.ts';
import { Lab } from '../support/generated-model.ts';

const linkOf = (lab: Lab, label: string, name: string): PageLink => {
  const key = lab.keys.find((one) => lab.get(one).label === label) as string;
  return [...lab.get(key).links.values()].find((link) => link.name === name) as PageLink;
};

test('each state is a word of its own', () => {
  const lab = new Lab({ states: true });
  const words = (label: string): string =>
    whoWords(lab.get(lab.keys.find((key) => lab.get(key).label === label) as string));
  assert.equal(words('links-approximate'), 'links approximate');
  assert.equal(words('links-limited'), 'names of links only');
  assert.equal(words('links-closed'), 'links closed to the server');
  assert.equal(words('links-pending'), 'links are being read');
  assert.equal(words('lingers'), 'lives without a name · pid 123');
  assert.equal(words('dead'), 'destroyed');
});

test('a far end is said as nlink links says it', () => {
  const lab = new Lab({ states: true, routers: 2 });
  assert.equal(farWords(linkOf(lab, 'r1', 'right')), 'r2:left');
  assert.equal(farWords(linkOf(lab, '(this namespace)', 'eth0.100')), 'on eth0');
  assert.equal(farWords(linkOf(lab, 'far-unpaired', 'eth0')), 'no other end');
  assert.equal(farWords(linkOf(lab, 'far-closed', 'eth0')), 'closed');
  assert.equal(farWords(linkOf(lab, 'one-sided', 'mac0')), '(this namespace):eth0 (one-sided)');
});

test('what is said of a box has nothing that is not drawn, or turns the text around', () => {
  const lab = new Lab({ hostile: true });
  for (const key of lab.keys) assert.doesNotMatch(boxWords(lab.get(key), null), /[\p{Cc}\u202e\p{Cs}]/u);
});

test('text that is clipped fits, and is the beginning of it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer({ min: 2, max: 30 }),
      (text, most) => {
        const fits = clipped(text, most);
        assert.ok(Array.from(fits).length <= most);
        assert.ok(text.startsWith(fits.replace(/…$/, '')) || fits === text);
      },
    ),
  );
  assert.equal(clipped('docker 4f797c539e6c', 10), 'docker 4f…');
  assert.equal(clipped('日本語の名前', 7), '日本語…');
});

test('numbers in labels are sorted as numbers', () => {
  const labels = ['r10', 'r2', 'r1', 'a'];
  assert.deepEqual(
    labels.toSorted((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1)),
    ['a', 'r1', 'r2', 'r10'],
  );
});

test('the table has a row for each link, and one for a namespace without', () => {
  const lab = new Lab({ containers: 2, states: true });
  const rows = tableRows(lab.model, { column: 'link', down: false }, () => true);
  const links = lab.keys.reduce((sum, key) => sum + Math.max(1, lab.get(key).links.size), 0);
  assert.equal(rows.length, links);
  const names = rows.map(({ texts }) => orderOf(texts[COLUMNS.indexOf('link')] as string));
  assert.deepEqual(names, names.toSorted());
  const down = tableRows(lab.model, { column: 'link', down: true }, ({ link }) => link?.kind === 'veth');
  assert.ok(down.every(({ link }) => link?.kind === 'veth'));
});

test('many changes are one sentence', () => {
  const lab = new Lab();
  lab.tell('created', null, 'a created');
  lab.tell('created', null, 'b created');
  const events = lab.model.events.slice(-2);
  assert.equal(digest(events), 'a created; b created');
  const many = Array.from({ length: 12 }, () => events[0] as (typeof events)[0]);
  assert.equal(digest(many), '12 changes: a created; a created; a created …');
  assert.equal(digest([]), '');
});

test('what keeps a namespace alive is said in the words of nlink explain', () => {
  const who = { pid: 4802, comm: 'podman', owner: null };
  const mount = { ...who, mountPoint: '/run/netns/blue', mountNamespace: '4026532385' };
  const holders: Holders = {
    processes: [
      {
        pid: 7,
        comm: 'a\nb',
        uid: 0,
        threads: [9],
        owner: { kind: 'docker', name: '4f797c539e6c', id: null },
      },
    ],
    descriptors: [
      { ...who, fd: 12, pathOnly: false },
      { ...who, fd: 13, pathOnly: true },
    ],
    mounts: [mount, { ...mount, mountNamespace: '4026532386' }],
    watches: [{ ...who, fd: 4, kind: 'inotify' }],
    unseen: { processes: 1, sockets: 0, mounts: 2 },
  };
  assert.deepEqual(holderWords(holders), [
    String.raw`process 7 ("a\nb"), user 0, with thread 9 alone, docker 4f797c539e6c`,
    '2 open descriptors of PID 4802 (podman): fd 12, 13 (O_PATH)',
    'a watch (inotify) on its file of PID 4802 (podman): fd 4',
    'mount /run/netns/blue in mnt:[4026532385], that of PID 4802 (podman), and 1 copy of it',
  ]);
  assert.equal(
    unseenWords(holders),
    '1 process may not be looked into; the mounts of 2 processes may not be read',
  );
});
