/** The watches in fdinfo of inotify and fanotify instances. */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { watchedInodes } from '../../../src/netns/holders/mark-info.ts';

test('inodes and devices, in hexadecimal, of every watch on a file and of nothing else', () => {
  const fdinfo = [
    'pos:\t0',
    'flags:\t02004000',
    'mnt_id:\t15',
    'ino:\t1057',
    'inotify wd:2 ino:f0000123 sdev:4 mask:fc6 ignored_mask:0 fhandle-bytes:8 fhandle-type:1 f_handle:1230',
    'inotify wd:1 ino:5 sdev:800002 mask:fc6 ignored_mask:0 ',
    'fanotify flags:10 event-flags:0',
    'fanotify ino:f0000124 sdev:100004 mflags:0 mask:1b ignored_mask:0 ',
    'fanotify mnt_id:12 mflags:0 mask:1b ignored_mask:0',
    'fanotify sdev:4 mflags:0 mask:1b ignored_mask:0',
    '',
  ].join('\n');
  assert.deepEqual(watchedInodes(fdinfo), [
    { ino: 0xf0000123n, dev: 4n },
    // 8:2, as major(3) and minor(3) of the C library read it.
    { ino: 5n, dev: 0x802n },
    { ino: 0xf0000124n, dev: 0x104n },
  ]);
  assert.deepEqual(watchedInodes(''), []);
});

test('a minor number of more than a byte, and a major one of twelve bits', () => {
  const [watched] = watchedInodes('inotify wd:1 ino:1 sdev:abc12345 mask:1 ');
  assert.equal(watched?.dev, (0xabcn << 8n) | 0x45n | (0x123n << 20n));
});
