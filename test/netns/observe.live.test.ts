/** What is seen of a path on a kernel that gives file handles of namespaces, and where there are none (before Linux 6.18). */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Observer } from '../../src/netns/observe.ts';
import type { Observation } from '../../src/netns/observe.ts';
import { errno } from '../../src/sys/errno.ts';
import { linux } from '../../src/sys/system.ts';
import type { System } from '../../src/sys/system.ts';
import { cPath } from '../../src/netns/names.ts';
import { withoutLeak } from '../support/descriptors.ts';
import { faulty } from '../support/faults.ts';
import {
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  unmountNamespace,
} from '../support/netns.ts';

const real = linux();
const directory = netnsDirectory();
addNamespace(`${directory}/net`);
writeFileSync(`${directory}/uts`, '');
execFileSync('mount', ['--bind', '/proc/self/ns/uts', `${directory}/uts`]);
symlinkSync('net', `${directory}/link`);
symlinkSync('loop', `${directory}/loop`);
writeFileSync(`${directory}/empty`, '');
writeFileSync(`${directory}/content`, 'x');
mkdirSync(`${directory}/directory`);

const look = (system: System, name: string, follow = true): Observation =>
  new Observer(system).observe(cPath(directory, name), follow);

/** The system of a kernel that lacks these calls. */
const without = (missing: Partial<Record<keyof System, number>>): System =>
  faulty(real, (call) => {
    const number = missing[call];
    return number === undefined ? undefined : -number;
  }).system;

const kernels: Record<string, System> = {
  'this kernel': real,
  'no file handles': without({ namespaceHandle: errno.EOPNOTSUPP }),
};

for (const [kernel, system] of Object.entries(kernels)) {
  test(`${kernel}: each kind of file`, async () => {
    const { dev, ino, mtimeNs } = statSync(`${directory}/net`, { bigint: true });
    await withoutLeak(() => {
      for (const name of ['net', 'link']) {
        const found = look(system, name);
        assert.ok(found.kind === 'namespace', name);
        assert.equal(found.symlink, name === 'link');
        const { dev: d, ino: i, since } = found.namespace;
        assert.deepEqual([d, i, since], [dev, ino, mtimeNs]);
        if (system !== real) assert.equal(found.namespace.id, null);
      }
      const kinds = ['uts', 'loop', 'empty', 'content', 'directory', 'missing', 'content/x'].map((name) => {
        const found = look(system, name);
        return found.kind === 'file' ? `${found.reason}${found.fresh ? ' fresh' : ''}` : found.kind;
      });
      assert.deepEqual(kinds, [
        'wrong-type',
        'dangling-symlink',
        'not-a-namespace fresh',
        'not-a-namespace',
        'directory',
        'missing',
        'missing',
      ]);
      const link = look(system, 'link', false);
      assert.ok(link.kind === 'file' && link.reason === 'not-a-namespace' && link.symlink && !link.fresh);
    });
  });
}

test('before Linux 4.11 the kind of a namespace cannot be asked: taken for a network namespace', () => {
  const old = without({ namespaceHandle: errno.ENOSYS, namespaceType: errno.ENOTTY });
  assert.equal(look(old, 'net').kind, 'namespace');
});

/** Looks at a name; something happens once, between the first two calls. */
function lookDisturbed(
  system: System,
  name: string,
  happens: () => void,
): { first: Observation; other: Observation } {
  let armed = false;
  const disturbed = faulty(system, (call) => {
    if (armed && call !== 'stat') {
      armed = false;
      happens();
    }
    return undefined;
  });
  const observer = new Observer(disturbed.system);
  armed = true;
  const first = observer.observe(cPath(directory, name), true);
  assert.equal(armed, false);
  return { first, other: observer.observe(cPath(directory, 'net'), true) };
}

for (const [kernel, system] of Object.entries(kernels)) {
  test(`${kernel}: gone between two calls: missing`, () => {
    addNamespace(`${directory}/gone`);
    const { first, other } = lookDisturbed(system, 'gone', () => deleteNamespace(`${directory}/gone`));
    assert.equal(first.kind, 'missing');
    assert.deepEqual(other, look(system, 'net'));
  });

  // Fails where one failure is taken for a kernel without handles: `ip netns del` unmounts before it removes.
  test(`${kernel}: unmounted between two calls: a file; and the next look finds as much as ever`, () => {
    addNamespace(`${directory}/bare`);
    const { first, other } = lookDisturbed(system, 'bare', () => unmountNamespace(`${directory}/bare`));
    assert.equal(first.kind, 'file');
    assert.deepEqual(other, look(system, 'net'));
    unlinkSync(`${directory}/bare`);
  });
}

// Fails where a name that changes under the look is left out of a listing: no record would bring it back.
test('mounted anew between two calls: not missing', () => {
  addNamespace(`${directory}/again`);
  const { first } = lookDisturbed(real, 'again', () => {
    unmountNamespace(`${directory}/again`);
    mountNamespace(`${directory}/again`);
  });
  assert.equal(first.kind, 'namespace');
  deleteNamespace(`${directory}/again`);
});

test('too many open files, and only an open file tells its kind: taken for a network namespace', () => {
  const full = without({ namespaceHandle: errno.ENOSYS, open: errno.EMFILE });
  assert.equal(look(full, 'net').kind, 'namespace');
});

test('no /proc: said at once', () => {
  assert.throws(() => new Observer(without({ stat: errno.ENOENT })), {
    code: 'ERR_NLINK_UNSUPPORTED_KERNEL',
    message: /\/proc/,
  });
});
