/**
 * What is seen of a path on a kernel that gives file handles of namespaces, and where there are
 * none (before Linux 6.18).
 */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { sameNamespace } from '../../../src/netns/identity/identity.ts';
import type { NamespaceId } from '../../../src/netns/identity/identity.ts';
import { Observer } from '../../../src/netns/identity/observe.ts';
import type { Observation } from '../../../src/netns/identity/observe.ts';
import { errno } from '../../../src/sys/errno.ts';
import { linux } from '../../../src/sys/system.ts';
import type { System } from '../../../src/sys/system.ts';
import { cPath } from '../../../src/reference/names.ts';
import { withoutLeak } from '../../support/descriptors.ts';
import { faulty } from '../../support/faults.ts';
import { hasHandles } from '../../support/old-kernels.ts';
import {
  addNamespace,
  deleteNamespace,
  mountNamespace,
  netnsDirectory,
  spawnHolder,
  unmountNamespace,
} from '../../support/netns.ts';

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

test('gone between two looks: missing', () => {
  assert.equal(
    look(without({ namespaceHandle: errno.EOPNOTSUPP, open: errno.ENOENT }), 'net').kind,
    'missing',
  );
});

for (const [kernel, base] of Object.entries(kernels)) {
  test(`${kernel}: another mount between two questions: the look starts anew`, (t) => {
    const path = cPath(`${directory}/changing`);
    t.after(() => rmSync(`${directory}/changing`, { force: true }));
    const change: (() => void)[] = [];
    const asked = hasHandles(base) ? 'namespaceHandle' : 'open';
    const { system } = faulty(base, (call) => {
      if (call === asked) change.shift()?.();
      return undefined;
    });
    const observer = new Observer(system);
    addNamespace(`${directory}/changing`);
    const first = observer.observe(path, true);
    change.push(() => mountNamespace(`${directory}/changing`));
    const second = observer.observe(path, true);
    assert.ok(first.kind === 'namespace' && second.kind === 'namespace');
    assert.notEqual(second.namespace.ino, first.namespace.ino);
    change.push(() => unmountNamespace(`${directory}/changing`));
    assert.deepEqual(observer.observe(path, true), first);
    change.push(() => unmountNamespace(`${directory}/changing`));
    assert.equal(observer.observe(path, true).kind, 'file');
    mountNamespace(`${directory}/changing`);
    change.push(() => deleteNamespace(`${directory}/changing`));
    assert.equal(observer.observe(path, true).kind, 'missing');
  });
}

test('without file handles, no more open files: said, not taken for missing', () => {
  const system = without({ namespaceHandle: errno.EOPNOTSUPP, open: errno.EMFILE });
  assert.throws(() => look(system, 'net'), { code: 'EMFILE' });
});

test('a symbolic link to the namespace of a process, and the process ends', async (t) => {
  const holder = await spawnHolder(t);
  symlinkSync(`/proc/${holder.pid}/ns/net`, `${directory}/process`);
  for (const system of Object.values(kernels)) {
    const found = look(system, 'process');
    assert.ok(found.kind === 'namespace' && found.symlink);
    assert.equal(found.namespace.ino, statSync(`/proc/${holder.pid}/ns/net`, { bigint: true }).ino);
  }
  await holder.end();
  for (const system of Object.values(kernels)) {
    const found = look(system, 'process');
    assert.ok(found.kind === 'file' && found.reason === 'dangling-symlink');
  }
});

function identity(path: string): NamespaceId {
  const found = new Observer(real).observe(cPath(path), true);
  assert.ok(found.kind === 'namespace');
  return found.namespace;
}

test('two names of one namespace have one identity, which its successor never has', () => {
  const path = `${netnsDirectory()}/name`;
  const seen: NamespaceId[] = [];
  for (let round = 0; round < 50; round++) {
    addNamespace(path);
    const first = identity(path);
    writeFileSync(`${path}-2`, '');
    execFileSync('mount', ['--bind', path, `${path}-2`]);
    assert.deepEqual(identity(`${path}-2`), first);
    assert.ok(seen.every((other) => !sameNamespace(other, first)));
    seen.push(first);
    deleteNamespace(`${path}-2`);
    deleteNamespace(path);
  }
});

test('no /proc: said at once', () => {
  assert.throws(() => new Observer(without({ stat: errno.ENOENT })), {
    code: 'ERR_NLINK_UNSUPPORTED_KERNEL',
    message: /\/proc/,
  });
});
