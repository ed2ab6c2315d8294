/**
 * Starting a program in a namespace from a process that stays where it is: whatever system call
 * fails, it is back, or it ends.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { errno } from '../../../src/sys/errno.ts';
import { ownEtc, overlay } from '../../support/etc.ts';
import { freshRun, ip } from '../../support/netns.ts';

const fixture = fileURLToPath(new URL('fixtures/inside.js', import.meta.url));
const PATH = '/run/netns/blue';

interface Outcome {
  seen?: string;
  code?: string;
  calls: string[];
  left: number;
  before: object;
  after: object;
}

function inside(...words: (string | number)[]): Outcome {
  const { stdout, stderr } = spawnSync(process.execPath, [fixture, PATH, ...words.map(String)], {
    encoding: 'utf8',
    cwd: '/usr',
  });
  assert.ok(stdout !== '', stderr);
  return JSON.parse(stdout) as Outcome;
}

function host(t: TestContext): void {
  freshRun(t);
  ownEtc(t);
  ip('netns', 'add', 'blue');
  ip('-n', 'blue', 'link', 'add', 'of-blue', 'type', 'veth', 'peer', 'name', 'other');
  overlay('blue', 'resolv.conf', 'nameserver 192.0.2.99\n');
}

test('the program is inside, the process where it was: namespaces, root and working directory', (t) => {
  host(t);
  const { seen = '', before, after, left } = inside();
  assert.deepEqual(
    seen
      .split('\n')
      .filter((line) => line !== 'lo')
      .sort(),
    ['', '/usr', 'nameserver 192.0.2.99', `net:[${statSync(PATH).ino}]`, 'of-blue', 'other'].sort(),
  );
  assert.deepEqual([after, left], [before, 0]);
});

test('each system call fails once, and comes back where it was; a way back that is shut ends it', (t) => {
  host(t);
  const { calls } = inside();
  const away = calls.indexOf('unshare', calls.indexOf('unshare') + 1);
  assert.ok(away > 0 && calls.filter((call) => call === 'setns').length === 5, calls.join(' '));
  for (const number of [errno.EPERM, errno.ENOMEM]) {
    for (const [index, call] of calls.entries()) {
      const { after, before, code, left } = inside(index + 1, number);
      const which = `${call}, call ${index + 1}, ${number}`;
      assert.equal(left, 0, which);
      // What brings it home is tried again for want of memory, and nothing else is; it ends there.
      const home = index > away && ['setns', 'fchdir', 'chroot'].includes(call);
      if (home && number === errno.EPERM) assert.equal(code, 'ABORTED', which);
      else assert.deepEqual(after, before, which);
      if (home && number === errno.ENOMEM) assert.equal(code, undefined, which);
    }
  }
});

test('without memory to come back for a second: it ends', (t) => {
  host(t);
  const { calls } = inside();
  const home = calls.length - [...calls].reverse().indexOf('chroot');
  assert.equal(inside(home, errno.ENOMEM, 'for-good').code, 'ABORTED');
});
