/** Whether mounts made elsewhere arrive in a directory, by tables of mounts. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { arrivalOf } from '../../../src/netns/mounts/mount-propagation.ts';
import type { MountPropagation } from '../../../src/netns/mounts/mount-propagation.ts';
import { mountHolding, parseMountinfo } from '../../../src/netns/mounts/mountinfo.ts';
import type { Mount } from '../../../src/netns/mounts/mountinfo.ts';

const table = (...lines: string[]): Mount[] =>
  parseMountinfo(Buffer.from(lines.map((line) => `${line}\n`).join('')));

function arrival(own: Mount[], host: Mount[] | null): Omit<MountPropagation, 'holder' | 'shared'> {
  const held = mountHolding(own, '/run/netns');
  assert.ok(held !== null);
  const { holder, shared, ...found } = arrivalOf(own, held, host);
  assert.deepEqual([holder, shared], [held.mountPoint, held.shared !== null]);
  return found;
}

const host = table(
  '20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw',
  '25 20 0:23 / /run rw shared:5 - tmpfs tmpfs rw',
  '60 25 0:23 /netns /run/netns rw shared:5 - tmpfs tmpfs rw',
);

test('the mount namespace of the machine itself, private or not', () => {
  assert.deepEqual(arrival(host, host), { kind: 'host', hostHas: true, foreign: false });
  const closed = table('20 1 8:1 / / rw - ext4 /dev/sda1 rw', '25 20 0:23 / /run rw - tmpfs tmpfs rw');
  assert.equal(arrival(closed, closed).kind, 'host');
});

test('a copy: shared with the machine, a slave of it, private', () => {
  const copy = (tags: string): Mount[] =>
    table('120 1 8:1 / / rw - ext4 /dev/sda1 rw', `125 120 0:23 / /run rw ${tags}- tmpfs tmpfs rw`);
  assert.deepEqual(arrival(copy('shared:5 '), host), { kind: 'peer', hostHas: true, foreign: false });
  assert.deepEqual(arrival(copy('master:5 '), host), { kind: 'slave', hostHas: true, foreign: false });
  assert.deepEqual(arrival(copy('shared:9 master:5 '), host), {
    kind: 'slave',
    hostHas: true,
    foreign: false,
  });
  assert.deepEqual(arrival(copy('shared:9 '), host), { kind: 'shared', hostHas: true, foreign: false });
  assert.deepEqual(arrival(copy(''), host), { kind: 'private', hostHas: true, foreign: false });
});

test('a file system that the machine does not have', () => {
  const own = table('120 1 8:1 / / rw - ext4 /dev/sda1 rw', '125 120 0:99 / /run rw - tmpfs tmpfs rw');
  assert.deepEqual(arrival(own, host), { kind: 'private', hostHas: false, foreign: false });
});

test('in a container that does not see the machine: a part of a file system from elsewhere, and its own', () => {
  const root = '120 1 0:50 / / rw - overlay overlay rw';
  const bound = table(root, '125 120 0:23 /netns /run/netns rw - tmpfs tmpfs rw');
  assert.deepEqual(arrival(bound, null), { kind: 'private', hostHas: null, foreign: true });
  assert.deepEqual(arrival(table(root), null), { kind: 'private', hostHas: null, foreign: false });
});

test('the root of a container, which the machine sees as well: nobody looks for names of the container there', () => {
  const machine = table(
    '20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw',
    '90 20 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw',
  );
  const own = table('120 1 0:50 / / rw - overlay overlay rw');
  assert.deepEqual(arrival(own, machine), { kind: 'private', hostHas: false, foreign: false });
});
