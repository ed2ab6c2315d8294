import { strict as assert } from 'node:assert';
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstOwner } from '../../../src/netns/processes/first-owner.ts';

test('of several processes the first that has an owner, and not of any number', (t) => {
  const proc = mkdtempSync(join(tmpdir(), 'nlink-proc-'));
  t.after(() => rmSync(proc, { recursive: true }));
  const all = Array.from({ length: 100 }, (_, at) => at + 1);
  for (const pid of all) {
    mkdirSync(join(proc, String(pid)));
    writeFileSync(join(proc, String(pid), 'cgroup'), pid < 60 ? '0::/\n' : `0::/lxc.payload.c${pid}\n`);
  }
  assert.deepEqual(firstOwner(all, proc), { kind: 'lxc', name: 'c60', id: null });
  assert.equal(firstOwner([], proc), null);
  // A host without a service manager has thousands of them.
  for (const pid of all.slice(0, 64)) writeFileSync(join(proc, String(pid), 'cgroup'), '0::/\n');
  assert.equal(firstOwner(all, proc), null);
});

/** A process of a /proc made of files; the same namespace is the same file. */
interface Process {
  parent: number;
  comm: string;
  namespace: string;
  cgroup?: string;
}

const HOST: Process = { parent: 0, comm: 'systemd', namespace: 'host' };
const SESSION = '/user.slice/user-1000.slice/session-2.scope';

const SANDBOXES: [what: string, processes: Record<number, Process>, owner: object | null][] = [
  [
    'firejail, with a process outside and one inside',
    {
      1: HOST,
      20: { parent: 1, comm: 'bash', namespace: 'host', cgroup: SESSION },
      30: { parent: 20, comm: 'firejail', namespace: 'host', cgroup: SESSION },
      31: { parent: 30, comm: 'firejail', namespace: 'jail', cgroup: SESSION },
      90: { parent: 31, comm: ') S 1 (', namespace: 'jail', cgroup: SESSION },
    },
    { kind: 'firejail', name: '30', id: '30' },
  ],
  [
    'bwrap, with a process outside alone, and a program that started another',
    {
      1: HOST,
      30: { parent: 1, comm: 'bwrap', namespace: 'host' },
      31: { parent: 30, comm: 'sh', namespace: 'jail' },
      90: { parent: 31, comm: 'sleep', namespace: 'jail' },
    },
    { kind: 'bubblewrap', name: '30', id: '30' },
  ],
  [
    'bwrap within firejail: who is next to the outside',
    {
      1: HOST,
      30: { parent: 1, comm: 'firejail', namespace: 'host' },
      31: { parent: 30, comm: 'firejail', namespace: 'jail' },
      90: { parent: 31, comm: 'bwrap', namespace: 'jail' },
    },
    { kind: 'firejail', name: '30', id: '30' },
  ],
  [
    'a namespace that something else made within a sandbox',
    {
      1: HOST,
      30: { parent: 1, comm: 'bwrap', namespace: 'host' },
      31: { parent: 30, comm: 'sh', namespace: 'jail' },
      90: { parent: 31, comm: 'sleep', namespace: 'another' },
    },
    null,
  ],
  [
    'a sandbox that shares the namespace that it was started in',
    {
      1: HOST,
      30: { parent: 1, comm: 'ip', namespace: 'host', cgroup: SESSION },
      31: { parent: 30, comm: 'bwrap', namespace: 'named', cgroup: SESSION },
      90: { parent: 31, comm: 'sleep', namespace: 'named', cgroup: SESSION },
    },
    { kind: 'session', name: 'session-2.scope', id: '2' },
  ],
  [
    'the host, with a sandbox in it',
    {
      1: HOST,
      30: { parent: 1, comm: 'bwrap', namespace: 'host' },
      90: { parent: 30, comm: 'sh', namespace: 'host' },
    },
    null,
  ],
  [
    'a service that uses one',
    {
      1: HOST,
      30: { parent: 1, comm: 'bwrap', namespace: 'host', cgroup: '/system.slice/thumbs.service' },
      90: { parent: 30, comm: 'sh', namespace: 'jail', cgroup: '/system.slice/thumbs.service' },
    },
    { kind: 'service', name: 'thumbs.service', id: null },
  ],
  [
    'Flatpak, which uses bwrap',
    {
      1: HOST,
      30: { parent: 1, comm: 'bwrap', namespace: 'host' },
      90: {
        parent: 30,
        comm: 'app',
        namespace: 'jail',
        cgroup: '/app.slice/app-flatpak-org.gnome.Recipes-7.scope',
      },
    },
    { kind: 'flatpak', name: 'org.gnome.Recipes', id: '7' },
  ],
  ['a process whose parent is not shown', { 90: { parent: 30, comm: 'sh', namespace: 'jail' } }, null],
  ['a circle, which no moment has', { 90: { parent: 90, comm: 'bwrap', namespace: 'jail' } }, null],
];

for (const [what, processes, owner] of SANDBOXES)
  test(`a sandbox by the processes above: ${what}`, (t) => {
    const proc = mkdtempSync(join(tmpdir(), 'nlink-proc-'));
    t.after(() => rmSync(proc, { recursive: true }));
    for (const [pid, { parent, comm, namespace, cgroup = '/' }] of Object.entries(processes)) {
      const file = join(proc, namespace);
      writeFileSync(file, '');
      mkdirSync(join(proc, pid, 'net'), { recursive: true });
      linkSync(file, join(proc, pid, 'net', 'dev'));
      writeFileSync(join(proc, pid, 'stat'), `${pid} (${comm}) S ${parent} ${pid} ${pid} 0 -1\n`);
      writeFileSync(join(proc, pid, 'cgroup'), `0::${cgroup}\n`);
    }
    assert.deepEqual(firstOwner([90], proc), owner);
  });
